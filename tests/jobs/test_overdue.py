"""When a run has taken too long: limits, what is learned from history, and starts that don't come."""

from datetime import timedelta

import pytest

from cronmend.jobs.overdue import learned, limit_of, overdue, slow
from cronmend.jobs.policies import JobPolicy
from cronmend.model import LiveTask, TaskDefinitionRef
from tests.fakes import NOW, later
from tests.samples import CLUSTER

HOUR = 3600


def task(started: float | None, created: float = -600, status: str = "RUNNING") -> LiveTask:
    """Times in minutes from now."""
    at = None if started is None else later(started)
    return LiveTask("t", CLUSTER, TaskDefinitionRef("webapp", 1), "", (), later(created), at, status)


def test_the_owners_limit_goes_before_what_is_learned() -> None:
    limit = limit_of(JobPolicy(max_runtime=timedelta(minutes=30)), (10,) * 10)
    assert limit
    assert (limit.longest, limit.learned) == (timedelta(minutes=30), False)
    late = overdue(task(-30.1), limit, NOW)
    assert late
    assert late.cause == "it has been running for 30 min, and its max_runtime is 30 min"
    assert overdue(task(-30), limit, NOW) is None


@pytest.mark.parametrize(
    ("durations", "seconds"),
    [
        ((), None),
        ((40,) * 4, None),
        ((40,) * 5, 40 + 900),
        ((HOUR,) * 10, 2 * HOUR),
        # One run that took long doubles the limit, but doesn't move the median.
        ((40, 41, 42, 43, HOUR), 2 * HOUR),
        # A job whose runs differ much: 6 times the spread of 1.4826 × 2,000 s above the median.
        ((1000, 3000, 5000, 7000, 9000), 5000 + 6 * 1.4826 * 2000),
    ],
)
def test_a_limit_is_learned_from_five_runs(durations: tuple[int, ...], seconds: float | None) -> None:
    limit = learned(durations)
    assert (limit.longest.total_seconds() if limit else None) == (pytest.approx(seconds) if seconds else None)


def test_a_learned_limit_says_what_it_is_from() -> None:
    late = overdue(task(-200), limit_of(JobPolicy(), (41, 44, 42, 40, 43)), NOW)
    assert late
    assert late.cause == "it has been running for 3 h, and its last 5 successful runs took at most 44 s"


def test_without_a_limit_no_run_is_overdue() -> None:
    assert overdue(task(-100_000), None, NOW) is None


@pytest.mark.parametrize("status", ["PROVISIONING", "PENDING", "ACTIVATING"])
def test_a_task_that_does_not_start_is_another_sentence(status: str) -> None:
    late = overdue(task(None, -16, status), None, NOW)
    assert late
    assert late.cause == f"it has been {status} for 16 min and hasn't started"
    assert overdue(task(None, -15, status), None, NOW) is None


def test_a_success_that_took_far_longer_than_usual_is_noted() -> None:
    usual = (41, 44, 42, 40, 43)
    assert slow(3 * HOUR, usual) == "it took 3 h, and its last 5 successful runs took at most 44 s"
    assert (slow(600, usual), slow(None, usual), slow(3 * HOUR, usual[:4])) == ("", "", "")
