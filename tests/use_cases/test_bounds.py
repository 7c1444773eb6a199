"""Any events in any order: no run that the policy forbids, and never more than the limits."""

from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta
from itertools import chain

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
    for timer in [timer for timer in world.timers.due() if timer.at <= now][-4:] * 2:
        world.wakes(timer, now)


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


def breaks(step: Step) -> st.SearchStrategy[list[tuple[Step, int]]]:
    """A failure, followed by its timers when they are due."""
    minutes = st.integers(1, 20)
    return st.tuples(minutes, minutes, minutes).map(
        lambda at: [(step, at[0]), (deploy_ends, at[1]), (timers_come_twice, at[2])]
    )


ANY_STEP = st.sampled_from(
    (
        *(fails_in_a_race, never_starts, has_a_bug, succeeds, timers_come_twice, timers_come_twice),
        *(deploy_ends, no_room, aws_is_silent, switch_moves, somebody_runs_it),
    )
)


def histories(steps: st.SearchStrategy[Step]) -> st.SearchStrategy[list[tuple[Step, int]]]:
    """Steps with the minutes before each, including failures at the time of their timers."""
    parts = breaks(fails_in_a_race) | breaks(never_starts) | st.tuples(steps, st.integers(1, 90)).map(lambda one: [one])
    return st.lists(parts, min_size=3, max_size=15).map(lambda found: list(chain.from_iterable(found)))


@settings(max_examples=200, deadline=None)
@given(
    histories(ANY_STEP),
    st.sampled_from(Policy),
    st.sampled_from((0, 1, 2, 3, 9)),
    st.sampled_from((0, 1, 2, 4, 9)),
)
def test_the_bounds_hold_for_any_events_in_any_order(
    steps: list[tuple[Step, int]], policy: Policy, per_day: int, per_hour: int
) -> None:
    world = World(ledger=MemoryLedger(hourly_reruns=per_hour), policy=policy, budget=Budget(per_day=per_day))
    now = NOW
    for number, (step, minutes) in enumerate(steps):
        now += timedelta(minutes=minutes)
        before, may_run = set(world.tasks.started), not world.tasks.active_tasks and world.modes.mode is Mode.HEAL
        failed = world.ledger.read(JOB).open_incident
        code_ran = failed is not None and failed.ran
        step(world, f"t{number}", now)
        new = set(world.tasks.started) - before
        assert not new or (policy is not Policy.NEVER and may_run)
        assert not new or policy is Policy.SAFE or not code_ran
        assert len(new) <= 1
        assert set(world.tasks.started) <= set(world.ledger.attempts)
        spent = world.ledger.claimed
        assert all(sum(at <= each < at + HOUR for each in spent) <= per_hour for at in spent)
        job_state = world.ledger.read(JOB)
        assert len(job_state.rerun_times) <= per_day
        assert len(job_state.rerun_times) + len(job_state.infra_times) <= 2 * per_day
        if job_state.incident:
            assert job_state.incident.reruns <= world.limits.max_attempts + world.limits.max_infra_attempts
