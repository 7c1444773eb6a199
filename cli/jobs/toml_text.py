"""Tables of jobs → readable TOML."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_DELETE = "\x7f"


def document(group: str, defaults: Mapping[str, Any], jobs: Mapping[str, Mapping[str, Any]], notes: list[str]) -> str:
    parts = ["#:schema ./jobs.schema.json", *_comments(notes)]
    if group:
        parts.append(f"group = {value(group)}")
    if defaults:
        parts += ["", "[defaults]", *_pairs(defaults)]
    return "\n".join(parts) + "\n" + "".join(job(name, table, []) for name, table in jobs.items())


def job(name: str, table: Mapping[str, Any], notes: list[str]) -> str:
    """The table of one job, after a blank line."""
    return "\n".join(["", *_comments(notes), f"[jobs.{key(name)}]", *_pairs(table)]) + "\n"


def _comments(notes: list[str]) -> list[str]:
    return [f"# {' '.join(note.split())}" for note in notes]


def key(name: str) -> str:
    return name if _BARE.fullmatch(name) else value(name)


def value(raw: Any) -> str:
    match raw:
        case str():
            return json.dumps(raw, ensure_ascii=False).replace(_DELETE, "\\u007f")
        case datetime():
            return raw.isoformat().replace("+00:00", "Z")
        case Mapping():
            return "{ " + ", ".join(_pairs(raw)) + " }" if raw else "{}"
        case list() | tuple():
            return "[" + ", ".join(value(item) for item in raw) + "]"
    return json.dumps(raw)


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{key(name)} = {value(item)}" for name, item in table.items()]
