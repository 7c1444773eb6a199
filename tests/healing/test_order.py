"""The order of a job's runs is that of their creation, whatever the order in which they are seen."""

from itertools import permutations

import pytest

from cronmend.healing import order
from cronmend.model import StoppedTask
from cronmend.model.incident import JobState
from tests.fakes import later
from tests.samples import JOB, stopped


def run(minute: int) -> StoppedTask:
    return stopped(f"r{minute}", created_at=later(minute))


@pytest.mark.parametrize("minutes", list(permutations((0, 60, 120))))
def test_the_latest_run_of_the_schedule_is_the_one_that_was_created_last(minutes: tuple[int, ...]) -> None:
    state = JobState(JOB)
    for minute in minutes:
        state = order.seen(state, run(minute))
    assert order.last_own(state) == later(120)


def test_a_run_that_the_schedule_did_not_start_is_none_of_its_runs() -> None:
    assert order.seen(JobState(JOB), stopped(started_by="ecs-svc/1")).last_own is None
