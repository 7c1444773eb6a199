"""Detect the commands that migrate a database. Pure."""

import re
from collections.abc import Iterable, Sequence

KNOWN = (
    "manage.py migrate",
    "django-admin migrate",
    "django migrate",
    "alembic upgrade",
    "flask db upgrade",
    "db:migrate",
    "artisan migrate",
    "doctrine:migrations:migrate",
    "prisma migrate deploy",
    "prisma db push",
    "typeorm migration:run",
    "knex migrate:latest",
    "drizzle-kit migrate",
    "flyway migrate",
    "liquibase update",
    "dbmate up",
    "goose up",
    "atlas migrate apply",
    "sqitch deploy",
    "ecto.migrate",
    "ef database update",
)
"""Words that occur in this order in a migration's command; options may come between them."""
_CHANGES_NOTHING = frozenset({"--check", "--plan", "--dry-run", "--help", "--pretend", "--sql"})
_WORDS = re.compile(r"[^\s;&|()'\"]+")


def is_migration(command: Sequence[str], more: Iterable[str] = ()) -> bool:
    """Whether a container's command migrates a database.

    Args:
        more: phrases beyond :data:`KNOWN`, in the same form.
    """
    words = [_name(word) for part in command for word in _WORDS.findall(part)]
    if _CHANGES_NOTHING.intersection(words):
        return False
    return any(_holds(words, phrase.split()) for phrase in (*KNOWN, *more) if phrase.strip())


def _name(word: str) -> str:
    """A program without its directory; an option unchanged."""
    return word if word.startswith("-") else word.rsplit("/", 1)[-1]


def _holds(words: Sequence[str], phrase: Sequence[str]) -> bool:
    starts = (number for number, word in enumerate(words) if word == phrase[0])
    return any(_follows(words[start + 1 :], phrase[1:]) for start in starts)


def _follows(words: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether the phrase's words follow each other with only options and their values between them."""
    if not phrase:
        return True
    for number, word in enumerate(words):
        if word == phrase[0]:
            return _follows(words[number + 1 :], phrase[1:])
        if not (word.startswith("-") or (number and words[number - 1].startswith("-"))):
            return False
    return False
