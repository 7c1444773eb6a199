"""The slots of a live schedule that matter for a re-run."""

from datetime import UTC, datetime

from cronmend.jobs.cron import CronError, Schedule, parse
from cronmend.model import LiveSchedule, Missing, TaskDefinitionRef
from cronmend.model.incident import Incident


def next_slot(schedule: LiveSchedule | Missing, now: datetime) -> datetime | None:
    """The schedule's next slot; None if it has none, is disabled, or can't be parsed."""
    slots = None if isinstance(schedule, Missing) or not schedule.enabled else _slots(schedule)
    return slots.next(now) if slots else None


def pending_slot(schedule: LiveSchedule, last_run: datetime | None, now: datetime) -> datetime | None:
    """The latest slot, if its flexible window is still open and it has no run yet; else None."""
    slots = _slots(schedule) if schedule.flexible else None
    if slots is None:
        return None
    latest = max(slots.between(now - schedule.flexible, now), default=None)
    return latest if latest and (last_run is None or last_run < latest) else None


def missed_slot(schedule: LiveSchedule, since: datetime, until: datetime) -> datetime | None:
    """The latest slot in a time in which the schedule was disabled; None if there was none."""
    slots = _slots(schedule)
    latest = max(slots.between(since, until), default=None) if slots else None
    return latest.astimezone(UTC) if latest else None


def slot_of(incident: Incident) -> datetime:
    """The slot passed to the latest failed run, or else when the first failed run was created."""
    try:
        slot = datetime.fromisoformat(incident.slot or "")
    except ValueError:
        return incident.began_at
    return slot if slot.tzinfo else incident.began_at


def _slots(schedule: LiveSchedule) -> Schedule | None:
    """A rate without a start date counts from the schedule's creation."""
    try:
        return parse(schedule.expression, schedule.timezone, schedule.start or schedule.created, schedule.end)
    except CronError:
        return None


def family_of(schedule: LiveSchedule) -> str:
    return TaskDefinitionRef.parse(schedule.parameters["TaskDefinitionArn"]).family
