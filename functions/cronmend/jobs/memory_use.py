"""Whether the memory that a job's tasks use grows towards their limit. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from cronmend.model import TaskDefinitionRef
from cronmend.model.findings import Finding, FindingKind
from cronmend.model.memory_use import MemoryOfDay
from cronmend.model.timetables import Timetable

KINDS: Final = frozenset({FindingKind.MORE_MEMORY})
WEEK: Final = timedelta(days=7)
WEEKS: Final = 5
"""Whole weeks that are compared, as for durations (jobs/foresight.py)."""
_FEWEST: Final = 3
"""Days of a week that say how much was usually used."""
_STEP: Final = 1.02
"""The least growth from each week to the next."""
_NEAR: Final = 0.8
"""The share of the limit that is used."""


def of_growth(timetable: Timetable, days: Sequence[MemoryOfDay], now: datetime) -> Finding | None:
    weeks = _weeks(days, now)
    if len(weeks) < WEEKS or any(later < _STEP * each for each, later in pairwise(weeks)):
        return None
    limit = max(days, key=lambda each: each.day).limit
    if weeks[-1] < _NEAR * limit:
        return None
    family = TaskDefinitionRef.parse(timetable.task_definition).family
    return Finding(
        timetable.job,
        FindingKind.MORE_MEMORY,
        f"The tasks of {family} use more memory each week: {weeks[0]:.0f} MiB {WEEKS} weeks ago, now "
        f"{weeks[-1]:.0f} of {limit:.0f} MiB.",
        "Find out what grows, or register a task definition with more memory. With `memory_step` in jobs.toml, a run "
        "that runs out of memory is run again with more.",
        zone=timetable.timezone,
    )


def _weeks(days: Sequence[MemoryOfDay], now: datetime) -> list[float]:
    """What the days of each week usually used, in MiB, the oldest week first."""
    used: dict[int, list[float]] = {week: [] for week in reversed(range(WEEKS))}
    for each in days:
        if (week := (now - each.day) // WEEK) in used:
            used[week].append(each.used)
    return [median(each) for each in used.values() if len(each) >= _FEWEST]
