"""What a report states beside its headline: the evidence, and what is different from the last good run. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cronmend.alerting import console_links
from cronmend.model import Signal
from cronmend.model.incident import Incident
from cronmend.model.report import ALERTS, MessageKind
from cronmend.wording import moment, short_digest, span


def of(incident: Incident, kind: MessageKind) -> tuple[tuple[str, str], ...]:
    """Label and value, in the order to be shown; only what is known."""
    told = (*_always(incident), *(_evidence(incident, kind) if kind in ALERTS else ()))
    return tuple((label, value) for label, value in told if value)


def links_of(incident: Incident) -> tuple[tuple[str, str], ...]:
    """The places to look at, the log first."""
    return tuple((label, address) for label, address in _places(incident) if address)


def duration(incident: Incident) -> str:
    """How long the latest failed run took, against the one in the middle of the last successes."""
    if incident.seconds is None:
        return ""
    ran, known = span(timedelta(seconds=incident.seconds)), sorted(incident.last_good.durations)
    return f"{ran}, usually {span(timedelta(seconds=known[len(known) // 2]))}" if known else ran


def changed(incident: Incident) -> str:
    """What the latest failed run had that the last good one did not: revision and image."""
    good = incident.last_good
    if good.last_success_at is None:
        return "no success of this job is on record"
    family, _, revision = incident.task_definition.rpartition(":")
    before, digest = str(good.last_success_revision or ""), short_digest(incident.image_digest)
    parts = []
    if before and revision and before != revision:
        parts.append(f"{family} {before} → {revision}")
    if good.last_success_digest and digest and good.last_success_digest != incident.image_digest:
        parts.append(f"image {short_digest(good.last_success_digest)} → {digest}")
    return ", ".join(parts) or _nothing(before == revision, bool(digest and good.last_success_digest))


def _always(incident: Incident) -> Iterator[tuple[str, str]]:
    yield "Job", incident.job
    yield "Attempt", _attempt(incident)
    yield "Failed runs", str(incident.runs) if incident.runs > 1 else ""
    yield "Slot", _slot(incident)


def _evidence(incident: Incident, kind: MessageKind) -> Iterator[tuple[str, str]]:
    yield "Ran for", duration(incident)
    yield "Last success", _last_success(incident)
    yield "Changed since", changed(incident) if incident.task_definition else ""
    yield "Category", incident.category.value
    yield "Why", incident.sentence if kind is MessageKind.HALF_DONE else ""
    yield "Decided by", incident.rule
    yield "Line", incident.line
    yield "Deploy", "; ".join(filter(None, (incident.window_reason, incident.during)))
    yield "Deploy signal", "" if incident.signal is Signal.NONE else incident.signal.value
    yield "Code", " ".join(filter(None, (incident.task_definition, short_digest(incident.image_digest))))
    yield "Task", incident.task_id


def _attempt(incident: Incident) -> str:
    """Attempt 1 is the schedule's own; of how many is told where others were made or will be."""
    others = incident.reruns or incident.planned or incident.starting
    return f"{incident.attempt} of {max(incident.bound, incident.reruns) + 1}" if others and incident.runs else ""


def _slot(incident: Incident) -> str:
    try:
        at = datetime.fromisoformat(incident.slot)
    except ValueError:
        return incident.slot
    return f"{at:%Y-%m-%d %H:%M} UTC" if at.utcoffset() == timedelta(0) else incident.slot


def _last_success(incident: Incident) -> str:
    at = incident.last_good.last_success_at
    return moment(at, incident.ended_at or at) if at else ""


def _nothing(same_revision: bool, same_image: bool) -> str:
    """Neither is known to differ."""
    if same_revision and same_image:
        return "nothing: the same revision and image"
    return "nothing: the same revision" if same_revision else ""


def _places(incident: Incident) -> Iterator[tuple[str, str]]:
    arn, task_id = incident.cluster_arn, incident.task_id
    start, end = incident.failed_at, incident.ended_at
    if incident.log and start:
        yield "Log", console_links.log(arn, incident.log, start, end or start + timedelta(hours=1))
    if task_id:
        yield "Task", console_links.task(arn, task_id)
        yield "First failed task", console_links.task(arn, incident.id) if incident.id != task_id else ""
    yield "Schedule", console_links.schedule(arn, incident.job)
