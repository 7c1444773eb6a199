"""What a report states beside its headline: the evidence, and what is different from the last good run. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cronmend.alerting import console_links
from cronmend.model import Signal
from cronmend.model.incident import FailedRun, Incident
from cronmend.model.report import ALERTS, MessageKind
from cronmend.wording import moment, short_digest, span


def of(incident: Incident, kind: MessageKind) -> tuple[tuple[str, str], ...]:
    """Label and value, in the order to be shown; only what is known."""
    told = (*_always(incident), *(_evidence(incident, kind) if kind in ALERTS else ()))
    return tuple((label, value) for label, value in told if value)


def links_of(incident: Incident) -> tuple[tuple[str, str], ...]:
    """The places to look at, the log first."""
    return tuple((label, address) for label, address in _places(incident) if address)


def duration(failed: FailedRun) -> str:
    """How long the run took, against the one in the middle of the last successes."""
    if failed.seconds is None:
        return ""
    ran, known = span(timedelta(seconds=failed.seconds)), sorted(failed.last_good.durations)
    return f"{ran}, usually {span(timedelta(seconds=known[len(known) // 2]))}" if known else ran


def changed(failed: FailedRun) -> str:
    """What the run had that the last good one did not: revision and image."""
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


def _always(incident: Incident) -> Iterator[tuple[str, str]]:
    yield "Job", incident.job
    yield "Attempt", _attempt(incident)
    yield "Failed runs", str(incident.runs) if incident.runs > 1 else ""
    yield "Slot", _slot(incident.slot or "")


def _evidence(incident: Incident, kind: MessageKind) -> Iterator[tuple[str, str]]:
    diagnosis, window, failed = incident.diagnosis, incident.diagnosis.window, incident.failed
    if failed:
        yield "Ran for", duration(failed)
        yield "Last success", _last_success(failed)
        yield "Changed since", changed(failed)
    yield "Category", diagnosis.category.value
    yield "Why", diagnosis.full_sentence if kind is MessageKind.HALF_DONE else ""
    yield "Decided by", diagnosis.rule
    yield "Line", diagnosis.line
    yield "Deploy", "; ".join(filter(None, (window.reason, window.during)))
    yield "Deploy signal", "" if window.signal is Signal.NONE else window.signal.value
    if failed:
        yield "Code", f"{failed.task_definition} {short_digest(failed.container.image_digest)}".rstrip()
        yield "Task", failed.task_id


def _attempt(incident: Incident) -> str:
    """Attempt 1 is the schedule's own; of how many is told where others were made or will be."""
    others = incident.reruns or incident.planned or incident.starting
    if incident.failed is None or not others:
        return ""
    return f"{incident.failed.attempt} of {max(incident.bound, incident.reruns) + 1}"


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
    """Neither is known to differ."""
    if same_revision and same_image:
        return "nothing: the same revision and image"
    return "nothing: the same revision" if same_revision else ""


def _places(incident: Incident) -> Iterator[tuple[str, str]]:
    arn, failed = incident.cluster_arn, incident.failed
    if failed and failed.log:
        end = failed.ended_at or failed.created_at + timedelta(hours=1)
        yield "Log", console_links.log(arn, failed.log, failed.created_at, end)
    if failed:
        yield "Task", console_links.task(arn, failed.task_id)
        yield "First failed task", console_links.task(arn, incident.id) if incident.id != failed.task_id else ""
    yield "Schedule", console_links.schedule(arn, incident.job)
