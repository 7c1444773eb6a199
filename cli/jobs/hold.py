"""Pausing a schedule and letting it go on, as an edit of what GetSchedule answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cronmend.errors import Permanent


def paused(schedule: Mapping[str, Any], now: datetime, until: datetime | None = None) -> dict[str, Any]:
    """Disabled; or, until a moment, not begun yet: Scheduler itself then goes on without anybody's help.

    Raises:
        Permanent: a moment that is past, or a one-time schedule, which ignores its start.
    """
    if until is None:
        return {**schedule, "State": "DISABLED"}
    if until <= now:
        raise Permanent(f"--until {until.isoformat()} is past: write a moment to come")
    if str(schedule["ScheduleExpression"]).startswith("at("):
        raise Permanent(f"{schedule['Name']} fires once, at its own time: pause it without --until")
    if (end := schedule.get("EndDate")) and end <= until:
        raise Permanent(f"{schedule['Name']} ends at {end.isoformat()}, before --until: pause it without --until")
    return {**schedule, "StartDate": until}


def resumed(schedule: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    start = schedule.get("StartDate")
    waiting = start is not None and start > now
    kept = {key: value for key, value in schedule.items() if not (key == "StartDate" and waiting)}
    return {**kept, "State": "ENABLED"}
