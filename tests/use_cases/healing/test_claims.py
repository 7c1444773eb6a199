"""A run that was claimed and that ECS doesn't list yet: no second one starts beside it, whoever asks for it."""

from collections.abc import Mapping
from copy import replace
from datetime import timedelta
from typing import Any

import pytest

from cronmend.errors import Permanent, Retryable
from cronmend.healing.budgets import Budget
from cronmend.healing.guards import STARTING, Guard
from cronmend.healing.situation import Limits
from cronmend.jobs.refusal import Refusal
from cronmend.model import LiveTask, Mode, Policy
from cronmend.model.incident import IncidentState
from cronmend.model.wakeups import RerunTimer
from tests.fakes import FakeTasks, later
from tests.samples import JOB, stopped
from tests.use_cases.healing.test_requested_run import ask, calm
from tests.use_cases.test_crashes import Killed, crashing
from tests.use_cases.world import CLUSTER, NO_ROOM, World, rerun_timer, unstarted

SECOND = timedelta(seconds=1)


def test_a_rerun_that_is_due_while_a_requested_run_starts_is_left_to_it() -> None:
    world = unstarted()
    timer = rerun_timer(world)
    assert ask(world, force=True, at=timer.at - STARTING + SECOND).task_arn
    world.due.handle(timer, timer.at)
    assert len(world.tasks.started) == 1
    assert world.incident.state is IncidentState.HEALING
    assert world.incident.planned
    assert world.incident.planned.at == timer.at + world.limits.recheck_after


def test_a_request_while_a_rerun_starts_is_refused_even_with_force() -> None:
    world = unstarted()
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    answer = ask(world, force=True, at=timer.at + STARTING - SECOND)
    assert Guard.STARTING in [each.guard for each in answer.blockers]
    assert len(world.tasks.started) == 1


def test_a_claim_blocks_for_a_bounded_time() -> None:
    world = calm()
    ask(world)
    assert ask(world, at=later(3) + STARTING, request="w2").task_arn
    assert len(world.tasks.started) == 2


def test_a_failure_that_arrives_while_a_requested_run_starts_plans_nothing_for_now() -> None:
    world = World()
    world.finish_deploy(later(-0.5))
    world.limits = Limits(recheck_after=timedelta(minutes=1))
    assert ask(world, force=True, at=later(0.3)).task_arn
    world.fails(at=later(0.4))
    assert world.incident.planned
    assert world.incident.planned.at == later(1.4)


def test_the_end_of_the_claimed_run_ends_its_claim() -> None:
    world = unstarted()
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    ended = timer.at + timedelta(seconds=20)
    world.stopped.handle(replace(world.rerun_of(attempt, 1, ended), started_at=None), ended)
    assert world.ledger.read(JOB).claim is None


@pytest.mark.parametrize(
    ("refusal", "error"),
    [(NO_ROOM, None), (Refusal("ATTRIBUTE", passes=False), None), (None, Permanent("webapp:2 is inactive"))],
)
def test_a_run_that_aws_refused_does_not_block_the_next_request(
    refusal: Refusal | None, error: Permanent | None
) -> None:
    world = calm()
    world.tasks.refusal, world.tasks.refusals = error, [refusal] if refusal else []
    assert not ask(world).task_arn
    world.tasks.refusal = None
    assert ask(world, request="w2").task_arn


def test_a_repeated_request_is_not_run_beside_another_claim() -> None:
    """The person's function dies after its claim; the planned re-run is claimed; the request is delivered again."""
    world = unstarted()
    timer = rerun_timer(world)
    crashing(world, 1)
    with pytest.raises(Killed):
        ask(world, force=True, at=timer.at - STARTING)
    world.due.handle(timer, timer.at)
    assert len(world.tasks.started) == 1
    again = ask(world, force=True, at=timer.at + SECOND)
    assert [each.guard for each in again.blockers] == [Guard.STARTING]
    assert len(world.tasks.started) == 1


def test_a_repeated_request_finds_its_own_run_among_several() -> None:
    world = calm()
    crashing(world, 2)
    with pytest.raises(Killed):
        ask(world)
    (key,) = world.tasks.started
    run = stopped()
    beside, own = ("arn:beside", "a-person"), ("arn:own", f"cronmend/{key}")
    world.tasks.active_tasks = [
        LiveTask(arn, CLUSTER, run.task_definition, started_by, run.overrides) for arn, started_by in (beside, own)
    ]
    assert ask(world, at=later(4)).task_arn == "arn:own"


def test_a_repeated_rerun_finds_its_own_run_among_several() -> None:
    world = unstarted()
    timer = rerun_timer(world)
    crashing(world, 2)
    with pytest.raises(Killed):
        world.due.handle(timer, timer.at)
    (key,) = world.tasks.started
    run = stopped()
    world.tasks.active_tasks = [
        LiveTask(arn, CLUSTER, run.task_definition, started_by, run.overrides)
        for arn, started_by in (("arn:beside", "a-person"), ("arn:own", f"cronmend/{key}"))
    ]
    world.due.handle(timer, timer.at + SECOND)
    assert [each.task_arn for each in world.attempts()] == ["arn:own"]


@pytest.mark.parametrize("of_aws", [True, False])
def test_a_requested_run_is_paid_from_the_budgets_that_block_it(of_aws: bool) -> None:
    world = World(policy=Policy.SAFE, budget=Budget(per_day=1))
    if of_aws:
        unstarted(world)
    else:
        world.fails()
    world.finish_deploy(later(-0.5))
    assert ask(world, force=True).task_arn
    state = world.ledger.read(JOB)
    assert (len(state.infra_times), len(state.rerun_times)) == ((1, 0) if of_aws else (0, 1))
    assert (world.incident.reruns, world.incident.infra_reruns) == (1, int(of_aws))
    blocked = ask(world, at=later(3) + STARTING, request="w2")
    assert Guard.DAY in [each.guard for each in blocked.blockers]


def test_a_requested_run_has_the_slot_of_the_run_that_it_repeats() -> None:
    world = unstarted()
    ask(world, force=True)
    assert [attempt.slot for attempt in world.attempts()] == ["2026-05-06T11:00:00Z"]


def asks_in_vain(world: World, timer: RerunTimer, at: timedelta = timedelta()) -> None:
    world.tasks.refusal = Retryable("no answer")
    world.due.handle(timer, timer.at + at)


def set_now(world: World) -> list[RerunTimer]:
    return world.timers.of(RerunTimer)


class Mute(FakeTasks):
    """ECS that never answers a request; each one counts."""

    asked = 0

    def run(self, request: Mapping[str, Any]) -> str | Refusal:
        self.asked += 1
        raise Retryable("no answer")


def test_an_attempt_without_an_answer_has_one_timer_whatever_is_delivered_twice() -> None:
    world = unstarted()
    first = rerun_timer(world)
    del world.timers.timers[first.name]
    asks_in_vain(world, first)
    (second,) = set_now(world)
    for _ in range(3):
        asks_in_vain(world, first, SECOND)
    assert set_now(world) == [second]
    assert second.at == first.at + world.limits.recheck_after
    del world.timers.timers[second.name]
    asks_in_vain(world, second)
    asks_in_vain(world, first, second.at - first.at + SECOND)
    asks_in_vain(world, second, SECOND)
    (third,) = set_now(world)
    assert third.at == second.at + world.limits.recheck_after


def test_a_timer_that_was_never_set_is_set_by_the_next_delivery() -> None:
    world = unstarted()
    first = rerun_timer(world)
    world.tasks.refusal = Retryable("no answer")
    crash = crashing(world, 2)
    with pytest.raises(Killed):
        world.due.handle(first, first.at)
    assert crash.done == 2
    assert set_now(world) == [first]
    world.due.handle(first, first.at + SECOND)
    assert len(set_now(world)) == 2


def test_an_attempt_is_asked_for_no_more_often_than_its_timer_says() -> None:
    world = unstarted(World(tasks=(tasks := Mute())))
    first = rerun_timer(world)
    for second in range(15 * 60):
        for timer in [each for each in set_now(world) if each.at <= first.at + second * SECOND]:
            del world.timers.timers[timer.name]
            world.due.handle(timer, first.at + second * SECOND)
            world.due.handle(timer, first.at + second * SECOND)
    assert tasks.asked <= 15 * 60 / world.limits.recheck_after.total_seconds() + 1


def test_two_invocations_at_once_set_one_timer() -> None:
    world = unstarted()
    first = rerun_timer(world)
    del world.timers.timers[first.name]
    asks_in_vain(world, first)
    (attempt,) = world.attempts()
    claim = world.ledger.read(JOB).claim
    assert claim
    for moment in (1, 2):
        world.due.attempts.start(attempt, replace(claim, rechecks=0, again_at=None), first.at + moment * SECOND)
    assert [each.at for each in set_now(world)] == [first.at + world.limits.recheck_after]


def test_a_run_without_an_answer_that_a_guard_blocks_by_now_is_given_up() -> None:
    world = unstarted()
    first = rerun_timer(world)
    asks_in_vain(world, first)
    second = max(set_now(world), key=lambda timer: timer.at)
    world.modes.mode = Mode.OFF
    world.tasks.refusal = None
    world.due.handle(second, second.at)
    assert world.tasks.started == {}
    assert (world.incident.state, world.incident.starting) == (IncidentState.ALERTED, None)
    assert "off" in world.incident.no_rerun
