"""The database from the environment: SQLite by default, PostgreSQL if ``DATABASE_URL`` names one."""

import os
from typing import Any
from urllib.parse import unquote, urlsplit


def from_environment() -> dict[str, Any]:
    if url := os.environ.get("DATABASE_URL"):
        return parse(url)
    return sqlite(os.environ.get("SITE_DATABASE", "site.sqlite3"))


def sqlite(path: str) -> dict[str, Any]:
    # Two commands may write at once. A transaction that starts with a read would be rejected; this one waits.
    options = {"timeout": 20, "transaction_mode": "IMMEDIATE"}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}


def parse(url: str) -> dict[str, Any]:
    """``postgresql://user:password@host:port/name`` or ``sqlite:///path``."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(unquote(parts.path.removeprefix("/")))
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError(f"DATABASE_URL: {parts.scheme}:// is not supported. Use postgresql:// or sqlite:///.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }
