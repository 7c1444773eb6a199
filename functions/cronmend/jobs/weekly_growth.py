"""Whether what a job takes or uses grows from each week to the next. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

WEEK: Final = timedelta(days=7)
WEEKS: Final = 5
"""Whole weeks that are compared: a job's load follows the week, and often the month."""
COMPARED: Final = WEEKS * WEEK
_FEWEST: Final = 3
"""Values of a week that show what was usual in it."""


def growth(values: Iterable[tuple[datetime, float]], step: float, now: datetime) -> tuple[float, float] | None:
    """What was usual in the first of the weeks and in the last; None if it didn't grow in each.

    Args:
        step: the factor of the least growth from each week to the next.
    """
    weeks: dict[int, list[float]] = {week: [] for week in reversed(range(WEEKS))}
    for at, value in values:
        if (week := (now - at) // WEEK) in weeks:
            weeks[week].append(value)
    usual = [median(each) for each in weeks.values() if len(each) >= _FEWEST]
    grew = len(usual) == WEEKS and all(later >= step * each for each, later in pairwise(usual))
    return (usual[0], usual[-1]) if grew else None
