"""Reports for people, independent of the channel: about one incident, many, or Cronmend itself. Pure."""

from collections.abc import Sequence
from copy import replace
from datetime import datetime, timedelta
from typing import Any

from cronmend.alerting import advice, details, endings, headlines, outlook
from cronmend.alerting.fingerprint import cause_of
from cronmend.alerting.headlines import Headline
from cronmend.model import Category
from cronmend.model.incident import Incident
from cronmend.model.report import ALERTS, ENDINGS, FactKey, MessageKind, Report, Stage
from cronmend.wording import clock, nth_run, span, times

MOST_JOBS = 40
"""The most jobs that a group's report lists: as many as people read, and as fit in a message."""
NAMED = 5
"""The most jobs that a quiet line names."""
_RUNBOOK = "Runbook"
_OWN = frozenset({MessageKind.CIRCUIT, MessageKind.ALARM, MessageKind.FINDING, MessageKind.MONTHLY, MessageKind.CANARY})
"""Kinds that have a severity of their own, and no owner."""
_GROUPED = frozenset({FactKey.DEPLOY, FactKey.CATEGORY, FactKey.RULE, FactKey.DEPLOY_SIGNAL, FactKey.SEVERITY})
"""Facts of the first report that also apply to the others in its group."""


def of_incident(incident: Incident, kind: MessageKind, said: str = "") -> Report:
    """The report about the incident in its current state.

    Args:
        said: what happened, in whole sentences; precedes what happens next.
    """
    asks = kind in ALERTS
    stage, status = standing(incident, kind)
    headline = _headline(incident, kind, status)
    return Report(
        kind=kind,
        job=incident.job,
        headline=headline.long,
        category=incident.category,
        what_happens=outlook.of(incident, kind, said),
        facts=details.of(incident, kind),
        excerpt=incident.diagnosis.excerpt if asks else (),
        advice=advice.of(incident, kind),
        incident=incident.id,
        cause=cause_of(incident) if asks or kind in ENDINGS else "",
        status=status,
        links=details.links_of(incident) if kind not in ENDINGS else (),
        command=_command(incident, kind),
        stage=stage,
        quiet=kind in ENDINGS,
        what_failed=headlines.what_failed(incident, kind) if asks else "",
        short_headline=headline.shortened,
        summary=headline.summary,
    )


def of_circuit(incident: Incident, bound: int, until: str) -> Report:
    """The alert that healing has stopped for all jobs; ``incident`` is the one whose re-run exceeded the limit."""
    return Report(
        kind=MessageKind.CIRCUIT,
        job="all jobs",
        headline=f"Cronmend stopped re-running all jobs: the limit of {bound} re-runs in an hour is reached",
        category=incident.category,
        what_happens=f"Held alerts are sent at their deadlines. Re-runs resume at {until}.",
        facts=(
            details.fact(FactKey.FIRST_JOB, incident.job),
            details.fact(FactKey.LIMIT, f"{bound} re-runs of all jobs in an hour"),
        ),
        advice=(
            "Look for a common cause: many jobs failed within an hour. "
            "To resume re-runs now, run `cronmend circuit close`."
        ),
        severity="critical",
        status=f"stopped until {until}",
        command="cronmend circuit close",
        stage=Stage.STOPPED,
        summary=f"Re-runs stopped for all jobs ({bound} in an hour). They resume at {until}. Look for a common cause.",
    )


def of_group(first: Report, jobs: Sequence[str], healed: int, failures: int = 0) -> Report:
    """One report for jobs that failed with the cause of ``first``; some failed again if there are more ``failures``."""
    return _together(
        replace(_of_first(first), command=f"cronmend incidents --cause {first.cause}" if first.cause else ""),
        headlines.of_group(first.what_failed or first.headline, len(jobs), healed, failures),
        jobs,
        healed,
    )


def of_many(first: Report, jobs: Sequence[str], healed: int, failures: int = 0) -> Report:
    """One report for jobs that failed at about the same time, with too many causes for a message each."""
    often = headlines.often(len(jobs), failures)
    failed = f"{len(jobs)} jobs failed{often} within a few minutes, with different causes"
    some = f"{headlines.some_healed(len(jobs), healed, failures)}; their causes differ"
    headline = some if healed else failed
    plain = replace(
        first,
        advice="Look for a common cause first: many jobs failed at once.",
        what_happens="Cronmend recorded each failure and handles each job separately.",
        facts=(),
        excerpt=(),
        links=(),
        cause="",
        command="cronmend incidents",
    )
    return _together(plain, headline, jobs, healed)


def of_endings(jobs: Sequence[str]) -> Report:
    """One quiet line for jobs that no longer need anyone to act."""
    names = headlines.short(sorted(jobs), NAMED)
    one, count = len(jobs) == 1, times(len(jobs), "job")
    return Report(
        kind=MessageKind.GROUP,
        job=jobs[0] if one else count,
        headline=headlines.clipped(f"{count} healed or recovered: {names}"),
        category=Category.SUCCESS,
        what_happens="",
        advice=advice.NO_ACTION,
        severity="info",
        status="all healed",
        stage=Stage.OVER,
        quiet=True,
        **_listed(jobs),
    )


def of_escalation(report: Report, after: timedelta) -> Report:
    """The alert for the route to which it escalates."""
    short = report.short_headline or report.headline
    return replace(
        report,
        kind=MessageKind.ESCALATION,
        headline=headlines.clipped(f"No one acknowledged in {span(after)}: {report.headline}"),
        short_headline=headlines.clipped(f"No one acknowledged in {span(after)}: {short}", headlines.SHORT),
        summary=headlines.clipped(f"No one acknowledged in {span(after)}: {short}", headlines.SUMMARY),
        status=f"not acknowledged for {span(after)}",
        stage=Stage.FAILED,
    )


def canary(now: datetime) -> Report:
    """A test message, which shows that a route works."""
    return Report(
        kind=MessageKind.CANARY,
        job="cronmend",
        headline=f"Test message from Cronmend, sent at {clock(now)}",
        category=Category.SUCCESS,
        what_happens=("This is a test; nothing is wrong. If these messages stop arriving, check your alert channels."),
        severity="info",
        status="test",
        summary=f"Test message, sent at {clock(now)}. Nothing is wrong.",
        stage=Stage.TEST,
    )


def with_status(report: Report, stage: Stage, status: str) -> Report:
    return replace(report, stage=stage, status=status)


def decorated(report: Report, owner: str, runbook: str, severity: str) -> Report:
    """The report with the job's owner, runbook and severity. A report with a severity of its own keeps it."""
    known = {each.key for each in report.facts}
    said = ((FactKey.OWNER, owner), (FactKey.SEVERITY, severity))
    added = tuple(details.fact(key, value) for key, value in said if value and key not in known)
    runbooks = ((_RUNBOOK, runbook),) if runbook and runbook not in dict(report.links).values() else ()
    is_own = report.kind in _OWN
    return replace(
        report,
        facts=report.facts if is_own else (*report.facts, *added),
        links=(*runbooks, *report.links),
        severity=report.severity if is_own else severity or report.severity,
    )


def standing(incident: Incident, kind: MessageKind) -> tuple[Stage, str]:
    """The incident's state after a message of this kind: for programs, and in a few words."""
    ended = {
        MessageKind.HEALED: (Stage.HEALED, f"healed by {nth_run(incident.healed_by, incident.most_runs)}"),
        MessageKind.RECOVERED: (Stage.RECOVERED, f"recovered: {endings.recovery(incident)}"),
        MessageKind.GAVE_UP: (Stage.GAVE_UP, f"gave up after {times(incident.reruns, 're-run')}"),
    }
    if kind in ended:
        return ended[kind]
    if incident.acknowledged_by:
        return Stage.ACKNOWLEDGED, f"acknowledged by {incident.acknowledged_by}"
    if incident.planned:
        run = nth_run(incident.planned.attempt, incident.most_runs)
        return Stage.PLANNED, f"{run} planned for {outlook.planned_time(incident, incident.planned.at)}"
    if incident.starting:
        return Stage.RUNNING, f"{nth_run(incident.reruns + 1, incident.most_runs)} is running"
    return Stage.FAILED, _failed(incident, kind)


def _failed(incident: Incident, kind: MessageKind) -> str:
    if kind is MessageKind.HALF_DONE:
        return "deploy half done"
    if kind is MessageKind.REMINDER:
        return f"failed {times(incident.runs, 'time')}"
    if status := incident.category.traits.status:
        return status
    return "failed" if incident.ran else "failed to start"


def _of_first(first: Report) -> Report:
    """The first job's report for a group: what applies only to that job names it."""
    name = headlines.name_of(first.job)
    happens = f"Cronmend handles each job separately. For {name}: {first.what_happens}"
    links = tuple((f"{label} of {name}", address) for label, address in first.links)
    return replace(first, what_happens=happens, links=links, advice=advice.for_each_job(first.advice, first.job))


def _together(first: Report, headline: str, jobs: Sequence[str], healed: int) -> Report:
    some = f"{healed} of {len(jobs)} healed" if healed else f"{len(jobs)} jobs failed"
    over = healed >= len(jobs)
    return replace(
        first,
        kind=MessageKind.GROUP,
        what_happens="Each job healed or recovered." if over else first.what_happens,
        advice=advice.NO_ACTION if over else first.advice,
        headline=headline,
        facts=tuple(fact for fact in first.facts if fact.key in _GROUPED),
        status="all healed" if over else some,
        stage=Stage.OVER if over else Stage.FAILED,
        quiet=False,
        short_headline="",
        summary="",
        **_listed(jobs),
    )


def _listed(jobs: Sequence[str]) -> dict[str, Any]:
    return {"jobs": tuple(sorted(jobs)[:MOST_JOBS]), "others": max(0, len(jobs) - MOST_JOBS)}


def _headline(incident: Incident, kind: MessageKind, status: str) -> Headline:
    if kind is MessageKind.PROGRESS:
        return headlines.plain(f"{headlines.name_of(incident.job)}: {status}", summary="")
    return headlines.of(incident, kind)


def _command(incident: Incident, kind: MessageKind) -> str:
    if kind in ENDINGS:
        return ""
    if kind is MessageKind.REMINDER or incident.failed is None:
        return advice.command(incident)
    return f"cronmend why {incident.failed.task_id}"
