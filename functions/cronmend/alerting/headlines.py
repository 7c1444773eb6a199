"""Headlines: what failed, in words, and the state of the deploy. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cronmend.alerting import missed_slots, outlook
from cronmend.model import WindowState
from cronmend.model.incident import Incident
from cronmend.model.report import MessageKind
from cronmend.wording import moment, sentence, times

LONG: Final = 150
"""Characters of a headline: the limit of a Slack header."""
SHORT: Final = 99
"""Characters of the short form: the limit of an SNS subject."""
SUMMARY: Final = 130
"""Characters of a text message after the name Cronmend."""

_DEPLOY: Final = {
    WindowState.OPEN: ("a deploy is in progress", "deploy in progress"),
    WindowState.RECENT: ("a deploy just ended",),
    WindowState.CLOSED: ("no deploy is in progress", "no deploy in progress", "no deploy"),
    WindowState.STUCK: ("the deploy is half done",),
    WindowState.OLDER_CODE: ("the schedule runs older code than the service", "older code than the service"),
}
"""Longest first."""
_UNKNOWN_DEPLOY: Final = ("Cronmend couldn't check for a deploy", "deploy not checked")
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
_LOWERED: Final = frozenset({"A", "An", "Cause", "It", "Its", "No", "Nothing", "Something", "The", "This"})


@dataclass(frozen=True, slots=True)
class Headline:
    """One headline in its three lengths."""

    long: str
    short: str
    summary: str

    @property
    def shortened(self) -> str:
        """The short form; ``""`` if the long one is short enough."""
        return self.short if self.short != self.long else ""


def of(incident: Incident, kind: MessageKind) -> Headline:
    """Object, verdict, cause and deploy, without a full stop."""
    verdict = f"{name_of(incident.job)} {_verdict(incident, kind)}"
    match kind:
        case MessageKind.HEALED:
            cause = incident.category.traits.cause
            return plain(
                f"{verdict}: {cause}, and the re-run succeeded",
                f"{verdict}. {sentence(f'{cause}; the re-run succeeded')} No action needed.",
            )
        case MessageKind.RECOVERED:
            return plain(f"{verdict}: {recovery(incident)}", f"{verdict}: {recovery(incident)}. No action needed.")
        case MessageKind.REMINDER:
            return plain(f"{verdict}: {_since(incident)}", f"{verdict}: {_since(incident)}.")
        case MessageKind.HALF_DONE:
            return _half_done(verdict, incident)
        case _:
            return _failed(verdict, incident)


def of_group(what_failed: str, jobs: int, healed: int) -> str:
    """The headline of a group that failed with the cause ``what_failed``."""
    if not healed:
        return clipped(f"{jobs} jobs failed: {what_failed}")
    some = f"all {jobs}" if healed >= jobs else f"{healed} of {jobs}"
    return clipped(f"{some} jobs healed (cause: {what_failed})")


def what_failed(incident: Incident, kind: MessageKind) -> str:
    """The cause that a group shows for all of its jobs."""
    if kind is MessageKind.HALF_DONE:
        return f"the deploy is half done, and {what(incident)}"
    return next(_joined([what(incident)], _deploys(incident)))


def name_of(job: str) -> str:
    """The schedule's name alone."""
    return job.rsplit("/", 1)[-1]


def recovery(incident: Incident) -> str:
    """What ended the incident without a re-run."""
    if missed_slots.are_all(incident):
        return f"it {missed_slots.what(incident)}, and a later run succeeded"
    return "the overdue run has succeeded" if outlook.succeeded_late(incident) else "a later run succeeded"


def what(incident: Incident) -> str:
    """What ended the run, as a clause that follows a colon."""
    if found := missing(incident):
        return f"the database has no {' '.join(found)}"
    if incident.diagnosis.cause:
        return _filled(incident)
    own = incident.diagnosis.sentence.strip().removesuffix(".")
    return _lowered(own) or incident.category.traits.cause


def missing(incident: Incident) -> tuple[str, str] | None:
    """What is missing in the database: its kind and name, such as ``column`` and ``home_page.summary``."""
    if not incident.category.traits.shows_deploy:
        return None
    for pattern, kind in _SCHEMA:
        if found := pattern.search(incident.diagnosis.line):
            return kind, found["name"]
    return None


def short(jobs: Sequence[str], most: int) -> str:
    """The names of the first jobs, and how many more there are."""
    names = ", ".join(name_of(job) for job in jobs[:most])
    return f"{names} and {len(jobs) - most} more" if len(jobs) > most else names


def clipped(text: str, limit: int = LONG) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _verdict(incident: Incident, kind: MessageKind) -> str:
    said = {
        MessageKind.HALF_DONE: "can't run",
        MessageKind.HEALED: "healed",
        MessageKind.RECOVERED: "recovered",
        MessageKind.GAVE_UP: f"still fails after {times(incident.reruns, 're-run')}",
        MessageKind.REMINDER: "still fails",
    }
    return said.get(kind) or _failure(incident)


def _failure(incident: Incident) -> str:
    if missed_slots.are_all(incident):
        return missed_slots.what(incident)
    if verdict := incident.category.traits.verdict:
        return verdict
    if incident.ran:
        return "failed"
    return "can't start" if incident.category.traits.needs_person else "failed to start"


def _failed(verdict: str, incident: Incident) -> Headline:
    causes, deploys = [what(incident), _in_short(incident)], _deploys(incident)
    whole = [f"{verdict}: {each}" for each in _joined(causes, deploys)]
    room = LONG - len(verdict) - len(deploys[0] if deploys else "") - 4
    whole.append(next(_joined([f"{verdict}: {clipped(causes[-1], max(20, room))}"], deploys)))
    cause, deploy, closing = (
        causes[-1],
        sentence(deploys[min(1, len(deploys) - 1)]) if deploys else "",
        _closing(incident),
    )
    summaries = (f"{verdict}: {cause}. {deploy} {closing}", f"{verdict}: {cause}. {closing}", f"{verdict}: {cause}.")
    return Headline(_first(whole, LONG), _first(whole, SHORT), _first(summaries, SUMMARY))


def _half_done(verdict: str, incident: Incident) -> Headline:
    start = f"{verdict}: the deploy is half done"
    whole = (f"{start}, and {what(incident)}", f"{start} ({_in_short(incident)})", start)
    summary = f"{start}. Finish it or roll back. No re-runs until then."
    return Headline(_first(whole, LONG), _first(whole, SHORT), _first((summary, f"{start}."), SUMMARY))


def plain(text: str, summary: str) -> Headline:
    """A text of any length, cut where it doesn't fit."""
    return Headline(clipped(text), clipped(text, SHORT), clipped(summary, SUMMARY))


def _closing(incident: Incident) -> str:
    """The last words of a text message."""
    if incident.planned or incident.starting:
        return "A re-run follows."
    if not incident.ran:
        return "No re-run."
    unsure = incident.diagnosis.is_unsure or incident.category.traits.heals
    return "Check it; no re-run." if unsure else "Needs a fix; no re-run."


def _in_short(incident: Incident) -> str:
    found = missing(incident)
    return f"no {' '.join(found)}" if found else what(incident)


def _deploys(incident: Incident) -> tuple[str, ...]:
    """How the headline ends. It says that Cronmend couldn't check for a deploy if one might explain the failure."""
    state = incident.diagnosis.window.state
    diagnosis = incident.diagnosis
    asks = diagnosis.deploy_explains or diagnosis.deploy_may_explain or incident.category.traits.shows_deploy
    return _UNKNOWN_DEPLOY if state is WindowState.UNKNOWN and asks else _DEPLOY.get(state, ())


def _joined(causes: Iterable[str], deploys: Sequence[str]) -> Iterator[str]:
    """Each cause with each form of the deploy's state, the longest first."""
    for cause in causes:
        if not deploys:
            yield cause
        yield from (f"{cause}; {deploy}" for deploy in deploys)


def _first(texts: Sequence[str], limit: int) -> str:
    """The first text that fits; if none does, the last one, cut."""
    return next((" ".join(each.split()) for each in texts if len(each) <= limit), clipped(texts[-1], limit))


def _filled(incident: Incident) -> str:
    """The rule's cause with its placeholders filled in from the run."""
    line = incident.diagnosis.line
    service = "the database" if _OF_DATABASE.search(line) else "a service"
    own = {"{image}": name_of(incident.image).partition("@")[0], "{service}": service, "{line}": line}
    text = incident.diagnosis.cause
    for placeholder, value in own.items():
        text = text.replace(placeholder, value)
    return " ".join(text.split())


def _lowered(text: str) -> str:
    first, space, rest = text.partition(" ")
    return f"{first.lower() if first in _LOWERED else first}{space}{rest}"


def _since(incident: Incident) -> str:
    if missed_slots.are_all(incident):
        return f"it {missed_slots.what(incident)}"
    latest = incident.failed.created_at if incident.failed else incident.began_at
    return f"{times(incident.runs, 'run')} failed since {moment(incident.began_at, latest)}"
