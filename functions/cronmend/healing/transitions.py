"""What a timer, a refusal or the end of a deploy does to an open incident. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from cronmend.alerting import reports
from cronmend.healing import budgets
from cronmend.healing.after_run import telling
from cronmend.model.categories import is_infrastructure
from cronmend.model.incident import Attempt, Change, Incident, JobBook, PlannedRerun
from cronmend.model.keys import attempt_key
from cronmend.model.report import Message, MessageKind, Report

RELEASED = "healing has not succeeded in time; this alert was held until now"


def released(book: JobBook) -> Change:
    """The deadline of a held alert has come: tell people, but let a re-run that is planned go on."""
    return telling(Change(book), MessageKind.ALERT, RELEASED)


def given_up(book: JobBook, reason: str, kind: MessageKind | None = None) -> Change:
    """No re-run will follow: tell people now, and why."""
    incident = replace(_open(book), planned=None, starting="")
    kind = kind or (MessageKind.GAVE_UP if incident.reruns else MessageKind.ALERT)
    return telling(Change(replace(book, incident=incident)), kind, reason)


def yielded(book: JobBook) -> Change:
    """A run that is alive or about to start does the work: no re-run, and the alert stays held by its deadline."""
    incident = _open(book)
    return Change(replace(book, incident=replace(incident, planned=None, starting="")))


def shadowed(book: JobBook, would: str) -> Change:
    """Every guard is clear, and in shadow mode nothing is run: people read what would have been."""
    incident = replace(_open(book), planned=None, starting="")
    reason = f"shadow mode: {would}; nothing was run"
    return telling(Change(replace(book, incident=incident)), MessageKind.ALERT, reason)


def refused(book: JobBook, at: datetime, avoid: tuple[str, ...]) -> Change:
    """AWS had no room for the attempt and started nothing, for certain: the next one is planned.

    The job's own budget gets the re-run back; the budget for failures of AWS pays for it.
    """
    incident = _open(book)
    if not is_infrastructure(incident.category):
        incident = replace(incident, infra_reruns=incident.infra_reruns + 1)
        book = replace(book, rerun_times=book.rerun_times[:-1], infra_times=(*book.infra_times, book.rerun_times[-1]))
    planned = PlannedRerun(incident.reruns + 2, at, avoid=avoid, size=incident.size)
    return Change(replace(book, incident=replace(incident, planned=planned, starting="")))


def looked(book: JobBook, at: datetime) -> Change:
    """The deploy is still open: look again at ``at``."""
    return _replanned(book, at, looks=1)


def hurried(book: JobBook, at: datetime) -> Change:
    """What the re-run waited for has happened: it is due at ``at``."""
    return _replanned(book, at, looks=0)


def claimed(book: JobBook, now: datetime) -> Change:
    """The attempt is taken: whoever loses this write starts no run."""
    incident = _open(book)
    planned = incident.planned or PlannedRerun(incident.reruns + 2, now)
    key = attempt_key(incident.id, planned.attempt)
    attempt = Attempt(
        key, book.job, incident.id, planned.attempt, now, incident.slot, avoid=planned.avoid, size=planned.size
    )
    infrastructure = is_infrastructure(incident.category)
    incident = replace(
        incident,
        planned=None,
        reruns=incident.reruns + 1,
        infra_reruns=incident.infra_reruns + infrastructure,
        starting=key,
        size=planned.size,
    )
    return Change(replace(budgets.spending(book, infrastructure, now), incident=incident), claim=attempt)


def escalated(book: JobBook, report: Report, route: str, after: timedelta) -> Change:
    """Nobody has acknowledged the alert in time: the second route is called, once for each alert."""
    incident, told = _open(book), f"{MessageKind.ESCALATION.value}-{route}-{report.category.value}"
    if told in incident.told:
        return Change(book)
    message = Message(incident.id, book.job, told, reports.of_escalation(report, after), route)
    incident = replace(incident, told=(*incident.told, told))
    return Change(replace(book, incident=incident), messages=(message,))


def acknowledged(book: JobBook, by: str) -> Change:
    """Somebody has taken it on: no escalation and no reminder follows."""
    incident = replace(_open(book), acknowledged_by=by)
    return Change(replace(book, incident=incident))


def _replanned(book: JobBook, at: datetime, looks: int) -> Change:
    incident = _open(book)
    if incident.planned is None:
        raise ValueError(f"incident {incident.id} has no re-run planned")
    planned = replace(incident.planned, at=at, looks=incident.planned.looks + looks)
    return Change(replace(book, incident=replace(incident, planned=planned)))


def _open(book: JobBook) -> Incident:
    if book.incident is None or not book.incident.is_open:
        raise ValueError(f"{book.job} has no open incident")
    return book.incident
