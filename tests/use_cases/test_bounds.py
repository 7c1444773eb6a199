"""Whatever comes in whatever order: no run that nobody allowed, and never more than the bounds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cronmend.errors import Retryable
from cronmend.healing.budgets import Budget
from cronmend.model import LiveTask, Missing, Mode, Policy
from local.memory.ledger import HOUR, MemoryLedger
from tests.fakes import NOW
from tests.samples import JOB, stopped
from tests.use_cases.world import CLUSTER, NO_ROOM, World, out_of_capacity

type Step = Callable[[World, str, datetime], None]


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
        world.wakes(timer, max(now, timer.at))


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
    world.tasks.active_tasks = [] if world.tasks.active_tasks else [one]


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
    world = World(ledger=MemoryLedger(hourly_reruns=per_hour), policy=policy, budget=Budget(per_day=per_day))
    now = NOW
    for number, (step, minutes) in enumerate(steps):
        now += timedelta(minutes=minutes)
        before, may_run = set(world.tasks.started), not world.tasks.active_tasks and world.modes.mode is Mode.HEAL
        step(world, f"t{number}", now)
        new = set(world.tasks.started) - before
        assert not new or (policy is not Policy.NEVER and may_run)
        assert len(new) <= 1
        assert set(world.tasks.started) <= set(world.ledger.attempts)
        spent = world.ledger.spent
        assert all(sum(at <= each < at + HOUR for each in spent) <= per_hour for at in spent)
        job_state = world.ledger.read(JOB)
        assert len(job_state.rerun_times) <= per_day
        assert len(job_state.rerun_times) + len(job_state.infra_times) <= 2 * per_day
        if job_state.incident:
            assert job_state.incident.reruns <= world.limits.max_attempts + world.limits.max_infra_attempts
