"""Start dates that have passed. EventBridge Scheduler refuses to write one again. Pure.

CreateSchedule refuses a start date that is more than five minutes old (https://github.com/getmoto/moto/issues/8172).
AWS doesn't document the same for UpdateSchedule, so Cronmend sends it none. In a cron expression a past start date has
no effect. In a rate it sets the phase: ``rate(1 day)`` from 06:00 fires at 06:00.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cronmend.errors import Permanent
from cronmend.jobs.cron import CronError, parse

ACCEPTED: Final = timedelta(minutes=4)
"""How old a start date may be: AWS's five minutes, less the time until the request arrives."""


def is_refused(start: datetime | None, now: datetime) -> bool:
    return start is not None and now - start > ACCEPTED


def sets_phase(expression: str) -> bool:
    return expression.startswith("rate(")


def is_spent(start: datetime | None, expression: str, now: datetime) -> bool:
    """Whether the start date has no effect any more: it has passed, and sets the phase of no rate."""
    return is_refused(start, now) and not sets_phase(expression)


def without_past_start(schedule: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The schedule, as GetSchedule answers it, in a form that UpdateSchedule accepts.

    Raises:
        Permanent: it is a rate, which would lose its phase.
    """
    start, expression = schedule.get("StartDate"), str(schedule.get("ScheduleExpression", ""))
    if not is_refused(start, now):
        return dict(schedule)
    if sets_phase(expression):
        again = in_phase(expression, start, now) if start else None
        remedy = f" Give it the start date {written(again)}, which keeps the phase." if again else ""
        raise Permanent(
            f"the schedule {schedule['Name']} can't be changed: AWS refuses a start date that has passed, "
            f"and {written(start)} sets the phase of {expression}.{remedy}"
        )
    return {key: value for key, value in schedule.items() if key != "StartDate"}


def with_next_start(schedule: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The same, for a schedule that has to be enabled again: a rate starts at its next time in phase."""
    start, expression = schedule.get("StartDate"), str(schedule.get("ScheduleExpression", ""))
    again = in_phase(expression, start, now) if start and is_refused(start, now) and sets_phase(expression) else None
    return {**schedule, "StartDate": again} if again else without_past_start(schedule, now)


def in_phase(expression: str, start: datetime, now: datetime) -> datetime | None:
    """The rate's next time; None if its expression can't be read."""
    try:
        following = parse(expression, "UTC", start).next(now)
    except CronError:
        return None
    return following.astimezone(UTC) if following else None


def written(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""
