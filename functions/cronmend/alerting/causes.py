"""What ended a run, as a clause for headlines that follows a colon. Pure."""

import re
from typing import Final

from cronmend.alerting.plain_words import in_words
from cronmend.model import Category
from cronmend.model.incident import Incident

_NAME: Final = r"[\"'`«»]?(?P<name>[\w.$-]{1,200})[\"'`«»]?"
_SCHEMA: Final = (
    (re.compile(rf"(?i)\b(?:no such column:|unknown column) {_NAME}"), "column"),
    (re.compile(rf"(?i)\bcolumn {_NAME}(?: of relation \S{{1,200}})? does not exist"), "column"),
    (re.compile(r"(?i)\binvalid column name '(?P<name>[^']{1,200})'"), "column"),
    (re.compile(rf"(?i)\brelation {_NAME} does not exist"), "table"),
    (re.compile(rf"(?i)\bno such table: {_NAME}"), "table"),
    (re.compile(rf"(?i)\btable {_NAME} doesn't exist"), "table"),
    (re.compile(r"(?i)\binvalid object name '(?P<name>[^']{1,200})'"), "table"),
    (re.compile(rf"(?i)\btype {_NAME} does not exist"), "type"),
)
"""Errors about an older schema from PostgreSQL, MySQL, SQLite and SQL Server."""
_OF_DATABASE: Final = re.compile(
    r"(?i)\b(?:5432|3306|1433|1521)\b|psycopg|postgres|mysql|mariadb|OperationalError|\bpq\b"
)
"""Database drivers and ports, for a line that doesn't name its service."""
_HOSTS: Final = (
    re.compile(r"\bhttps?://(?:[^/\s'\"@]{1,100}@)?(?P<host>[\w.-]{1,100}(?::\d{1,5})?)"),
    re.compile(r"(?i)\b(?:server (?:at|on)|host=|host) ?[\"'](?P<host>[\w.-]{1,100})[\"']"),
    re.compile(
        r"(?<![\w./-])(?P<host>(?:\d{1,3}\.){3}\d{1,3}:\d{1,5}|[a-z][\w-]{0,60}(?:\.[a-z][\w-]{0,60}){1,6}:\d{2,5})\b"
    ),
)
"""Where a line about a connection names the other end."""
_ACTION: Final = re.compile(
    r"perform:? (?P<action>[a-z][a-z0-9-]{1,40}:\w{1,60})|when calling the (?P<call>\w{1,60}) operation"
)
_LOWERED: Final = frozenset({"A", "An", "Cause", "It", "Its", "No", "Nothing", "Something", "The", "This"})


def of(incident: Incident) -> tuple[str, ...]:
    """What ended the run, the longest form first."""
    diagnosis, traits = incident.diagnosis, incident.category.traits
    if found := missing(incident):
        return f"the database has no {' '.join(found)}", f"no {' '.join(found)}"
    said = in_words(diagnosis.line)
    if incident.category is Category.UNKNOWN and said:
        return f'{_filled(incident)}; the log says "{said}"', f'cause unknown; the log says "{said}"'
    if diagnosis.cause:
        return (_filled(incident),)
    if not said:
        return (_lowered(diagnosis.sentence.strip().removesuffix(".")) or traits.cause,)
    return _stated(incident.category, said)


def _stated(category: Category, said: str) -> tuple[str, ...]:
    """The category in words before the error; an error that a person has to fix stands alone."""
    if category.traits.needs_person:
        return (said,)
    if category.traits.shows_deploy:
        return f"{Category.SCHEMA_MISMATCH.traits.cause}: {said}", f"schema mismatch: {said}"
    return f"{category.traits.cause}: {said}", said


def missing(incident: Incident) -> tuple[str, str] | None:
    """What is missing in the database: its kind and name, such as ``column`` and ``home_page.summary``."""
    if not incident.category.traits.shows_deploy:
        return None
    for pattern, kind in _SCHEMA:
        if found := pattern.search(incident.diagnosis.line):
            return kind, found["name"]
    return None


def _filled(incident: Incident) -> str:
    """The rule's cause with its placeholders filled in from the run."""
    line = incident.diagnosis.line
    image = incident.image.rsplit("/", 1)[-1].partition("@")[0]
    own = {"{image}": image, "{service}": _service(line), "{line}": in_words(line), "{action}": _action(line)}
    text = incident.diagnosis.cause
    for placeholder, value in own.items():
        text = text.replace(placeholder, value)
    return " ".join(text.split()).rstrip(" .") or incident.category.traits.cause


def _action(line: str) -> str:
    """The action that AWS denied."""
    found = _ACTION.search(line)
    return found["action"] or found["call"] if found else "access"


def _service(line: str) -> str:
    """The service by its host, if the line names it."""
    host = next((found["host"] for pattern in _HOSTS if (found := pattern.search(line))), "")
    if _OF_DATABASE.search(line):
        return f"the database {host}".rstrip()
    return host or "a service"


def _lowered(text: str) -> str:
    first, space, rest = text.partition(" ")
    return f"{first.lower() if first in _LOWERED else first}{space}{rest}"
