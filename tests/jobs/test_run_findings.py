"""What a job's past shows: overlapping runs, and re-runs that heal it every week."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from cronmend.jobs.run_findings import of_past
from cronmend.model.findings import FindingKind
from cronmend.model.past_runs import PastRun, PastRuns, RunResult
from tests.fakes import NOW

HOUR = timedelta(hours=1)


def past(runs: Sequence[tuple[datetime, RunResult, int]]) -> PastRuns:
    found = PastRuns()
    for at, result, seconds in runs:
        found = found.with_run(PastRun(at, result, seconds))
    return found


def kinds(runs: Sequence[tuple[datetime, RunResult, int]]) -> list[FindingKind]:
    return [each.kind for each in of_past("default/report", past(runs), NOW)]


@pytest.mark.parametrize(
    ("minutes", "overlapping", "found"),
    [(70, 3, [FindingKind.OVERLAPS]), (70, 2, []), (60, 9, []), (61, 9, [])],
)
def test_runs_that_outlast_the_next_start_again_and_again_are_found(
    minutes: int, overlapping: int, found: list[FindingKind]
) -> None:
    long = [minutes * 60] * overlapping + [60] * (12 - overlapping)
    runs = [(NOW - (12 - number) * HOUR, RunResult.SUCCEEDED, took) for number, took in enumerate(long)]
    assert kinds(runs) == found


@pytest.mark.parametrize(
    ("days_ago", "found"),
    [
        ((1, 8, 15, 22), [FindingKind.HEALS_OFTEN]),
        ((0, 13, 14, 27), [FindingKind.HEALS_OFTEN]),
        ((1, 8, 15), []),
        ((1, 2, 3, 4), []),
        ((1, 8, 15, 29), []),
    ],
)
def test_a_job_that_is_healed_in_each_of_four_weeks_is_found(
    days_ago: tuple[int, ...], found: list[FindingKind]
) -> None:
    assert kinds([(NOW - timedelta(days=ago), RunResult.HEALED, 60) for ago in sorted(days_ago, reverse=True)]) == found


def test_failures_that_no_re_run_healed_have_alerts_of_their_own() -> None:
    assert kinds([(NOW - timedelta(days=ago), RunResult.FAILED, 60) for ago in (22, 15, 8, 1)]) == []
