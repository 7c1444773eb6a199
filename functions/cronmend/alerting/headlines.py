"""The first thing that people read: what broke, in words, and the state of the deploy where that matters. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from cronmend.model import WindowState
from cronmend.model.incident import Incident
from cronmend.model.report import MessageKind
from cronmend.wording import moment, times

_DEPLOY: Final = {
    WindowState.OPEN: "a deploy is running",
    WindowState.RECENT: "a deploy has just ended",
    WindowState.CLOSED: "no deploy is running",
    WindowState.STUCK: "the deploy is half done",
    WindowState.OLDER_CODE: "the schedule still runs older code than the service",
}
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
"""What databases say of a schema that lags behind: PostgreSQL, MySQL, SQLite, SQL Server."""
_LOWERED: Final = frozenset({"A", "An", "It", "Its", "No", "Nothing", "Something", "The", "This"})


def of(incident: Incident, kind: MessageKind) -> str:
    """One sentence without a full stop."""
    return f"{name_of(incident.job)} {_predicate(incident, kind)}"


def of_group(what_failed: str, jobs: int, healed: int) -> str:
    """``what_failed`` in words; said again only while most of it still is."""
    if not healed:
        return f"{jobs} jobs failed: {what_failed}"
    if healed >= jobs:
        return f"all {jobs} jobs are healed: {what_failed}"
    return f"{healed} of {jobs} jobs are healed: {what_failed}"


def name_of(job: str) -> str:
    """The schedule's name alone."""
    return job.rsplit("/", 1)[-1]


def why(incident: Incident) -> str:
    """What ended the run and, where that bears on it, what the deploy does."""
    window = incident.diagnosis.window.state
    if not incident.category.traits.shows_deploy or window not in _DEPLOY:
        return what(incident)
    return f"{what(incident)}; {_DEPLOY[window]}"


def what(incident: Incident) -> str:
    """What ended the run, in words that go on after a colon."""
    if incident.category.traits.shows_deploy and (missing := _missing(incident)):
        return missing
    sentence = incident.diagnosis.sentence.strip().removesuffix(".")
    return _lowered(sentence) or incident.category.traits.cause


def short(jobs: Sequence[str], most: int) -> str:
    """The jobs' names, as many as people read."""
    names = ", ".join(name_of(job) for job in jobs[:most])
    return f"{names} and {len(jobs) - most} more" if len(jobs) > most else names


def _missing(incident: Incident) -> str:
    for text in (incident.diagnosis.line, incident.diagnosis.sentence):
        for pattern, kind in _SCHEMA:
            if found := pattern.search(text):
                return f"the database is missing the {kind} {found['name']}"
    return ""


def _lowered(sentence: str) -> str:
    first, space, rest = sentence.partition(" ")
    return f"{first.lower() if first in _LOWERED else first}{space}{rest}"


def _predicate(incident: Incident, kind: MessageKind) -> str:
    said = {
        MessageKind.HALF_DONE: f"can't run: the deploy is half done, and {what(incident)}",
        MessageKind.HEALED: f"is healed: {incident.category.traits.cause}, and the re-run succeeded",
        MessageKind.RECOVERED: "has recovered: a later run succeeded",
        MessageKind.GAVE_UP: f"still fails after {times(incident.reruns, 're-run')}: {why(incident)}",
        MessageKind.REMINDER: f"is still broken: {_since(incident)}",
    }
    return said.get(kind) or f"failed: {why(incident)}"


def _since(incident: Incident) -> str:
    latest = incident.failed.created_at if incident.failed else incident.began_at
    began = moment(incident.began_at, latest)
    return f"failed {times(incident.runs, 'time')} since {began}"
