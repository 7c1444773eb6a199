"""What an SLO allows, and what failures, healing and misses have used of it."""

from datetime import timedelta

import pytest

from cronmend.jobs import error_budgets
from cronmend.jobs.error_budgets import ErrorBudget, percent
from cronmend.model.past_runs import PastRun, PastRuns, RunResult
from cronmend.model.slos import Slo
from tests.fakes import NOW

HOURLY = Slo(99, 28)
F, H, M = RunResult.FAILED, RunResult.HEALED, RunResult.MISSED


def hourly(bad: dict[int, RunResult], hours: int = 28 * 24) -> PastRuns:
    """
    Args:
        bad: the results that weren't good, by how many hours ago.
    """
    at = NOW.replace(minute=0)
    runs = [(at - timedelta(hours=ago), bad.get(ago, RunResult.SUCCEEDED)) for ago in range(hours)]
    return PastRuns.of(PastRun(when, result, 60) for when, result in runs)


def budget(bad: dict[int, RunResult], slo: Slo = HOURLY, hours: int = 28 * 24) -> ErrorBudget:
    found = error_budgets.of_past(hourly(bad, hours), slo, NOW)
    assert found
    return found


@pytest.mark.parametrize("text", ["99 % in 28d", "99% in 28d", "99.0 % in 28d"])
def test_an_slo_is_a_percentage_in_days(text: str) -> None:
    assert (Slo.read(text), str(Slo.read(text))) == (HOURLY, "99 % in 28d")


@pytest.mark.parametrize(
    "text", ["", "99", "99 %", "100 % in 28d", "0 % in 28d", "0.0 % in 7d", "99 % in 29d", "99 % in 0d"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a percentage and up to 28 days"):
        Slo.read(text)


def test_failures_healing_and_misses_use_the_budget_each_apart() -> None:
    found = budget({100: F, 200: F, 300: H, 400: M})
    assert found.parts == (("failed", 2), ("healed", 1), ("missed", 1))
    assert (found.in_words, found.covered) == ("2 failed, 1 healed, 1 missed", 28)
    assert found.allowed == pytest.approx(6.7, abs=0.3)
    assert percent(found.used) == "61 %"
    assert percent(found.share(found.failed)) == "30 %"


def test_runs_before_the_days_of_the_slo_do_not_count() -> None:
    assert budget({24 * 8: F, 30: F}, Slo(99, 7)).bad == 1


def test_a_budget_of_few_days_is_estimated_for_all_of_them() -> None:
    found = budget({5: F}, hours=24 * 4)
    assert found.covered == 5
    assert found.expected == pytest.approx(96 * 28 / 5)


def test_a_run_of_the_next_day_is_counted_as_of_today() -> None:
    found = error_budgets.of_past(PastRuns.of([PastRun(NOW + timedelta(days=1), F)]), HOURLY, NOW)
    assert found
    assert (found.covered, found.expected) == (1, 28)


def test_no_budget_is_known_without_a_run() -> None:
    assert error_budgets.of_past(PastRuns(), HOURLY, NOW) is None


@pytest.mark.parametrize(
    ("bad", "hours", "used", "burning"),
    [
        ({100 * n: F for n in range(1, 7)} | {50: H}, 28 * 24, True, False),
        ({100 * n: F for n in range(1, 7)}, 28 * 24, False, False),
        ({1: F, 2: H}, 28 * 24, False, True),
        ({1: F, 60: H}, 28 * 24, False, False),
        ({1: F}, 28 * 24, False, False),
        (dict.fromkeys(range(1, 30), F), 24 * 4, False, False),
    ],
)
def test_people_are_told_of_a_budget_that_is_used_or_that_burns(
    bad: dict[int, RunResult], hours: int, used: bool, burning: bool
) -> None:
    found = budget(bad, hours=hours)
    assert (found.is_used, found.is_burning) == (used, burning)


def test_a_single_bad_run_of_a_rare_job_has_its_own_alert() -> None:
    daily = PastRuns.of(
        PastRun(NOW - timedelta(days=ago), F if ago == 9 else RunResult.SUCCEEDED, 60) for ago in range(28)
    )
    found = error_budgets.of_past(daily, HOURLY, NOW)
    assert found
    assert (found.used > 3, found.is_used) == (True, False)


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0 %"), (0.001, "1 %"), (0.999, "99 %"), (1, "100 %"), (3.571, "357 %")]
)
def test_a_share_in_words(share: float, words: str) -> None:
    assert percent(share) == words
