"""What people are told, neutral of any channel: of one incident, of many, of Cronmend itself. Pure."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cronmend.alerting import details, headlines
from cronmend.alerting.fingerprint import cause_of
from cronmend.model import Category
from cronmend.model.incident import Incident
from cronmend.model.report import ALERTS, ENDINGS, MessageKind, Report
from cronmend.wording import clock, span, times

MOST_JOBS = 40
"""Of a group: as many as people read, and as a message holds."""
NAMED = 5
"""Jobs that one quiet line names."""
_NOTHING = "Nothing has to be done."
_OVER = ("healed", "recovered")
_RUNBOOK = "Runbook"
_ALL_HEALED = "all healed"
_GROUPED = frozenset({"Deploy", "Category", "Decided by", "Deploy signal", "Severity"})
"""Facts of the first report that hold for the others of its cause."""


def of_incident(incident: Incident, kind: MessageKind, what_happens: str) -> Report:
    """What people are told of the incident as it stands."""
    asks = kind in ALERTS
    return Report(
        kind=kind,
        job=incident.job,
        headline=_progress(incident, kind) if kind is MessageKind.PROGRESS else headlines.of(incident, kind),
        category=incident.category,
        what_happens=_what_happens(incident, kind, what_happens),
        facts=details.of(incident, kind),
        excerpt=incident.diagnosis.excerpt if asks else (),
        advice=incident.diagnosis.advice if asks else "",
        incident=incident.id,
        cause=cause_of(incident) if asks or kind in ENDINGS else "",
        status=status_of(incident, kind),
        links=details.links_of(incident) if kind not in ENDINGS else (),
        command=_command(incident, kind),
    )


def of_circuit(incident: Incident, bound: int, until: str) -> Report:
    """The one alert when healing stops for all jobs; ``incident`` is the one whose re-run was one too many."""
    return Report(
        kind=MessageKind.CIRCUIT,
        job="all jobs",
        headline=f"Healing has stopped for all jobs: the {bound} re-runs that an hour allows are used up",
        category=incident.category,
        what_happens=f"No job is run again until {until}; alerts come at their deadlines. Then healing goes on.",
        facts=(
            ("First job that was not run again", incident.job),
            ("Bound", f"{bound} re-runs of all jobs in any hour"),
        ),
        advice="Many jobs failing at once have a common cause: look for that. `cronmend circuit close` ends it sooner.",
        severity="critical",
        status=f"stopped until {until}",
        command="cronmend circuit close",
    )


def of_group(first: Report, jobs: Sequence[str], healed: int) -> Report:
    """Jobs that failed of the cause of ``first``, told together."""
    what = first.headline.partition(": ")[2] or first.headline
    return _together(
        replace(_of_first(first), command=f"cronmend incidents --cause {first.cause}" if first.cause else ""),
        headlines.of_group(what, len(jobs), healed),
        jobs,
        healed,
    )


def of_many(first: Report, jobs: Sequence[str], healed: int) -> Report:
    """Jobs that failed within moments of each other, of more causes than are told one by one."""
    failed = f"{len(jobs)} jobs failed within a few minutes, of several causes"
    headline = f"{healed} of {len(jobs)} jobs are healed, of several causes" if healed else failed
    plain = replace(
        first,
        advice="Many jobs failing at once often have a common cause: look for that first.",
        what_happens="Each failure is on record, and Cronmend treats each job by itself.",
        facts=(),
        excerpt=(),
        links=(),
        cause="",
        command="cronmend incidents",
    )
    return _together(plain, headline, jobs, healed)


def of_endings(jobs: Sequence[str]) -> Report:
    """Jobs that need nobody any more, in one quiet line."""
    names = headlines.short(sorted(jobs), NAMED)
    one, count = len(jobs) == 1, times(len(jobs), "job")
    ended = "is healed or has recovered" if one else "are healed or have recovered"
    return Report(
        kind=MessageKind.GROUP,
        job=jobs[0] if one else count,
        headline=f"{count} {ended}: {names}",
        category=Category.SUCCESS,
        what_happens=_NOTHING,
        severity="info",
        status=_ALL_HEALED,
        **_listed(jobs),
    )


def of_escalation(report: Report, after: timedelta) -> Report:
    """The alert once more, to those who are called where nobody has acknowledged it."""
    return replace(
        report,
        kind=MessageKind.ESCALATION,
        headline=f"Nobody has acknowledged in {span(after)}: {report.headline}",
        status=f"not acknowledged for {span(after)}",
    )


def canary(now: datetime) -> Report:
    """Proves that a route works."""
    return Report(
        kind=MessageKind.CANARY,
        job="cronmend",
        headline=f"Cronmend's alerts arrive here ({clock(now)})",
        category=Category.SUCCESS,
        what_happens="Nothing has happened: this message comes so that its absence is noticed.",
        severity="info",
        status="alive",
    )


def with_status(report: Report, status: str) -> Report:
    return replace(report, status=status)


def decorated(report: Report, owner: str, runbook: str, severity: str) -> Report:
    """With what the job's owner says of it; a report that is graver by itself stays so."""
    known = {label for label, _ in (*report.facts, *report.links)}
    added = tuple(pair for pair in (("Owner", owner), ("Severity", severity)) if pair[1] and pair[0] not in known)
    runbooks = ((_RUNBOOK, runbook),) if runbook and _RUNBOOK not in known else ()
    grave = report.kind in {MessageKind.CIRCUIT, MessageKind.CANARY}
    return replace(
        report,
        facts=report.facts if grave else (*report.facts, *added),
        links=(*runbooks, *report.links),
        severity=report.severity if grave else severity or report.severity,
    )


def status_of(incident: Incident, kind: MessageKind) -> str:
    """Where the incident stands after a message of this kind, in a few words."""
    ended = {
        MessageKind.HEALED: f"healed after {times(incident.reruns + 1, 'attempt')}",
        MessageKind.RECOVERED: "recovered",
        MessageKind.GAVE_UP: f"gave up after {times(incident.reruns, 're-run')}",
    }
    if kind in ended:
        return ended[kind]
    if incident.acknowledged_by:
        return f"acknowledged by {incident.acknowledged_by}"
    if incident.planned:
        return f"re-run {incident.planned.attempt} planned {clock(incident.planned.at)}"
    if incident.starting:
        return f"run {incident.reruns + 1} is running"
    return f"failed {times(incident.runs, 'time')}" if kind is MessageKind.REMINDER else "failed"


def is_over(report: Report) -> bool:
    """Whether nobody is needed any more."""
    return report.kind in ENDINGS or report.status.startswith((*_OVER, _ALL_HEALED))


def is_quiet(report: Report) -> bool:
    """Whether one line says enough."""
    return report.kind in ENDINGS or (report.kind is MessageKind.GROUP and report.category is Category.SUCCESS)


def _of_first(first: Report) -> Report:
    """What holds for one of the jobs says which."""
    name = headlines.name_of(first.job)
    happens = f"Each job is treated by itself. Of {name}: {first.what_happens}"
    links = tuple((f"{label} of {name}", address) for label, address in first.links)
    return replace(first, what_happens=happens, links=links)


def _together(first: Report, headline: str, jobs: Sequence[str], healed: int) -> Report:
    standing = f"{healed} of {len(jobs)} healed" if healed else f"{len(jobs)} jobs failed"
    return replace(
        first,
        kind=MessageKind.GROUP,
        headline=headline,
        facts=tuple(fact for fact in first.facts if fact[0] in _GROUPED),
        status=_ALL_HEALED if healed >= len(jobs) else standing,
        **_listed(jobs),
    )


def _listed(jobs: Sequence[str]) -> dict[str, Any]:
    return {"jobs": tuple(sorted(jobs)[:MOST_JOBS]), "others": max(0, len(jobs) - MOST_JOBS)}


def _progress(incident: Incident, kind: MessageKind) -> str:
    return f"{headlines.name_of(incident.job)}: {status_of(incident, kind)}"


def _what_happens(incident: Incident, kind: MessageKind, said: str) -> str:
    """What was done and said of it and, where people are asked to act, what comes next and when."""
    said = said.removeprefix(f"{incident.category.value}: ")
    parts = [said[:1].upper() + said[1:].removesuffix(".") + "." if said else ""]
    if kind in ALERTS and incident.reruns:
        parts.insert(0, f"Cronmend has run it again {times(incident.reruns, 'time')}.")
    if kind in ALERTS or kind is MessageKind.REMINDER:
        parts.append(_next(incident, said))
    return " ".join(filter(None, parts))


def _next(incident: Incident, said: str) -> str:
    if incident.planned:
        return f"Run {incident.planned.attempt} is planned for {clock(incident.planned.at)}."
    if incident.starting:
        return f"Run {incident.reruns + 1} is running."
    return "" if "no re-run" in said else "Cronmend will not run it again by itself; the schedule goes on."


def _command(incident: Incident, kind: MessageKind) -> str:
    if kind in ENDINGS:
        return ""
    if kind is MessageKind.REMINDER or incident.failed is None:
        return f"cronmend rerun {shlex.quote(incident.job)}"
    return f"cronmend why {incident.failed.task_id}"
