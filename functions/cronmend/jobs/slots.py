"""The slots of a live schedule that matter for a re-run. None of these functions raises."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cronmend.jobs.cron import CronError, Rate, Schedule, parse
from cronmend.model import LiveSchedule, Missing, TaskDefinitionRef
from cronmend.model.incident import Incident

LISTED_AFTER = timedelta(seconds=30)
"""How long ECS may take to list a new task."""
PRECISION = timedelta(minutes=1)
"""EventBridge Scheduler starts a run up to this long after its slot.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"""

_parsed = lru_cache(maxsize=1024)(parse)
"""A job's slots are asked for several times in a row."""

RETRIED = timedelta(days=1)
"""EventBridge Scheduler tries to start a slot's run again for at most this long."""


def next_slot(schedule: LiveSchedule | Missing, now: datetime, seen: datetime | None = None) -> datetime | None:
    """The schedule's next slot; None if it has none, is disabled, or :func:`unknown_slots` says why it isn't known.

    Args:
        seen: when the latest known run that the schedule started was created.
    """
    slots = None if isinstance(schedule, Missing) or not schedule.enabled else _slots(schedule, seen)
    return slots.next(now) if isinstance(slots, Schedule) else None


def unknown_slots(schedule: LiveSchedule, seen: datetime | None) -> str:
    """Why the schedule's slots aren't known, as a clause; ``""`` if they are, or if it has none."""
    slots = _slots(schedule, seen)
    return slots.reason if isinstance(slots, Missing) else ""


def unreadable(expression: str, timezone: str = "UTC") -> str:
    """Why an expression can't be read, as a clause; ``""`` if it can, or if there is none."""
    slots = _read(expression, timezone) if expression else None
    return slots.reason if isinstance(slots, Missing) else ""


def pending_slot(schedule: LiveSchedule, seen: datetime | None, now: datetime) -> datetime | None:
    """The latest slot, if its own run may still start, or if ECS may not list it yet; else None."""
    slots = _slots(schedule, seen) if schedule.enabled else None
    if not isinstance(slots, Schedule):
        return None
    latest = max(slots.between(now - schedule.flexible - PRECISION - LISTED_AFTER, now), default=None)
    return latest if latest and (seen is None or seen < latest) else None


def missed_slot(schedule: LiveSchedule, since: datetime, until: datetime) -> datetime | None:
    """The latest slot in a time in which the schedule was disabled; None if there was none, or it isn't known."""
    slots = _slots(schedule, None)
    latest = max(slots.between(since, until), default=None) if isinstance(slots, Schedule) else None
    return latest.astimezone(UTC) if latest else None


def slot_of_run(schedule: LiveSchedule | Missing, declared: str, created: datetime) -> str:
    """The slot of a run that Cronmend didn't start, ISO 8601: the declared one, or the schedule's last one before it.

    A rate whose slots aren't known is counted from the run itself. ``""`` if no slot can have started the run.
    """
    if aware(declared):
        return declared
    slots = None if isinstance(schedule, Missing) else _slots(schedule, created)
    if isinstance(schedule, Missing) or not isinstance(slots, Schedule):
        return ""
    near = (slots.between(created - schedule.flexible - back, created) for back in (timedelta(hours=1), RETRIED))
    at = next((latest for found in near if (latest := max(found, default=None))), None)
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


def slot_of(incident: Incident) -> datetime:
    """The incident's slot; if it isn't known, when the failed run was created that its re-runs repeat."""
    latest = incident.failed.created_at if incident.failed else incident.began_at
    return aware(incident.slot or "") or incident.since or latest


def slots_between(
    schedule: LiveSchedule, seen: datetime | None, after: datetime, until: datetime
) -> Iterator[datetime]:
    """The slots after one time, up to and including another, in UTC; none if the schedule is disabled, or if
    :func:`unknown_slots` says why they aren't known."""
    slots = _slots(schedule, seen) if schedule.enabled else None
    if isinstance(slots, Schedule):
        yield from (at.astimezone(UTC) for at in slots.between(after, until))


def aware(text: str) -> datetime | None:
    """The time that an ISO 8601 text gives with its zone; None if it gives none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _slots(schedule: LiveSchedule, seen: datetime | None) -> Schedule | Missing | None:
    """None if the schedule has no slots: a rule that reacts to events.

    A rate without a start date counts from the schedule's creation. EventBridge doesn't say when a rule was created:
    a rule's rate counts from a run that was seen.
    """
    if not schedule.expression:
        return None
    start = schedule.start or schedule.created
    slots = _read(schedule.expression, schedule.timezone, start, schedule.end)
    if isinstance(slots, Rate) and start is None:
        slots = _read(schedule.expression, schedule.timezone, seen, schedule.end)
    if isinstance(slots, Rate) and slots.start is None:
        return Missing(f"{schedule.expression} has no start date, and no run that {schedule.job} started is known")
    return slots


def _read(
    expression: str, timezone: str, start: datetime | None = None, end: datetime | None = None
) -> Schedule | Missing:
    try:
        return _parsed(expression, timezone, start, end)
    except CronError as error:
        return Missing(f"Cronmend can't read the expression {expression}: {'; '.join(str(error).splitlines())}")


def tasks_of(schedule: LiveSchedule | Missing) -> int:
    """How many tasks the schedule starts at once; 1 if that isn't known."""
    return 1 if isinstance(schedule, Missing) else int(schedule.parameters.get("TaskCount") or 1)


def family_of(schedule: LiveSchedule) -> str:
    return TaskDefinitionRef.parse(schedule.parameters["TaskDefinitionArn"]).family
