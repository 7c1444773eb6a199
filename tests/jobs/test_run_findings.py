"""What a job's past shows: overlapping runs, and re-runs that heal it every week."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from cronmend.jobs.run_findings import of_past
from cronmend.model.findings import FindingKind
from cronmend.model.past_runs import PastRun, PastRuns, RunResult
from cronmend.model.slos import Slo
from tests.fakes import NOW
from tests.jobs.test_error_budgets import hourly

HOUR = timedelta(hours=1)


def past(runs: Sequence[tuple[datetime, RunResult, int]]) -> PastRuns:
    found = PastRuns()
    for at, result, seconds in runs:
        found = found.with_run(PastRun(at, result, seconds))
    return found


def kinds(runs: Sequence[tuple[datetime, RunResult, int]]) -> list[FindingKind]:
    return [each.kind for each in of_past("default/report", past(runs), None, NOW)]


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


def test_slots_missed_while_a_run_was_active_started_no_run() -> None:
    long = [(NOW - number * 3 * HOUR, RunResult.SUCCEEDED, 2 * 3600) for number in range(4, 0, -1)]
    missed = [(at + HOUR, RunResult.MISSED, 0) for at, *_ in long]
    assert kinds(sorted([*long, *missed])) == []


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


def test_a_budget_that_is_used_is_told_and_so_is_one_that_burns() -> None:
    found = of_past("default/report", hourly({1: RunResult.FAILED, 2: RunResult.HEALED}), Slo(99, 28), NOW)
    assert [(each.about, each.sentence) for each in found] == [
        (
            "fast",
            "It used 30 % of its error budget since yesterday: 1 failed, 1 healed of about 660 runs, and 99 % in 28d "
            "allows 6.6.",
        )
    ]
    failed = hourly(dict.fromkeys(range(1, 90, 9), RunResult.FAILED))
    found = of_past("default/report", failed, Slo(99, 28), NOW)
    assert [each.sentence for each in found] == [
        "Its error budget is used: 10 failed of about 660 runs, and 99 % in 28d allows 6.6."
    ]


def test_without_an_slo_there_is_no_budget() -> None:
    failed = hourly(dict.fromkeys(range(1, 90, 9), RunResult.FAILED))
    assert list(of_past("default/report", failed, None, NOW)) == []
