"""The second decision table of the design, and the guards in their order."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cronmend.healing.plan import Limits, Situation, plan
from cronmend.model import (
    Alert,
    Category,
    DeployWindow,
    Diagnosis,
    HoldAlert,
    Missing,
    Mode,
    Nothing,
    Plan,
    Policy,
    Rerun,
    Size,
    WindowState,
)
from tests.fakes import NOW, later
from tests.samples import stopped

SAFE = Situation(now=NOW, policy=Policy.SAFE, next_slot=later(58))
LIMITS = Limits()


def race(state: WindowState) -> Diagnosis:
    return Diagnosis(Category.DEPLOY_RACE, "r", "s", window=DeployWindow(state))


def of(category: Category) -> Diagnosis:
    return Diagnosis(category, "r", "s")


def test_an_open_window_holds_the_alert_and_looks_again() -> None:
    made = plan(race(WindowState.OPEN), stopped(), SAFE)
    assert made == Plan(
        (
            Rerun(NOW + LIMITS.recheck_after, "run again when the deploy is finished"),
            HoldAlert(NOW + LIMITS.alert_deadline, "the alert is held until 12:01 UTC"),
        )
    )


def test_a_window_closed_moments_ago_runs_again_at_once_but_once() -> None:
    first = plan(race(WindowState.RECENT), stopped(), SAFE)
    assert first.first(Rerun) == Rerun(NOW, "the deploy has just finished: run again now")
    second = plan(race(WindowState.RECENT), stopped(), replace(SAFE, reruns=1))
    assert second.word == "alert"
    assert second.first(Rerun) is None


def test_a_half_done_deploy_alerts_and_runs_nothing() -> None:
    made = plan(race(WindowState.STUCK), stopped(), SAFE)
    assert made.word == "alert"
    assert "half done" in made.actions[0].reason


def test_in_an_open_window_an_unsafe_job_waits_for_its_next_slot() -> None:
    situation = replace(SAFE, policy=Policy.UNSTARTED, next_slot=later(10))
    made = plan(race(WindowState.OPEN), stopped(), situation)
    assert made.first(HoldAlert) == HoldAlert(
        later(10) + LIMITS.recheck_after,
        "no re-run: the job had started, and its policy allows a re-run only where it had not; "
        "when the deploy is finished a person may run it",
    )
    assert made.first(Rerun) is None


def test_but_not_past_its_deadline() -> None:
    made = plan(race(WindowState.OPEN), stopped(), replace(SAFE, policy=Policy.NEVER, next_slot=later(600)))
    hold = made.first(HoldAlert)
    assert hold is not None
    assert hold.until == NOW + LIMITS.alert_deadline


@pytest.mark.parametrize("category", [Category.INFRASTRUCTURE, Category.DEPENDENCY_UNAVAILABLE])
@pytest.mark.parametrize("reruns", [0, 1, 2])
def test_what_passes_by_itself_runs_again_after_a_growing_wait(category: Category, reruns: int) -> None:
    made = plan(of(category), stopped(), replace(SAFE, reruns=reruns))
    again = made.first(Rerun)
    assert again is not None
    assert NOW <= again.at <= NOW + 2 * LIMITS.recheck_after * 2**reruns
    assert made.first(HoldAlert) is not None


def test_past_the_attempts_healing_stops() -> None:
    made = plan(of(Category.INFRASTRUCTURE), stopped(), replace(SAFE, reruns=3))
    assert made == Plan((Alert("no re-run: 3 re-runs have not helped"),))


def test_a_slot_nearer_than_the_rerun_does_its_work() -> None:
    made = plan(of(Category.INFRASTRUCTURE), stopped(), replace(SAFE, next_slot=later(4)))
    assert made.first(Rerun) is None
    assert made.first(HoldAlert) is not None


@pytest.mark.parametrize("category", [c for c in Category if c not in {Category.SUCCESS, Category.CANCELLED}])
def test_never_is_never(category: Category) -> None:
    for state in WindowState:
        made = plan(replace(of(category), window=DeployWindow(state)), stopped(), replace(SAFE, policy=Policy.NEVER))
        assert made.first(Rerun) is None
        assert made.word == "alert"


def test_unstarted_allows_what_never_ran() -> None:
    situation = replace(SAFE, policy=Policy.UNSTARTED)
    assert plan(of(Category.INFRASTRUCTURE), stopped(exit_code=None), situation).first(Rerun) is not None
    assert plan(of(Category.INFRASTRUCTURE), stopped(exit_code=137), situation).first(Rerun) is None


@pytest.mark.parametrize(
    ("mode", "says"), [(Mode.OFF, "switched to off"), (Missing("denied"), "can't be read, so nothing is run: denied")]
)
def test_one_switch_stops_all_healing(mode: Mode | Missing, says: str) -> None:
    (alert,) = plan(of(Category.INFRASTRUCTURE), stopped(), replace(SAFE, mode=mode)).actions
    assert isinstance(alert, Alert)
    assert says in alert.reason


def test_shadow_plans_as_healing_does() -> None:
    shadow = plan(of(Category.INFRASTRUCTURE), stopped(), replace(SAFE, mode=Mode.SHADOW))
    assert shadow == plan(of(Category.INFRASTRUCTURE), stopped(), SAFE)


def test_an_open_circuit_holds_the_alert_and_plans_nothing() -> None:
    made = plan(of(Category.INFRASTRUCTURE), stopped(), replace(SAFE, circuit_until=later(30)))
    assert made.first(Rerun) is None
    assert made.first(HoldAlert) is not None


@pytest.mark.parametrize("guard", [{"day_spent": "6 re-runs today"}, {"too_late": NOW}])
def test_a_spent_day_and_a_slot_too_old_alert_at_once(guard: dict[str, Any]) -> None:
    situation = replace(SAFE, key="k", **guard)
    made = plan(of(Category.INFRASTRUCTURE), stopped(), situation)
    assert isinstance(made.actions[0], Alert)


def test_memory_grows_only_where_it_is_allowed_and_the_job_is_safe() -> None:
    larger = replace(SAFE, larger=Size(512, 2048))
    again = plan(of(Category.OUT_OF_MEMORY), stopped(), larger).first(Rerun)
    assert again == Rerun(NOW, "run again now, once, given 2048 MiB with 512 CPU units", Size(512, 2048))
    unsafe = plan(of(Category.OUT_OF_MEMORY), stopped(exit_code=137), replace(larger, policy=Policy.UNSTARTED))
    assert unsafe.first(Rerun) is None


@pytest.mark.parametrize(
    "category",
    [
        Category.SCHEMA_MISMATCH,
        Category.APPLICATION_ERROR,
        Category.CONFIGURATION_ERROR,
        Category.OUT_OF_MEMORY,
        Category.TIMEOUT,
        Category.UNKNOWN,
    ],
)
def test_no_category_runs_again_because_nothing_matched(category: Category) -> None:
    made = plan(of(category), stopped(), SAFE)
    assert isinstance(made.actions[0], Alert)


@pytest.mark.parametrize("category", [Category.SUCCESS, Category.CANCELLED])
def test_success_and_cancelled_are_silent(category: Category) -> None:
    made = plan(of(category), stopped(), SAFE)
    assert isinstance(made.actions[0], Nothing)
    assert made.word == "none"


def test_a_deadline_once_set_does_not_move() -> None:
    made = plan(of(Category.INFRASTRUCTURE), stopped(), replace(SAFE, held_until=later(12)))
    hold = made.first(HoldAlert)
    assert hold is not None
    assert hold.until == later(12)


def test_a_jobs_owner_may_only_tighten_the_bounds() -> None:
    tighter = LIMITS.of(attempts=1, deadline=timedelta(hours=9))
    assert (tighter.max_attempts, tighter.alert_deadline) == (1, LIMITS.alert_deadline)


@pytest.mark.parametrize("state", [WindowState.OPEN, WindowState.RECENT])
def test_beside_a_living_run_nothing_is_planned_for_now(state: WindowState) -> None:
    made = plan(race(state), stopped(), replace(SAFE, running="arn:alive"))
    rerun = made.first(Rerun)
    assert rerun is not None
    assert rerun.at == NOW + LIMITS.recheck_after
    assert rerun.reason.endswith("but not beside arn:alive")
    assert made.first(HoldAlert) is not None


def test_a_rerun_that_a_living_run_puts_off_yields_to_the_next_slot() -> None:
    made = plan(race(WindowState.RECENT), stopped(), replace(SAFE, running="arn:alive", next_slot=later(4)))
    assert made.first(Rerun) is None
    assert made.first(HoldAlert) is not None
