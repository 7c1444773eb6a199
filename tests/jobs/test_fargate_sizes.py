"""Fargate's sizes, the wait before a re-run, and RunTask's refusals: three small tables."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.healing import backoff
from cronmend.jobs import refusal
from cronmend.jobs.fargate_sizes import SIZES, larger
from cronmend.model import Size

BASE = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("size", "most", "expected"),
    [
        (Size(256, 512), 16_384, Size(256, 1024)),
        (Size(256, 2048), 16_384, Size(512, 3072)),
        (Size(1024, 8192), 16_384, Size(2048, 9216)),
        (Size(4096, 30_720), 61_440, Size(8192, 32_768)),
        (Size(1024, 8192), 8192, None),
        (Size(16_384, 122_880), 200_000, None),
        (Size(300, 512), 16_384, None),
    ],
)
def test_the_next_size(size: Size, most: int, expected: Size | None) -> None:
    assert larger(size, most) == expected


def test_every_step_is_a_size_that_fargate_has() -> None:
    steps = {(cpu, memory): larger(Size(cpu, memory), 122_880) for cpu, known in SIZES.items() for memory in known}
    assert [size for size, step in steps.items() if step is None] == [(16_384, 122_880)]
    assert all(step.memory > memory and step.memory in SIZES[step.cpu] for (_, memory), step in steps.items() if step)


@given(st.text(min_size=1), st.integers(0, 100))
def test_a_wait_is_bounded_and_the_same_for_the_same_attempt(key: str, repeats: int) -> None:
    waited = backoff.wait(BASE, repeats, key)
    assert timedelta() <= waited <= min(backoff.LONGEST, 2 * BASE * 2 ** min(repeats, 10))
    assert waited == backoff.wait(BASE, repeats, key)


def test_jobs_that_failed_together_are_re_run_at_different_times() -> None:
    waits = [backoff.wait(BASE, 0, f"job-{number}") / (2 * BASE) for number in range(1_000)]
    assert len(set(waits)) > 400
    assert 0.45 < sum(waits) / len(waits) < 0.55


@pytest.mark.parametrize(
    ("reason", "passes"),
    [
        ("Capacity is unavailable at this time. Please try again later or in a different availability zone", True),
        ("RESOURCE:MEMORY", True),
        ("RESOURCE:ENI", True),
        ("AGENT", True),
        ("You've reached the limit on the number of tasks you can run concurrently", True),
        ("ATTRIBUTE", False),
        ("LOCATION", False),
        ("MISSING", False),
        ("INACTIVE", False),
        ("something new", False),
        ("", False),
    ],
)
def test_which_reasons_pass_and_which_need_a_person(reason: str, passes: bool) -> None:
    assert refusal.of([{"reason": reason}]).passes is passes


def test_an_answer_without_reasons_needs_a_person() -> None:
    assert refusal.of([]) == refusal.Refusal("no reason given", passes=False)


def test_spot_goes_first_and_a_lone_provider_has_no_other() -> None:
    both = {"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}, {"capacityProvider": "FARGATE_SPOT"}]}
    assert refusal.other_capacity(both, ()) == "FARGATE_SPOT"
    assert refusal.other_capacity(both, ("FARGATE_SPOT",)) == ""
    assert refusal.other_capacity({"launchType": "FARGATE"}, ()) == ""
