"""The plan for a deploy race or schema mismatch by window, policy and situation, and for other causes."""

from copy import replace
from datetime import timedelta
from typing import Any

import pytest

from cronmend.healing import backoff
from cronmend.healing.guards import Guard
from cronmend.healing.plan import blocker_of, plan
from cronmend.healing.situation import Limits, Situation
from cronmend.model import (
    Alert,
    Category,
    DeployWindow,
    Diagnosis,
    HoldAlert,
    LiveSchedule,
    Missing,
    Mode,
    Nothing,
    Plan,
    Policy,
    Proof,
    Rerun,
    Size,
    WindowState,
)
from cronmend.wording import span
from tests.fakes import NOW, later
from tests.samples import schedule

LIMITS = Limits()


def slot(minutes: float) -> LiveSchedule:
    """A schedule whose next slot is this many minutes away."""
    return schedule(2, expression=f"at({later(minutes):%Y-%m-%dT%H:%M:%S})", timezone="UTC")


SAFE = Situation(now=NOW, policy=Policy.SAFE, schedule=slot(58), most_reruns=3)


def race(state: WindowState) -> Diagnosis:
    return Diagnosis(Category.DEPLOY_RACE, "r", "s", window=DeployWindow(state))


def of(category: Category) -> Diagnosis:
    return Diagnosis(category, "r", "s")


@pytest.mark.parametrize(("reruns", "waits"), [(0, 1), (1, 2), (2, 4)])
def test_an_open_window_holds_the_alert_and_checks_again_later_each_time(reruns: int, waits: int) -> None:
    made = plan(race(WindowState.OPEN), replace(SAFE, reruns=reruns))
    assert made == Plan(
        (
            Rerun(NOW + waits * LIMITS.recheck_after, "re-run when the deploy ends"),
            HoldAlert(NOW + LIMITS.alert_deadline, "the alert is held until 12:01 UTC"),
        )
    )


def test_times_on_another_day_have_their_date() -> None:
    late = NOW.replace(hour=23, minute=30)
    held = plan(race(WindowState.OPEN), replace(SAFE, now=late)).first(HoldAlert)
    assert held
    assert held.reason == f"the alert is held until {late + LIMITS.alert_deadline:%Y-%m-%d} 00:30 UTC"
    blocked = replace(SAFE, now=late, circuit_until=lambda: late + timedelta(hours=1))
    blocker = blocker_of(race(WindowState.OPEN), blocked)
    assert blocker
    assert blocker.reason == f"healing has stopped for all jobs until {late + timedelta(hours=1):%Y-%m-%d} 00:30 UTC"


def test_a_job_that_never_started_is_run_at_once_and_after_a_re_run_it_waits() -> None:
    never = of(Category.NEVER_STARTED)
    assert plan(never, SAFE).first(Rerun) == Rerun(NOW, "the cause may have passed: run it now")
    second = plan(never, replace(SAFE, reruns=1)).first(Rerun)
    assert second
    assert second.at == NOW + backoff.wait(LIMITS.recheck_after, 1, SAFE.key)


def test_after_a_recent_deploy_the_job_is_re_run_at_once_but_only_once() -> None:
    first = plan(race(WindowState.RECENT), SAFE)
    assert first.first(Rerun) == Rerun(NOW, "the deploy just ended: re-run now")
    second = plan(race(WindowState.RECENT), replace(SAFE, reruns=1, repeats=True))
    assert second.word == "alert"
    assert second.first(Rerun) is None


@pytest.mark.parametrize("category", [Category.INFRASTRUCTURE, Category.DEPENDENCY_UNAVAILABLE])
def test_after_a_recent_deploy_a_cause_that_the_deploy_does_not_explain_is_re_run_again(category: Category) -> None:
    failed = replace(of(category), window=DeployWindow(WindowState.RECENT))
    assert plan(failed, replace(SAFE, reruns=1, repeats=True)).first(Rerun) is not None


def ended(proof: Proof | None, at: float | None = -3) -> Diagnosis:
    window = DeployWindow(
        WindowState.RECENT, reason="web ended", proof=proof, ended_at=None if at is None else later(at)
    )
    return replace(race(WindowState.RECENT), window=window)


def test_the_ground_of_the_rerun_is_named() -> None:
    assert plan(ended(Proof.ASSUMED), SAFE).first(Rerun) == Rerun(
        NOW, "the deploy's end is assumed (web ended): re-run now, once"
    )
    assert plan(ended(Proof.PROVED), SAFE).first(Rerun) == Rerun(NOW, "the deploy just ended (web ended): re-run now")


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        (Proof.ASSUMED, "a re-run after the deploy failed, too, and nothing shows that its migration ran (web ended)"),
        (Proof.PROVED, "a re-run after the deploy failed the same way, although its migration succeeded (web ended)"),
    ],
)
def test_after_the_one_rerun_the_alert_says_how_sure_the_end_was(proof: Proof, why: str) -> None:
    assert plan(ended(proof), replace(SAFE, reruns=1, repeats=True)) == Plan((Alert(why),))


@pytest.mark.parametrize(
    ("found", "last_rerun", "again"),
    [
        pytest.param(ended(Proof.ASSUMED), -2, False, id="a re-run since the assumed end"),
        pytest.param(ended(Proof.ASSUMED), -4, True, id="a re-run before it"),
        pytest.param(ended(Proof.PROVED), -2, True, id="the migration's own success"),
        pytest.param(ended(Proof.ASSUMED, None), -2, True, id="an end without a date"),
    ],
)
def test_an_assumed_end_gets_one_rerun_whatever_that_one_failed_with(
    found: Diagnosis, last_rerun: float, again: bool
) -> None:
    made = plan(found, replace(SAFE, reruns=1, last_rerun=later(last_rerun)))
    assert (made.first(Rerun) is not None) is again


def test_after_a_recent_deploy_a_rerun_for_another_cause_does_not_count() -> None:
    assert plan(race(WindowState.RECENT), replace(SAFE, reruns=1)).first(Rerun) is not None


def test_in_an_open_window_the_same_failure_again_waits_for_the_end_of_the_deploy() -> None:
    made = plan(race(WindowState.OPEN), replace(SAFE, reruns=1, repeats=True))
    assert made.first(Rerun) is not None


def test_a_half_done_deploy_alerts_and_runs_nothing() -> None:
    made = plan(race(WindowState.STUCK), SAFE)
    assert made.word == "alert"
    assert made == Plan((Alert("no re-run can succeed until someone finishes the deploy"),))


def test_in_an_open_window_an_unsafe_job_waits_for_its_next_slot() -> None:
    situation = replace(SAFE, policy=Policy.UNSTARTED, schedule=slot(10))
    made = plan(race(WindowState.OPEN), situation)
    assert made.first(HoldAlert) == HoldAlert(
        later(10) + LIMITS.recheck_after,
        "no re-run: the job's code had started, and its policy (`unstarted`) allows a re-run only if it hadn't; "
        "after the deploy ends, a person can run it",
        "the job's code had started, and its policy (`unstarted`) allows a re-run only if it hadn't",
    )
    assert made.first(Rerun) is None


def test_but_not_past_its_deadline() -> None:
    made = plan(race(WindowState.OPEN), replace(SAFE, policy=Policy.NEVER, schedule=slot(600)))
    hold = made.first(HoldAlert)
    assert hold is not None
    assert hold.until == NOW + LIMITS.alert_deadline


def test_the_next_slot_of_a_rate_is_counted_from_the_last_run() -> None:
    """A rule doesn't say when it was created."""
    rate = schedule(2, expression="rate(15 minutes)", timezone="UTC", created=None)
    made = plan(race(WindowState.OPEN), replace(SAFE, policy=Policy.NEVER, schedule=rate, last_run=later(-5))).first(
        HoldAlert
    )
    assert made and made.until == later(10) + LIMITS.recheck_after


def test_an_alert_about_a_run_of_an_uncertain_job_says_what_blocked_the_rerun() -> None:
    made = plan(of(Category.INFRASTRUCTURE), replace(SAFE, policy=Policy.NEVER, attributed=False))
    blocker = blocker_of(of(Category.INFRASTRUCTURE), replace(SAFE, policy=Policy.NEVER, attributed=False))
    assert blocker and made == Plan((Alert(blocker.reason),))


@pytest.mark.parametrize("category", [Category.INFRASTRUCTURE, Category.DEPENDENCY_UNAVAILABLE])
@pytest.mark.parametrize("reruns", [0, 1, 2])
def test_a_cause_that_may_pass_is_re_run_after_a_growing_wait(category: Category, reruns: int) -> None:
    made = plan(of(category), replace(SAFE, schedule=slot(600), reruns=reruns, key="the attempt"))
    again = made.first(Rerun)
    assert again is not None
    wait = backoff.wait(LIMITS.recheck_after, reruns, "the attempt")
    assert (again.at, again.reason) == (NOW + wait, f"the cause may pass: re-run in {span(wait)}")
    assert made.first(HoldAlert) is not None


def test_past_the_attempts_healing_stops_in_an_open_window_too() -> None:
    made = plan(race(WindowState.OPEN), replace(SAFE, reruns=3))
    assert made == Plan((Alert("the job still fails after 3 re-runs"),))


def test_past_the_attempts_healing_stops() -> None:
    made = plan(of(Category.INFRASTRUCTURE), replace(SAFE, reruns=3))
    assert made == Plan((Alert("the job still fails after 3 re-runs"),))


def test_a_slot_nearer_than_the_rerun_replaces_it() -> None:
    made = plan(of(Category.INFRASTRUCTURE), replace(SAFE, schedule=slot(4)))
    assert made.first(Rerun) is None
    assert made.first(HoldAlert) is not None


@pytest.mark.parametrize("category", [c for c in Category if c not in {Category.SUCCESS, Category.CANCELLED}])
def test_the_policy_never_allows_no_rerun(category: Category) -> None:
    for state in WindowState:
        made = plan(replace(of(category), window=DeployWindow(state)), replace(SAFE, policy=Policy.NEVER))
        assert made.first(Rerun) is None
        assert made.word == "alert"


def test_unstarted_allows_what_never_ran() -> None:
    situation = replace(SAFE, policy=Policy.UNSTARTED)
    assert plan(of(Category.INFRASTRUCTURE), replace(situation, ran=False)).first(Rerun) is not None
    assert plan(of(Category.INFRASTRUCTURE), replace(situation, ran=True)).first(Rerun) is None


@pytest.mark.parametrize(
    ("mode", "reason"),
    [(Mode.OFF, "the mode is off"), (Missing("denied"), "Cronmend can't read its mode, so it re-runs nothing: denied")],
)
def test_one_switch_stops_all_healing(mode: Mode | Missing, reason: str) -> None:
    (alert,) = plan(of(Category.INFRASTRUCTURE), replace(SAFE, mode=lambda: mode)).actions
    assert alert == Alert(reason)


def test_shadow_plans_as_healing_does() -> None:
    shadow = plan(of(Category.INFRASTRUCTURE), replace(SAFE, mode=lambda: Mode.SHADOW))
    assert shadow == plan(of(Category.INFRASTRUCTURE), SAFE)


def test_an_open_circuit_holds_the_alert_and_plans_nothing() -> None:
    made = plan(of(Category.INFRASTRUCTURE), replace(SAFE, circuit_until=lambda: later(30)))
    assert made.first(Rerun) is None
    assert made.first(HoldAlert) is not None


@pytest.mark.parametrize("guard", [{"reruns_today": 6, "most_today": 6}, {"slot": later(-24 * 60)}])
def test_a_used_daily_budget_and_an_old_slot_alert_at_once(guard: dict[str, Any]) -> None:
    situation = replace(SAFE, **guard)
    made = plan(of(Category.INFRASTRUCTURE), situation)
    assert isinstance(made.actions[0], Alert)


def test_memory_grows_only_where_it_is_allowed_and_the_job_is_safe() -> None:
    larger = replace(SAFE, larger=Size(512, 2048))
    again = plan(of(Category.OUT_OF_MEMORY), larger).first(Rerun)
    assert again == Rerun(NOW, "re-run now, once, with 2048 MiB with 512 CPU units", Size(512, 2048))
    unsafe = plan(of(Category.OUT_OF_MEMORY), replace(larger, policy=Policy.UNSTARTED, ran=True))
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
def test_no_category_is_re_run_because_nothing_matched(category: Category) -> None:
    made = plan(of(category), SAFE)
    assert isinstance(made.actions[0], Alert)


def test_a_rerun_for_another_cause_has_the_size_of_the_target() -> None:
    again = plan(of(Category.INFRASTRUCTURE), replace(SAFE, larger=Size(512, 2048), key="k")).first(Rerun)
    assert again and again.size is None


SAME_WAY = "a re-run would fail the same way"
UNSURE = "nothing shows that a re-run would succeed"


@pytest.mark.parametrize(
    ("category", "state", "ran", "reason"),
    [
        (Category.SCHEMA_MISMATCH, WindowState.CLOSED, True, f"without a deploy, {SAME_WAY}"),
        (Category.SCHEMA_MISMATCH, WindowState.OLDER_CODE, True, SAME_WAY),
        (Category.CONFIGURATION_ERROR, WindowState.CLOSED, True, SAME_WAY),
        (Category.CONFIGURATION_ERROR, WindowState.OPEN, True, UNSURE),
        (Category.CONFIGURATION_ERROR, WindowState.UNKNOWN, True, UNSURE),
        (Category.APPLICATION_ERROR, WindowState.CLOSED, True, UNSURE),
        (Category.CONFIGURATION_ERROR, WindowState.CLOSED, False, "the task can't start until this is fixed"),
        (Category.UNKNOWN, WindowState.CLOSED, True, "Cronmend can't tell whether a later run would succeed"),
    ],
)
def test_why_a_cause_that_does_not_pass_gets_no_rerun(
    category: Category, state: WindowState, ran: bool, reason: str
) -> None:
    explains = category is Category.SCHEMA_MISMATCH
    diagnosis = replace(of(category), window=DeployWindow(state), deploy_explains=explains)
    assert plan(diagnosis, replace(SAFE, ran=ran)) == Plan((Alert(reason),))


def maybe(state: WindowState, category: Category = Category.CONFIGURATION_ERROR) -> Diagnosis:
    """A failure that a deploy may explain."""
    return replace(of(category), window=DeployWindow(state, reason="web lags"), deploy_may_explain=True)


def test_a_failure_that_an_open_deploy_may_explain_is_held_and_re_run_once() -> None:
    made = plan(maybe(WindowState.OPEN), SAFE)
    assert made == Plan(
        (
            Rerun(
                NOW + LIMITS.recheck_after,
                "a deploy is in progress and may explain it (web lags): re-run when it ends, once",
            ),
            HoldAlert(NOW + LIMITS.alert_deadline, "the alert is held until 12:01 UTC"),
        )
    )
    again = plan(maybe(WindowState.OPEN), replace(SAFE, reruns=1, repeats=True))
    assert again == Plan((Alert("a re-run failed the same way"),))


def test_after_a_recent_deploy_a_failure_that_it_may_explain_is_re_run_at_once_but_only_once() -> None:
    assert plan(maybe(WindowState.RECENT), SAFE).first(Rerun) == Rerun(
        NOW, "the deploy just ended (web lags): re-run now"
    )
    ended = replace(maybe(WindowState.RECENT).window, proof=Proof.ASSUMED, ended_at=later(-2))
    made = plan(replace(maybe(WindowState.RECENT), window=ended), replace(SAFE, last_rerun=later(-1)))
    assert isinstance(made.actions[0], Alert)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (WindowState.CLOSED, SAME_WAY),
        (WindowState.OLDER_CODE, SAME_WAY),
        (
            WindowState.STUCK,
            "the half-done deploy may be the cause, and no re-run can show that until someone finishes it",
        ),
        (WindowState.UNKNOWN, "Cronmend can't tell whether a later run would succeed"),
    ],
)
def test_without_an_open_deploy_none_is_waited_for(state: WindowState, reason: str) -> None:
    assert plan(maybe(state), SAFE) == Plan((Alert(reason),))


@pytest.mark.parametrize("policy", [Policy.UNSTARTED, Policy.NEVER])
def test_a_failure_that_a_deploy_may_explain_is_alerted_at_once_if_the_job_may_not_be_re_run(policy: Policy) -> None:
    """After a deploy race the next scheduled run is awaited; here the deploy is only one of the possible causes."""
    assert isinstance(plan(maybe(WindowState.OPEN), replace(SAFE, policy=policy)).actions[0], Alert)
    assert isinstance(plan(race(WindowState.OPEN), replace(SAFE, policy=policy)).actions[0], HoldAlert)


def test_a_task_that_never_started_is_re_run_once_under_the_default_policy() -> None:
    unstarted = replace(SAFE, policy=Policy.UNSTARTED, ran=False)
    assert plan(maybe(WindowState.OPEN), unstarted).first(Rerun)


def test_a_passing_cause_waits_for_the_deploy_and_then_passes_as_always() -> None:
    passing = Category.DEPENDENCY_UNAVAILABLE
    waits = plan(maybe(WindowState.OPEN, passing), SAFE).first(Rerun)
    assert waits and waits.at == NOW + LIMITS.recheck_after
    for state in (WindowState.RECENT, WindowState.CLOSED, WindowState.STUCK):
        again = replace(SAFE, reruns=1, repeats=True, key="k")
        assert plan(maybe(state, passing), again) == plan(of(passing), again)


@pytest.mark.parametrize("category", [Category.APPLICATION_ERROR, Category.TIMEOUT, Category.UNKNOWN])
def test_more_memory_helps_only_against_too_little_memory(category: Category) -> None:
    made = plan(of(category), replace(SAFE, larger=Size(512, 2048)))
    assert isinstance(made.actions[0], Alert)


@pytest.mark.parametrize("category", [Category.SUCCESS, Category.CANCELLED])
def test_success_and_cancelled_are_silent(category: Category) -> None:
    made = plan(of(category), SAFE)
    assert isinstance(made.actions[0], Nothing)
    assert made.word == "none"


def test_a_deadline_once_set_does_not_move() -> None:
    made = plan(of(Category.INFRASTRUCTURE), replace(SAFE, held_until=later(12)))
    hold = made.first(HoldAlert)
    assert hold is not None
    assert hold.until == later(12)


def test_a_jobs_owner_may_only_tighten_the_bounds() -> None:
    tighter = LIMITS.of(attempts=1, deadline=timedelta(hours=9))
    assert (tighter.max_attempts, tighter.alert_deadline) == (1, LIMITS.alert_deadline)


def test_with_an_active_run_no_rerun_is_planned_for_now() -> None:
    made = plan(race(WindowState.RECENT), replace(SAFE, active_run=lambda: "arn:alive"))
    rerun = made.first(Rerun)
    assert rerun is not None
    assert rerun.at == NOW + LIMITS.recheck_after
    assert rerun.reason.endswith("delayed because the job is already running (arn:alive)")
    assert made.first(HoldAlert) is not None


def test_ecs_is_not_asked_for_an_active_run_that_would_not_delay_the_rerun() -> None:
    made = plan(race(WindowState.OPEN), replace(SAFE, active_run=lambda: "arn:alive"))
    assert made == plan(race(WindowState.OPEN), SAFE)
    assert (rerun := made.first(Rerun)) is not None
    assert rerun.at == NOW + LIMITS.recheck_after


def test_a_rerun_that_an_active_run_delays_defers_to_the_next_slot() -> None:
    made = plan(race(WindowState.RECENT), replace(SAFE, active_run=lambda: "arn:alive", schedule=slot(4)))
    assert made.first(Rerun) is None
    assert made.first(HoldAlert) is not None


def test_a_guard_is_named_only_where_a_rerun_would_help() -> None:
    never = replace(SAFE, policy=Policy.NEVER)
    blocker = blocker_of(race(WindowState.OPEN), never)
    assert blocker
    assert blocker.guard is Guard.POLICY
    assert blocker_of(race(WindowState.OPEN), SAFE) is None
    assert blocker_of(race(WindowState.STUCK), never) is None
    assert blocker_of(of(Category.SUCCESS), never) is None
    again = replace(never, repeats=True)
    assert blocker_of(race(WindowState.RECENT), again) is None
