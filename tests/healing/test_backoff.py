"""The wait before a re-run grows, is bounded by an hour, and is the same whenever it is computed."""

from datetime import timedelta

import pytest

from cronmend.healing.backoff import wait

KEYS = [f"incident-{number}/2" for number in range(2_000)]
HOUR = timedelta(hours=1)
BASE = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("repeats", "longest"),
    [(0, timedelta(minutes=10)), (1, timedelta(minutes=20)), (2, timedelta(minutes=40)), (3, HOUR), (40, HOUR)],
)
def test_a_wait_lies_evenly_within_a_span_that_doubles_up_to_an_hour(repeats: int, longest: timedelta) -> None:
    waits = sorted(wait(BASE, repeats, key) for key in KEYS)
    assert timedelta() <= waits[0] < longest / 50
    assert longest * 0.98 < waits[-1] <= longest
    assert longest * 0.45 < waits[len(waits) // 2] < longest * 0.55


def test_a_wait_never_exceeds_an_hour_whatever_the_base() -> None:
    assert max(wait(timedelta(hours=9), 0, key) for key in KEYS) <= HOUR


def test_a_wait_is_the_same_for_the_same_attempt() -> None:
    assert wait(BASE, 1, "one") == wait(BASE, 1, "one") != wait(BASE, 1, "other")
