"""Memory that grows from week to week towards its limit, each with a case that doesn't."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from cronmend.jobs.memory_use import of_growth
from cronmend.jobs.weekly_growth import WEEK
from cronmend.model.memory_use import MemoryOfDay
from tests.fakes import NOW
from tests.jobs.test_foresight import timetable

GROWTH = (300, 330, 360, 395, 435)
"""MiB that the days of each week used."""


def days(weeks: Sequence[float], each: int = 3, limit: float = 512) -> list[MemoryOfDay]:
    """Some days of each week, the latest week last."""
    starts = [NOW - (len(weeks) - number) * WEEK + timedelta(hours=1) for number in range(len(weeks))]
    return [
        MemoryOfDay(start + timedelta(days=day), used, limit)
        for start, used in zip(starts, weeks, strict=True)
        for day in range(each)
    ]


USES = {
    "each week more": (days(GROWTH), True),
    "one week didn't": (days((300, 330, 325, 395, 435)), False),
    "hardly": (days((430, 431, 432, 433, 435)), False),
    "too few weeks": (days(GROWTH[1:]), False),
    "too few days a week": (days(GROWTH, each=2), False),
    "less": (days(GROWTH[::-1]), False),
    "far from the limit": (days(GROWTH, limit=1024), False),
    "the limit was raised": ([*days(GROWTH), MemoryOfDay(NOW, 435, 1024)], False),
    "nothing is known": ([], False),
}


@pytest.mark.parametrize("case", USES)
def test_memory_that_grows_towards_its_limit_is_found(case: str) -> None:
    used, found = USES[case]
    assert (of_growth(timetable(), used, NOW) is not None) is found


def test_the_sentence_says_how_much_of_how_much() -> None:
    found = of_growth(timetable(), days(GROWTH), NOW)
    assert found
    assert found.sentence == ("The tasks of webapp use more memory each week: 300 MiB 5 weeks ago, now 435 of 512 MiB.")
