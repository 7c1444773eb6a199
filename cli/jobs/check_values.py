"""Checks of single keys: a start date that has passed, a stop without a limit, days numbered as in a crontab."""

import re
from collections.abc import Mapping
from copy import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from math import ceil
from typing import Any

from cli.jobs.unix_cron import translated
from cronmend.jobs import cron
from cronmend.jobs.cron import CronError, Rate, Schedule
from cronmend.jobs.cron_fields import Mistake
from cronmend.jobs.start_dates import in_phase, is_refused, sets_phase, written
from cronmend.model import OnOverdue
from cronmend.model.slos import Slo
from cronmend.redact import redact
from cronmend.wording import times

_UNIX_NUMBERS = {
    "1-5": ("SUN-THU", "MON-FRI"),
    "1,2,3,4,5": ("SUN-THU", "MON-FRI"),
    "6-7": ("FRI-SAT", "SAT-SUN"),
    "6,7": ("FRI,SAT", "SAT,SUN"),
}
"""Days of the week as a crontab counts them: what AWS reads, and what was likely meant."""


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
    if values.get("on_overdue") != OnOverdue.STOP or values.keys() & {"max_runtime", "silent_after"}:
        return None
    problem = "without max_runtime or silent_after, no run is ever stopped"
    return problem, 'write one of them too, such as max_runtime = "1h"'


def too_strict(slo: Slo, schedule: Schedule, now: datetime) -> tuple[str, str] | None:
    """What is odd, and what to do; None if the SLO allows a bad run."""
    needed = ceil(100 / (100 - slo.percent))
    until = now + timedelta(days=slo.days)
    placed = replace(schedule, start=now) if isinstance(schedule, Rate) else schedule
    starts = sum(1 for _ in islice(placed.between(now, until), needed))
    if starts >= needed:
        return None
    problem = (
        f"the job starts {times(starts, 'time')} in {times(slo.days, 'day')}, so {slo.percent:g} % allows no bad run"
    )
    return problem, "write a lower percentage, or remove it: people are alerted to a run that fails anyway"


def schedule_mistakes(expression: str, timezone: str) -> tuple[Mistake, ...]:
    try:
        expression = translated(expression)
    except CronError as error:
        return error.mistakes + schedule_mistakes("rate(1 day)", timezone)
    try:
        cron.parse(expression, timezone)
    except CronError as error:
        return error.mistakes
    return ()


def weekday_numbers(expression: str) -> tuple[str, str] | None:
    """What is odd about the numbers of days of the week, and what to do; None if nothing is."""
    words = expression.strip().removesuffix(")").split()
    written = words[4] if expression.strip().lower().startswith("cron(") and len(words) > 4 else ""
    if written not in _UNIX_NUMBERS:
        return None
    read, meant = _UNIX_NUMBERS[written]
    return f"day-of-week {written!r} is {read}: AWS counts from 1 for Sunday", f"write {meant} or {read}"


def holds_secret(text: str) -> bool:
    """Whether the redactor would hide a part of it in a message."""
    return redact(text) != text


def misshapen(reference: str, kind: str, name: str) -> str:
    """Why a reference is neither a name nor an ARN of its kind; ``""`` if it is one."""
    what = kind.replace("-", " ")
    if not reference.startswith("arn:"):
        return "" if re.fullmatch(name, reference, re.ASCII) else f"{reference!r} is not the name of a {what}"
    whole = rf"arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{{12}}:{kind}/{name}"
    return "" if re.fullmatch(whole, reference, re.ASCII) else f"{reference!r} is not the ARN of a {what}"


def date_and_time(value: Any) -> datetime:
    """In UTC, of a value without mistakes."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    assert isinstance(found, datetime)  # noqa: S101 - wrong values were left out before
    return found.astimezone(UTC)
