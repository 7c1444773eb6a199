"""Pause and resume a schedule, as an edit of GetSchedule's answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cronmend.errors import Permanent
from cronmend.jobs.start_dates import with_next_start, without_past_start


def paused(schedule: Mapping[str, Any], now: datetime, until: datetime | None = None) -> dict[str, Any]:
    """The schedule disabled; or, with ``until``, with that start date, so that Scheduler itself resumes it.

    Raises:
        Permanent: the date is past or after the schedule's end, or the schedule is a one-time one, which ignores it. Or
            the schedule is a rate whose start date has passed: it would lose its phase.
    """
    if until is None:
        return {**without_past_start(schedule, now), "State": "DISABLED"}
    if until <= now:
        raise Permanent(f"--until: '{until.isoformat()}' is in the past. Use a later date and time.")
    if str(schedule["ScheduleExpression"]).startswith("at("):
        raise Permanent(f"Schedule '{schedule['Name']}' fires only once. Pause it without --until.")
    if (end := schedule.get("EndDate")) and end <= until:
        ends = f"Schedule '{schedule['Name']}' ends at {end.isoformat()}, before --until"
        raise Permanent(f"{ends}. Pause it without --until.")
    return {**without_past_start(schedule, now), "StartDate": until}


def resumed(schedule: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The schedule enabled. A start date that ends a pause goes, and so does one that AWS no longer accepts."""
    start = schedule.get("StartDate")
    waiting = start is not None and start > now
    kept = {key: value for key, value in schedule.items() if not (key == "StartDate" and waiting)}
    return {**with_next_start(kept, now), "State": "ENABLED"}
