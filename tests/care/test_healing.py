"""Budgets, the circuit, shadow mode, RunTask's answers and the memory step, over the fakes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cronmend.care.due import TOKEN_LIFE
from cronmend.care.guards import Budget
from cronmend.errors import Retryable
from cronmend.model import Container, LiveTask, Missing, Mode, Policy, Size
from cronmend.records import IncidentState, Timer, TimerKind
from cronmend.refusal import Refusal
from tests.care.world import CLUSTER, World, killed, out_of_capacity
from tests.fakes import NOW, FakeLedger, later
from tests.samples import JOB, schedule, stopped

type Step = Callable[[World, str, datetime], None]
NO_ROOM = Refusal("Capacity is unavailable at this time", passes=True)
SPOT_FIRST = [
    {"capacityProvider": "FARGATE_SPOT", "weight": 1},
    {"capacityProvider": "FARGATE", "weight": 0},
]


def rerun_timer(world: World) -> Timer:
    timers = [timer for timer in world.timers.due() if timer.kind is TimerKind.RERUN]
    return max(timers, key=lambda timer: (timer.attempt, timer.look))


def unstarted(world: World | None = None) -> World:
    world = world or World()
    world.stopped.handle(out_of_capacity(), NOW)
    return world


def on_spot(world: World) -> World:
    parameters = {k: v for k, v in schedule(2).parameters.items() if k != "LaunchType"}
    live = schedule(2, parameters={**parameters, "CapacityProviderStrategy": SPOT_FIRST})
    world.schedules.schedules[JOB] = live
    return world


def test_no_room_means_the_next_attempt_later_with_a_token_of_its_own() -> None:
    world = unstarted()
    world.tasks.refusals = [NO_ROOM]
    first = rerun_timer(world)
    world.due.handle(first, first.at)
    assert world.tasks.started == {}
    again = rerun_timer(world)
    assert (again.attempt, world.incident.infra_reruns) == (3, 1)
    world.due.handle(again, again.at)
    assert len(world.tasks.started) == 1
    assert world.due.handle(first, again.at) == "attempt 2 is not to be started any more"
    assert len(world.tasks.started) == 1


def test_no_room_on_spot_asks_the_other_capacity_that_the_target_names() -> None:
    world = unstarted(on_spot(World()))
    world.tasks.refusals = [NO_ROOM]
    first = rerun_timer(world)
    world.due.handle(first, first.at)
    again = rerun_timer(world)
    assert again.at - first.at < timedelta(minutes=1)
    world.due.handle(again, again.at)
    (request,) = world.tasks.started.values()
    assert request["capacityProviderStrategy"] == [{"capacityProvider": "FARGATE", "weight": 1}]


def test_no_room_again_and_again_ends_with_an_alert() -> None:
    world = unstarted()
    world.tasks.refusals = [NO_ROOM] * 9
    for _ in range(3):
        timer = rerun_timer(world)
        world.due.handle(timer, timer.at)
    assert [kind for kind, _ in world.told] == ["gave_up"]
    assert world.incident.planned is None


def test_a_refusal_that_does_not_pass_calls_a_person() -> None:
    world = unstarted()
    world.tasks.refusals = [Refusal("ATTRIBUTE", passes=False)]
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert "ATTRIBUTE" in world.told[0][1]
    assert world.incident.planned is None


def test_after_the_tokens_life_an_unanswered_attempt_is_never_asked_again() -> None:
    world = unstarted()
    world.tasks.refusal = Retryable("no answer")
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    world.tasks.refusal = None
    world.due.handle(timer, timer.at + TOKEN_LIFE + timedelta(seconds=1))
    assert world.tasks.started == {}
    assert "not known" in world.told[-1][1]


def test_an_attempt_whose_task_is_found_alive_is_only_noted() -> None:
    world = unstarted()
    world.tasks.refusal = Retryable("no answer")
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    world.tasks.refusal = None
    (attempt,) = world.attempts()
    own = LiveTask("arn:task/own", CLUSTER, stopped().task_definition, f"cronmend/{attempt.key}", stopped().overrides)
    world.tasks.living = [own]
    world.due.handle(timer, timer.at)
    assert world.tasks.started == {}
    assert next(iter(world.attempts())).task_arn == "arn:task/own"


def test_the_circuit_opens_with_one_alert_and_holds_the_others() -> None:
    world = World(ledger=FakeLedger(hourly_reruns=0))
    other = schedule(2, job="cronmend-jobs/other", target_input="")
    world.schedules.schedules[other.job] = other
    unstarted(world)
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert [kind for kind, _ in world.told] == ["circuit"]
    assert world.incident.state is IncidentState.HEALING
    assert world.incident.planned is None
    world.due.handle(timer, timer.at)
    later_failure = world.stopped.handle(out_of_capacity("a2"), later(20))
    assert "healing has stopped for all jobs" in later_failure.reasons[0]
    assert [kind for kind, _ in world.told] == ["circuit"]
    release = next(timer for timer in world.timers.due() if timer.kind is TimerKind.RELEASE)
    world.due.handle(release, release.at)
    assert [kind for kind, _ in world.told] == ["circuit", "alert"]


def test_the_circuit_closes_by_itself_and_by_hand() -> None:
    world = World(ledger=FakeLedger(hourly_reruns=0))
    unstarted(world)
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    hour = world.budget.circuit
    assert world.circuit.open_until(timer.at + hour) is None
    assert world.circuit.close(timer.at) is True
    assert world.circuit.open_until(timer.at) is None


def test_failures_of_aws_leave_the_jobs_own_budget_alone() -> None:
    world = unstarted(World(budget=Budget(per_day=1)))
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    book = world.ledger.read(JOB)
    assert (len(book.rerun_times), len(book.infra_times)) == (0, 1)
    (attempt,) = world.attempts()
    world.fails(world.rerun_of(attempt, 1, later(9)), at=later(9))
    assert world.incident.planned is not None


def test_memory_grows_once_and_the_message_says_what_to_change() -> None:
    world = World(memory_step=True)
    task = replace(killed(), size=Size(512, 1024), stopped_at=NOW)
    assert world.stopped.handle(task, NOW).action == "rerun"
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (request,) = world.tasks.started.values()
    assert (request["overrides"]["cpu"], request["overrides"]["memory"]) == ("512", "2048")
    (attempt,) = world.attempts()
    world.stopped.handle(world.rerun_of(attempt, 0, later(5)), later(5))
    assert "2048 MiB with 512 CPU units" in world.told[-1][1]


def test_memory_that_was_not_enough_is_not_raised_again() -> None:
    world = World(memory_step=True)
    world.stopped.handle(replace(killed(), size=Size(512, 1024)), NOW)
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    again = replace(world.rerun_of(attempt, 137, later(5)), size=Size(512, 2048))
    dead = Container("web", 137, reason="OutOfMemoryError: Container killed due to memory usage")
    assert world.stopped.handle(replace(again, containers=(dead,)), later(5)).action == "alert"


def test_a_run_is_marked_in_tags_too() -> None:
    world = unstarted()
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (request,) = world.tasks.started.values()
    tags = {tag["key"]: tag["value"] for tag in request["tags"]}
    assert tags == {"cronmend:job": JOB, "cronmend:incident": world.incident.id, "cronmend:attempt": "2"}


def test_the_slots_own_run_may_still_come_within_its_flexible_window() -> None:
    flexible = schedule(2, flexible=timedelta(minutes=30))
    world = unstarted(World(schedules=World().schedules))
    world.schedules.schedules[JOB] = flexible
    at = NOW.replace(hour=12, minute=10)
    world.due.handle(rerun_timer(world), at)
    assert world.tasks.started == {}
    assert world.told == []


def fails_in_a_race(world: World, name: str, now: datetime) -> None:
    world.fails(stopped(name, created_at=now, stopped_at=now), at=now)


def never_starts(world: World, name: str, now: datetime) -> None:
    world.stopped.handle(replace(out_of_capacity(name), created_at=now, stopped_at=now), now)


def has_a_bug(world: World, name: str, now: datetime) -> None:
    world.fails(stopped(name, created_at=now, stopped_at=now), ("ValueError: x",), now)


def succeeds(world: World, name: str, now: datetime) -> None:
    world.succeeds(stopped(name, exit_code=0, created_at=now, stopped_at=now), now)


def timers_come_twice(world: World, name: str, now: datetime) -> None:
    for timer in world.timers.due()[-2:] * 2:
        world.due.handle(timer, max(now, timer.at))


def deploy_ends(world: World, name: str, now: datetime) -> None:
    world.finish_deploy(now)


def no_room(world: World, name: str, now: datetime) -> None:
    world.tasks.refusals = [NO_ROOM]


def aws_is_silent(world: World, name: str, now: datetime) -> None:
    world.tasks.refusal = None if world.tasks.refusal else Retryable("no answer")


def next_mode(mode: Mode | Missing) -> Mode:
    return Mode.OFF if mode is Mode.HEAL else Mode.SHADOW if mode is Mode.OFF else Mode.HEAL


def switch_moves(world: World, name: str, now: datetime) -> None:
    world.modes.mode = next_mode(world.modes.mode)


def somebody_runs_it(world: World, name: str, now: datetime) -> None:
    one = LiveTask("arn:alive", CLUSTER, stopped().task_definition, "somebody", stopped().overrides)
    world.tasks.living = [] if world.tasks.living else [one]


STEPS = st.sampled_from(
    (
        *(fails_in_a_race, never_starts, has_a_bug, succeeds, timers_come_twice, timers_come_twice),
        *(deploy_ends, no_room, aws_is_silent, switch_moves, somebody_runs_it),
    )
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(STEPS, st.integers(1, 90)), max_size=30),
    st.sampled_from(Policy),
    st.integers(0, 3),
    st.integers(0, 4),
)
def test_whatever_comes_in_whatever_order_the_bounds_hold(
    steps: list[tuple[Step, int]], policy: Policy, per_day: int, per_hour: int
) -> None:
    world = World(ledger=FakeLedger(hourly_reruns=per_hour), policy=policy, budget=Budget(per_day=per_day))
    now = NOW
    for number, (step, minutes) in enumerate(steps):
        now += timedelta(minutes=minutes)
        before, may_run = set(world.tasks.started), not world.tasks.living and world.modes.mode is Mode.HEAL
        step(world, f"t{number}", now)
        new = set(world.tasks.started) - before
        assert not new or (policy is not Policy.NEVER and may_run)
        assert len(new) <= 1
        assert set(world.tasks.started) <= set(world.ledger.attempts)
        assert all(spent <= per_hour for spent in world.ledger.spent.values())
        book = world.ledger.read(JOB)
        assert len(book.rerun_times) <= per_day
        assert len(book.rerun_times) + len(book.infra_times) <= 2 * per_day
        if book.incident:
            assert book.incident.reruns <= world.limits.max_attempts + world.limits.max_infra_attempts


@pytest.mark.parametrize("mode", [Mode.OFF, Missing("denied")])
def test_the_switch_holds_for_an_attempt_that_was_claimed_before(mode: Mode | Missing) -> None:
    world = unstarted()
    world.tasks.refusal = Retryable("no answer")
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    world.tasks.refusal, world.modes.mode = None, mode
    world.due.handle(timer, timer.at)
    assert world.tasks.started == {}
