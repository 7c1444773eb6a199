"""The one list of guards: the situations that block a re-run, their order, and what is planned instead."""

from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cronmend.healing.guards import KEEPS_ALERT_HELD, Blocker, Guard, blockers, is_awaited
from cronmend.healing.plan import plan
from cronmend.healing.situation import Limits, Situation, no_active_run
from cronmend.model import (
    Category,
    DeployWindow,
    Diagnosis,
    LiveSchedule,
    Missing,
    Mode,
    Policy,
    Rerun,
    Size,
    WindowState,
)
from tests.fakes import NOW, later
from tests.samples import JOB, schedule


def slot(minutes: float, **changes: Any) -> LiveSchedule:
    """A schedule with one slot, this many minutes from now."""
    return schedule(2, expression=f"at({later(minutes):%Y-%m-%dT%H:%M:%S})", timezone="UTC", **changes)


CLEAR = Situation(now=NOW, policy=Policy.SAFE, schedule=slot(58), most_reruns=3, most_today=6)
OPEN = DeployWindow(WindowState.OPEN, reason="service web still runs webapp:1")


def blocked(at: datetime = NOW, **changes: Any) -> list[Blocker]:
    return list(blockers(replace(CLEAR, **changes), at))


def test_a_clear_situation_blocks_nothing() -> None:
    assert blocked() == []


@pytest.mark.parametrize(
    ("changes", "guard", "reason"),
    [
        ({"schedule": Missing("no schedule matches")}, Guard.SCHEDULE, "no schedule matches"),
        ({"schedule": slot(58, enabled=False)}, Guard.SCHEDULE, f"the schedule {JOB} is disabled"),
        (
            {"schedule": slot(58, start=later(1))},
            Guard.SCHEDULE,
            f"the schedule {JOB} doesn't start before 2026-05-06",
        ),
        ({"policy": Policy.NEVER, "ran": False}, Guard.POLICY, "the job's policy is never to re-run it"),
        (
            {"policy": Policy.UNSTARTED},
            Guard.POLICY,
            "the job's code had started, and its policy (`unstarted`) allows a re-run only if it hadn't",
        ),
        (
            {"tasks": 2, "reruns": 3, "most_reruns": 3},
            Guard.ATTEMPTS,
            "not all of the tasks that failed have succeeded after 3 re-runs",
        ),
        ({"schedule": slot(58, end=later(-1))}, Guard.SLOT_AGE, "it would start after the schedule's end"),
        (
            {"slot": later(-121), "stale_after": timedelta(hours=2)},
            Guard.SLOT_AGE,
            "it would start more than 2 h after its scheduled time",
        ),
        ({"reruns": 1, "most_reruns": 1}, Guard.ATTEMPTS, "the job still fails after 1 re-run"),
        ({"reruns": 4}, Guard.ATTEMPTS, "the job still fails after 4 re-runs"),
        ({"most_reruns": 0}, Guard.ATTEMPTS, "its limit is 0 re-runs per incident"),
        ({"reruns_today": 6}, Guard.DAY, "the job has reached its limit of 6 re-runs in 24 hours"),
        ({"mode": lambda: Mode.OFF}, Guard.MODE, "the mode is off"),
        (
            {"mode": lambda: Missing("AccessDenied")},
            Guard.MODE,
            "Cronmend can't read its mode, so it re-runs nothing: AccessDenied",
        ),
        ({"schedule": slot(5)}, Guard.NEXT_SLOT, "the job's next scheduled run is at 11:06 UTC"),
        (
            {"schedule": slot(-10, flexible=timedelta(minutes=15)), "last_run": later(-11)},
            Guard.NEXT_SLOT,
            "the job's scheduled run of 10:51 UTC may start at any moment",
        ),
        (
            {"schedule": schedule(2, expression="rate(1 hour)")},
            Guard.NEXT_SLOT,
            "the job's next scheduled run isn't known: rate(1 hour) has no start date, "
            f"and no run that {JOB} started is known",
        ),
        (
            {"circuit_until": lambda: later(30)},
            Guard.CIRCUIT,
            "healing has stopped for all jobs until 11:31 UTC",
        ),
        ({"active_run": lambda: "arn:t/1"}, Guard.RUNNING, "the job is already running (arn:t/1)"),
        (
            {"claimed_at": later(-1.4)},
            Guard.STARTING,
            "a run was requested less than 90 s ago, and ECS may not list it yet",
        ),
        (
            {"schedule": slot(58, enabled=False, held_until=later(20))},
            Guard.HOLD,
            f"Cronmend holds the schedule {JOB} during a deploy, until 11:21 UTC at the latest",
        ),
        (
            {"schedule": slot(58, enabled=False, held_until=later(-1))},
            Guard.HOLD,
            f"Cronmend holds the schedule {JOB} during a deploy, until 11:00 UTC at the latest",
        ),
        ({"window": lambda: OPEN}, Guard.DEPLOY, OPEN.reason),
        ({"window": lambda: replace(OPEN, state=WindowState.STUCK)}, Guard.DEPLOY, OPEN.reason),
        ({"window": lambda: replace(OPEN, state=WindowState.OLDER_CODE)}, Guard.DEPLOY, OPEN.reason),
    ],
)
def test_each_guard_blocks_by_name_and_with_its_reason(changes: dict[str, Any], guard: Guard, reason: str) -> None:
    assert blocked(**changes) == [Blocker(guard, reason)]


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": None},
        {"schedule": slot(58, start=NOW, end=NOW)},
        {"policy": Policy.UNSTARTED, "ran": False},
        {"policy": Policy.SAFE, "tasks": 2},
        {"slot": later(-24 * 60)},
        {"reruns": 2, "reruns_today": 5},
        {"reruns": 9, "most_reruns": None, "reruns_today": 9, "most_today": None},
        {"mode": lambda: Mode.SHADOW},
        {"schedule": slot(5.1)},
        {"schedule": slot(-10, flexible=timedelta(minutes=15)), "last_run": later(-10)},
        {"schedule": slot(-10, flexible=timedelta(minutes=8)), "last_run": later(-11)},
        {"schedule": slot(-1, flexible=timedelta()), "last_run": later(-1)},
        {"schedule": slot(-2, flexible=timedelta()), "last_run": None},
        {"claimed_at": later(-1.5)},
        *({"window": lambda state=state: DeployWindow(state)} for state in ("recent", "closed", "unknown")),
    ],
)
def test_just_within_its_bounds_nothing_is_blocked(changes: dict[str, Any]) -> None:
    assert blocked(**changes) == []


def test_a_slots_own_run_may_not_be_listed_yet_and_then_no_other_starts_whoever_asks() -> None:
    reason = "the job's scheduled run of 10:59 UTC may start at any moment"
    assert blocked(schedule=slot(-1.4), last_run=later(-60)) == [Blocker(Guard.STARTING, reason)]
    assert blocked(schedule=slot(-1.6), last_run=later(-60)) == []


def test_every_guard_that_blocks_is_named_once_in_the_order_of_the_list() -> None:
    found = blocked(
        schedule=slot(4, start=later(9), end=later(-9), held_until=later(9)),
        policy=Policy.NEVER,
        reruns=3,
        reruns_today=6,
        mode=lambda: Mode.OFF,
        circuit_until=lambda: later(30),
        active_run=lambda: "arn:t/1",
        claimed_at=NOW,
        window=lambda: OPEN,
    )
    assert [each.guard for each in found] == list(Guard)


def test_guards_that_end_healing_come_before_those_that_keep_the_alert_held() -> None:
    order = [guard for guard in Guard if guard is not Guard.DEPLOY]
    assert set(order[-5:]) == KEEPS_ALERT_HELD


def asked(*, until: int) -> tuple[list[str], list[Blocker]]:
    """The calls that are made until this many blockers are found, if the guard of each call blocks."""
    calls: list[str] = []

    def fact[T](name: str, value: T) -> Callable[[], T]:
        def ask() -> T:
            calls.append(name)
            return value

        return ask

    situation = replace(
        CLEAR,
        reruns=3,
        mode=fact("mode", Mode.OFF),
        circuit_until=fact("circuit", later(30)),
        active_run=fact("running", "arn:t/1"),
        window=fact("window", OPEN),
    )
    lazy = blockers(situation, NOW)
    found = [next(lazy) for _ in range(until)]
    return calls, found


def test_a_fact_that_costs_a_call_is_asked_for_only_once_the_guards_before_it_are_clear() -> None:
    order = ["mode", "circuit", "running", "window"]
    for until in range(1, 6):
        calls, found = asked(until=until)
        assert calls == order[: until - 1]
        assert len(found) == until


def test_a_planned_rerun_is_measured_at_its_own_time() -> None:
    at = later(20)
    assert [each.guard for each in blocked(at, schedule=slot(58, end=later(19)))] == [Guard.SLOT_AGE]
    assert [each.guard for each in blocked(at, slot=later(-24 * 60 + 19))] == [Guard.SLOT_AGE]
    assert [each.guard for each in blocked(at, schedule=slot(25))] == [Guard.NEXT_SLOT]
    assert [each.guard for each in blocked(at, schedule=slot(-1, flexible=timedelta(minutes=22)))] == [Guard.NEXT_SLOT]
    assert blocked(at, schedule=slot(58, start=at)) == []
    assert blocked(at, schedule=slot(-3, flexible=timedelta(minutes=21))) == []
    assert blocked(at, schedule=slot(58, enabled=False, held_until=at)) == []
    held = slot(58, enabled=False, held_until=later(20.1))
    assert [each.guard for each in blocked(at, schedule=held)] == [Guard.HOLD]


def test_a_rerun_that_a_deploys_end_may_bring_forward_needs_no_time_before_the_slot() -> None:
    waiting, at = replace(CLEAR, waits_for_deploy=True), later(20)
    found = [each.guard for each in blockers(replace(waiting, schedule=slot(20)), at)]
    assert found == [Guard.NEXT_SLOT, Guard.STARTING]
    waiting = replace(waiting, schedule=slot(22))
    assert list(blockers(waiting, at)) == []
    assert [each.guard for each in blockers(replace(waiting, now=at), at)] == [Guard.NEXT_SLOT]


def moments(first: int, last: int) -> st.SearchStrategy[datetime]:
    return st.integers(first, last).map(later)


SLOTS = st.builds(
    slot,
    st.integers(1, 20) | st.integers(-30, 90),
    start=st.none() | moments(-60, 20),
    end=st.none() | moments(0, 90),
    flexible=st.integers(0, 60).map(lambda minutes: timedelta(minutes=minutes)),
)
FACTS: dict[str, st.SearchStrategy[object]] = {
    "policy": st.sampled_from(Policy),
    "ran": st.booleans(),
    "schedule": SLOTS | st.just(Missing("there is no schedule any more")) | st.just(slot(58, enabled=False)),
    "slot": moments(-1500, 0),
    "last_run": moments(-60, 0),
    "reruns": st.integers(0, 4),
    "most_reruns": st.integers(0, 4),
    "reruns_today": st.integers(0, 7),
    "mode": st.sampled_from((*Mode, Missing("denied"))).map(lambda mode: lambda: mode),
    "circuit_until": moments(1, 60).map(lambda until: lambda: until),
    "limits": st.integers(1, 20).map(lambda minutes: Limits(recheck_after=timedelta(minutes=minutes))),
    "key": st.integers().map(str),
    "larger": st.just(Size(512, 2048)),
    "held_until": moments(1, 60),
}
CHANGES = st.sets(st.sampled_from(sorted(FACTS)), max_size=4).flatmap(
    lambda names: st.fixed_dictionaries({name: FACTS[name] for name in names})
)
DIAGNOSES = st.builds(
    lambda category, state: Diagnosis(category, "r", "s", window=DeployWindow(state)),
    st.sampled_from(
        (Category.DEPLOY_RACE, Category.INFRASTRUCTURE, Category.DEPENDENCY_UNAVAILABLE, Category.OUT_OF_MEMORY)
    ),
    st.sampled_from((WindowState.OPEN, WindowState.RECENT, WindowState.CLOSED)),
)


@settings(max_examples=300)
@given(DIAGNOSES, SLOTS | st.just(slot(58)), st.sampled_from(("", "arn:t/1")), CHANGES)
def test_nothing_blocks_a_planned_rerun_at_its_time(
    diagnosis: Diagnosis, slots: LiveSchedule, active: str, changes: dict[str, Any]
) -> None:
    """A run that is active at planning is the exception: it may have ended by then, and blocks if it has not.

    Hypothesis fails the test if too few situations lead to a re-run.
    """
    facts = {"schedule": slots, "active_run": lambda: active, **changes}
    situation = replace(CLEAR, waits_for_deploy=diagnosis.category is Category.DEPLOY_RACE, **facts)
    rerun = plan(diagnosis, situation).first(Rerun)
    assume(rerun is not None)
    assert rerun is not None
    ended = replace(situation, active_run=no_active_run)
    assert list(blockers(ended, rerun.at)) == []
    if not situation.waits_for_deploy:
        assert list(blockers(replace(ended, now=rerun.at), rerun.at)) == []


@pytest.mark.parametrize(
    ("guard", "tasks", "awaited"),
    [
        (Guard.RUNNING, 1, False),
        (Guard.RUNNING, 2, True),
        (Guard.NEXT_SLOT, 2, False),
        (Guard.STARTING, 1, True),
    ],
)
def test_a_rerun_waits_for_a_run_that_starts_and_for_another_task_of_its_slot(
    guard: Guard, tasks: int, awaited: bool
) -> None:
    assert is_awaited(Blocker(guard, "why"), replace(CLEAR, tasks=tasks)) is awaited
