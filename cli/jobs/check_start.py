"""Checks of single keys: a start date that has passed, which AWS refuses, and a stop without a limit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cronmend.jobs.start_dates import in_phase, is_refused, sets_phase, written
from cronmend.model import OnOverdue


def past_start(expression: str, start: datetime | None, now: datetime) -> tuple[str, str] | None:
    """What is wrong, and what to do; None if nothing is."""
    if start is None or not is_refused(start, now):
        return None
    refused = "AWS refuses it in a change of the schedule"
    if not sets_phase(expression):
        return f"has passed: it has no effect any more, and {refused}", "remove it; `build` leaves it out"
    again = in_phase(expression, start, now)
    remedy = f"before you change this job, write {written(again)}, which keeps the phase" if again else "write another"
    return f"has passed: it sets the phase of {expression}, and {refused}", remedy


def stop_without_limit(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong, and what to do; None if nothing is. No run is stopped by a limit that is only learned."""
    if values.get("on_overdue") != OnOverdue.STOP or "max_runtime" in values:
        return None
    return "without max_runtime, no run is ever stopped", 'write max_runtime too, such as max_runtime = "1h"'
