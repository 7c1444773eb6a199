"""Check the start date of a job: AWS refuses one that has passed."""

from datetime import datetime

from cronmend.jobs.start_dates import in_phase, is_refused, sets_phase, written


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
