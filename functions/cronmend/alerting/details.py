"""The evidence in a report, and what changed since the last good run. Pure."""

from collections.abc import Iterator
from copy import replace
from datetime import datetime, timedelta
from typing import Final

from cronmend.alerting import console_links
from cronmend.model import DeployWindow, Signal, WindowState
from cronmend.model.failed_run import FailedRun
from cronmend.model.incident import Incident
from cronmend.model.report import ALERTS, ENDINGS, Fact, FactKey, MessageKind
from cronmend.wording import clock, moment, short_digest, span

LABELS: Final = {
    FactKey.JOB: "Job",
    FactKey.ATTEMPT: "Attempt",
    FactKey.FAILED_RUNS: "Failed runs",
    FactKey.SLOT: "Scheduled time",
    FactKey.RAN_FOR: "Ran for",
    FactKey.LAST_SUCCESS: "Last success",
    FactKey.CHANGED_SINCE: "Changed since",
    FactKey.CATEGORY: "Category",
    FactKey.RULE: "Decided by",
    FactKey.LINE: "Line",
    FactKey.DEPLOY: "Deploy",
    FactKey.DEPLOY_SIGNAL: "Deploy signal",
    FactKey.IMAGE: "Image",
    FactKey.CODE: "Code",
    FactKey.TASK: "Task",
    FactKey.OWNER: "Owner",
    FactKey.SEVERITY: "Severity",
    FactKey.FAILED_WITH: "Failed with",
    FactKey.DEPLOY_THEN: "Deploy then",
    FactKey.ALERT: "Alert",
    FactKey.FIRST_JOB: "First job not re-run",
    FactKey.LIMIT: "Limit",
    FactKey.RUNS: "Runs",
    FactKey.FAILED: "Failed",
    FactKey.HEALED: "Healed",
    FactKey.FALSE_HEALS: "False heals",
    FactKey.ALERTS_SENT: "Alerts sent",
    FactKey.ALERTS_SPARED: "Alerts spared",
    FactKey.RECOVERY: "Time to recovery",
    FactKey.REASON: "Reason",
}
_STATE: Final = {
    WindowState.OPEN: "in progress",
    WindowState.RECENT: "just ended",
    WindowState.CLOSED: "none",
    WindowState.UNKNOWN: "unknown",
}
"""Precedes the reason. For a half-done deploy and older code, the reason says it all."""
_ALONE: Final = {WindowState.STUCK: "half done", WindowState.OLDER_CODE: "older code than the service's"}
"""Of these two, for a window without a reason."""


def of(incident: Incident, kind: MessageKind) -> tuple[Fact, ...]:
    """What is known about the incident, in the order to be shown."""
    known = tuple(fact(key, value) for key, value in (*_of_kind(incident, kind), *_always(incident)) if value)
    return known if incident.ran else tuple(_of_ecs(each) for each in known)


def _of_kind(incident: Incident, kind: MessageKind) -> Iterator[tuple[FactKey, str]]:
    if kind in ALERTS:
        yield from _evidence(incident)
    elif kind in ENDINGS:
        yield from _ending(incident)
    elif kind is MessageKind.REMINDER:
        yield FactKey.DEPLOY, _deploy(incident.diagnosis.window)


def _of_ecs(each: Fact) -> Fact:
    """If no code ran, the line is ECS's reason."""
    return replace(each, label="Reason") if each.key is FactKey.LINE else each


def fact(key: FactKey, value: str) -> Fact:
    return Fact(key, LABELS[key], value)


def links_of(incident: Incident) -> tuple[tuple[str, str], ...]:
    """Links to the log, the tasks and the schedule."""
    return tuple((label, address) for label, address in _places(incident) if address)


def duration(failed: FailedRun) -> str:
    """How long the run took, and the median of the latest successful runs."""
    if failed.seconds is None:
        return ""
    ran, known = span(timedelta(seconds=failed.seconds)), sorted(failed.last_good.durations)
    return f"{ran}, usually {span(timedelta(seconds=known[len(known) // 2]))}" if known else ran


def changed(failed: FailedRun) -> str:
    """What changed since the last successful run: revision and image."""
    good, used = failed.last_good, failed.container.image_digest
    if good.last_success_at is None:
        return "no success of this job is on record"
    family, revision = failed.task_definition.family, failed.task_definition.revision
    before, digest = good.last_success_revision, short_digest(used)
    parts = []
    if before and revision and before != revision:
        parts.append(f"{family} {before} → {revision}")
    if good.last_success_digest and digest and good.last_success_digest != used:
        parts.append(f"image {short_digest(good.last_success_digest)} → {digest}")
    return ", ".join(parts) or _nothing(before == revision, bool(digest and good.last_success_digest))


def _always(incident: Incident) -> Iterator[tuple[FactKey, str]]:
    yield FactKey.FAILED_RUNS, str(incident.runs) if incident.runs > 1 else ""
    yield FactKey.SLOT, _slot(incident.slot or "")
    yield FactKey.JOB, incident.job


def _evidence(incident: Incident) -> Iterator[tuple[FactKey, str]]:
    """The most useful facts come first."""
    diagnosis, window, failed = incident.diagnosis, incident.diagnosis.window, incident.failed
    yield FactKey.ATTEMPT, _attempt(incident)
    yield FactKey.IMAGE, incident.image if failed and not failed.ran else ""
    yield FactKey.LINE, diagnosis.line
    yield FactKey.DEPLOY, _deploy(window)
    if diagnosis.asks_for_deploy and window.signal is not Signal.NONE:
        yield FactKey.DEPLOY_SIGNAL, window.signal.value
    if failed:
        yield FactKey.LAST_SUCCESS, _last_success(failed)
        yield FactKey.CHANGED_SINCE, changed(failed)
        yield FactKey.RAN_FOR, duration(failed)
    yield FactKey.CATEGORY, diagnosis.category.value
    yield FactKey.RULE, diagnosis.rule
    if failed:
        yield FactKey.CODE, f"{failed.task_definition} {short_digest(failed.container.image_digest)}".rstrip()
        yield FactKey.TASK, "" if failed.no_task else failed.task_id


def _ending(incident: Incident) -> Iterator[tuple[FactKey, str]]:
    run = f" (run {incident.failed.attempt})" if incident.failed else ""
    yield FactKey.FAILED_WITH, f"{incident.diagnosis.line}{run}" if incident.diagnosis.line else ""
    yield FactKey.DEPLOY_THEN, _deploy(incident.diagnosis.window)
    yield FactKey.ALERT, "sent" if incident.notified else "held, never sent"


def _deploy(window: DeployWindow) -> str:
    """The state of the deploy; of one that just ended, how sure its end is."""
    why = "; ".join(filter(None, (window.reason, window.during)))
    return ": ".join(filter(None, (_state(window), why))) or _ALONE.get(window.state, "")


def _state(window: DeployWindow) -> str:
    word = _STATE.get(window.state, "")
    return f"{word} ({window.proof.value})" if window.proof and window.state is WindowState.RECENT else word


def _attempt(incident: Incident) -> str:
    """Attempt 1 is the schedule's own; the total is shown if there were others or will be."""
    others = incident.reruns or incident.planned or incident.starting
    if incident.failed is None or not others:
        return ""
    at = incident.failed.ended_at
    return f"{incident.failed.attempt} of {incident.most_runs}" + (f", failed at {clock(at)}" if at else "")


def _slot(slot: str) -> str:
    try:
        at = datetime.fromisoformat(slot)
    except ValueError:
        return slot
    return f"{at:%Y-%m-%d %H:%M} UTC" if at.utcoffset() == timedelta(0) else slot


def _last_success(failed: FailedRun) -> str:
    at = failed.last_good.last_success_at
    return moment(at, failed.ended_at or at) if at else ""


def _nothing(same_revision: bool, same_image: bool) -> str:
    """For a run whose revision and image aren't known to differ."""
    if same_revision and same_image:
        return "nothing: the same revision and image"
    return "nothing: the same revision" if same_revision else ""


def _places(incident: Incident) -> Iterator[tuple[str, str]]:
    arn, failed = incident.cluster_arn, incident.failed
    if failed and failed.log:
        end = failed.ended_at or failed.created_at + timedelta(hours=1)
        yield "Log", console_links.log(arn, failed.log, failed.created_at, end)
    if failed and incident.has_task:
        yield "Task", console_links.task(arn, failed.task_id)
    if failed and incident.began_with_task and incident.id != failed.task_id:
        yield "First failed task", console_links.task(arn, incident.id)
    yield "Schedule", console_links.schedule(arn, incident.job)
