"""``cronmend bench foresight``: ordinary job-days and planted faults, and what is told of them before a run fails."""

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronmend.healing.order import DURATIONS
from cronmend.jobs.foresight import is_near, of_growth
from cronmend.jobs.weekly_growth import WEEKS
from cronmend.model.timetables import RecordedRun, Timetable

START = datetime(2026, 1, 1, tzinfo=UTC)
_SPREAD = 0.2
"""The standard deviation of the logarithm of a run's duration."""
_LONG, _LONGER = 0.02, 3.0
"""The share of runs that take several times longer for a reason of their own."""
_WEEKEND, _MONTH_END = 0.7, 1.4
"""Times the usual load."""
_GROWS = 200
"""Days."""
_HOURS = (1, 2, 6, 24)
"""Between two starts of a job."""
_TOLD_AFTER = timedelta(hours=1)
"""A finding is told when it was found for an hour."""


@dataclass(slots=True)
class Foreseen:
    job_days: int = 0
    false_notices: int = 0
    grown: int = 0
    """Jobs whose runs grew until one was still active at the next start."""
    foreseen: int = 0
    """Those that were told before that."""
    days_before: float = 0.0
    """How long before, in the median."""


def foresight(jobs: int, days: int, seed: int, tick: Callable[[int], None] = lambda _: None) -> Foreseen:
    """Jobs whose runs fill 1 % to 90 % of the time between their starts; then as many that grow."""
    found, ahead = Foreseen(), list[float]()
    chance = random.Random(seed)  # noqa: S311 # plays jobs, guards nothing
    for number in range(jobs):
        table, hours = _timetable(number, chance)
        usual = hours * 3600 * chance.choice((0.01, 0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9))
        found.job_days += days
        found.false_notices += len(list(_told(table, _ordinary(chance, usual, hours, days), hours)))
        _plant(found, ahead, table, list(_growing(chance, hours)), hours)
        tick(number + 1)
    found.days_before = round(sorted(ahead)[len(ahead) // 2], 1) if ahead else 0.0
    return found


def _plant(found: Foreseen, ahead: list[float], table: Timetable, runs: Sequence[float], hours: int) -> None:
    """Runs that grow; the first day whose runs are usually active at the next start is the failure."""
    late = next((number for number in range(len(runs)) if _usual(runs, number) >= hours * 3600), len(runs))
    found.grown += 1
    if told := next(_told(table, runs[:late], hours), None):
        found.foreseen += 1
        ahead.append((late * hours - (told - START) / timedelta(hours=1)) / 24)


def _usual(runs: Sequence[float], number: int) -> float:
    latest = runs[max(0, number - DURATIONS + 1) : number + 1]
    return sorted(latest)[len(latest) // 2]


def _growing(chance: random.Random, hours: int) -> Iterator[float]:
    """By 7 % to 20 % a week, from half of the time between two starts."""
    growth = chance.uniform(0.07, 0.2)
    for number in range(_GROWS * 24 // hours):
        weeks = number * hours / (7 * 24)
        yield 0.5 * hours * 3600 * (1 + growth) ** weeks * chance.lognormvariate(0, _SPREAD / 2)


def _ordinary(chance: random.Random, usual: float, hours: int, days: int) -> Iterator[float]:
    """A load that follows the week and the end of the month, with runs that take long for once."""
    for number in range(days * 24 // hours):
        at = START + timedelta(hours=number * hours)
        load = _WEEKEND if at.weekday() >= 5 else _MONTH_END if at.day >= 28 else 1.0
        once = _LONGER if chance.random() < _LONG else 1.0
        yield usual * load * once * chance.lognormvariate(0, _SPREAD)


def _told(table: Timetable, runs: Iterable[float], hours: int) -> Iterator[datetime]:
    """When each message was written: once, and again only after the finding had ended."""
    recorded: deque[RecordedRun] = deque(maxlen=WEEKS * 7 * 24 // hours)
    latest: deque[int] = deque(maxlen=DURATIONS)
    is_told = False
    for number, seconds in enumerate(runs):
        ended = START + timedelta(hours=number * hours, seconds=seconds)
        latest.append(int(seconds))
        recorded.append(RecordedRun(ended - timedelta(seconds=seconds), "", stopped_at=ended))
        is_found = is_near(table, latest, ended) and of_growth(table, recorded, ended) is not None
        if is_found and not is_told:
            yield ended + _TOLD_AFTER
        is_told = is_found


def _timetable(number: int, chance: random.Random) -> tuple[Timetable, int]:
    hours = chance.choice(_HOURS)
    expression = f"rate({hours} hours)" if hours > 1 else "rate(1 hour)"
    job = f"site/job-{number}"
    row = Timetable(job, job, "1", "", expression, "UTC", enabled=True, since=START, checked_until=START, start=START)
    return row, hours
