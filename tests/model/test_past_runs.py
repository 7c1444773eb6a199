"""What a job's state keeps of its latest runs, packed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.model.past_runs import DAYS, KEPT, MOST, DayCount, PastRun, PastRuns, RunResult

START = datetime(2026, 11, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def past(*runs: PastRun) -> PastRuns:
    found = PastRuns()
    for run in runs:
        found = found.with_run(run)
    return found


runs = st.builds(
    PastRun,
    st.integers(0, 1_000_000).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.sampled_from(RunResult),
    st.none() | st.integers(0, 2047) | st.integers(35, 2000).map(lambda minutes: minutes * 60),
    st.none() | st.integers(0, 2047),
    st.booleans(),
)


@given(runs)
def test_a_run_is_read_as_it_was_written(run: PastRun) -> None:
    assert past(run).runs == (run,)


@given(st.lists(runs, max_size=60, unique_by=lambda run: run.at))
def test_the_latest_runs_are_kept_in_order(given_runs: list[PastRun]) -> None:
    kept = past(*sorted(given_runs, key=lambda run: run.at))
    assert list(kept.runs) == sorted(given_runs, key=lambda run: run.at)[-MOST:]
    assert PastRuns.of(given_runs) == kept


def test_a_long_run_is_kept_to_the_minute_and_the_longest_as_34_hours() -> None:
    assert [past(PastRun(START, RunResult.SUCCEEDED, each)).runs[0].seconds for each in (2049, 400_000)] == [
        2040,
        2047 * 60,
    ]


def test_a_run_that_is_delivered_twice_counts_once() -> None:
    run = PastRun(at(1), RunResult.FAILED, 9)
    assert past(run, run) == past(run)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_tasks_that_one_call_started_the_worst_counts(order: tuple[int, int]) -> None:
    both = PastRun(at(1), RunResult.SUCCEEDED, 30), PastRun(at(1.01), RunResult.FAILED, 4)
    kept = past(*(both[each] for each in order))
    assert [(each.result, each.seconds) for each in kept.runs] == [(RunResult.FAILED, 4)]
    assert kept.counts(at(2)) == [DayCount(2496, failed=1)]


def test_a_failure_that_healed_counts_as_a_success() -> None:
    failed = past(PastRun(at(1), RunResult.FAILED, 4))
    (run,) = failed.runs
    healed = failed.changed(run, PastRun(run.at, RunResult.HEALED, 30, healed_after=400))
    assert healed.counts(at(2)) == [DayCount(2496, succeeded=1, healed=1)]
    assert healed.with_run(run) == healed


def test_days_are_counted_for_four_weeks() -> None:
    kept = past(*(PastRun(at(24 * day), RunResult.SUCCEEDED) for day in range(40)))
    assert len(kept.counts(at(24 * 39))) == DAYS
    assert [each.succeeded for each in kept.counts(at(24 * 65))] == [1, 1]
    assert len(kept.counts(at(24 * 39), 7)) == 7


def test_days_are_kept_for_a_month_and_a_few_days() -> None:
    kept = past(*(PastRun(at(24 * day), RunResult.SUCCEEDED) for day in range(40)))
    first, last = at(24 * 8).date(), at(24 * 38).date()
    found = kept.between(first, last)
    assert (len(found), found[0].date, found[-1].date) == (31, first, last)
    assert len(kept.between(at(0).date(), at(24 * 40).date())) == KEPT


def test_days_without_a_run_are_counted_as_such() -> None:
    kept = past(PastRun(at(0), RunResult.MISSED), PastRun(at(24 * 7), RunResult.SUCCEEDED))
    assert [(each.succeeded, each.missed) for each in kept.counts(at(24 * 7))] == [(0, 1), *[(0, 0)] * 6, (1, 0)]


def test_a_run_from_before_all_that_are_kept_changes_nothing() -> None:
    kept = past(*(PastRun(at(hour), RunResult.SUCCEEDED) for hour in range(1, MOST + 1)))
    assert kept.with_run(PastRun(at(0), RunResult.FAILED)) == kept


def test_all_of_it_takes_less_than_400_characters() -> None:
    """A state of a job, which each run writes again, then stays below 1 KB: one write unit."""
    kept = past(
        *(PastRun(at(hour), RunResult.FAILED if hour % 50 == 0 else RunResult.SUCCEEDED, 40) for hour in range(960))
    )
    assert len(kept.latest) + len(kept.days) < 400
