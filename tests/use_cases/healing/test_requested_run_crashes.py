"""As test_crashes.py, for a run that a person requests: a repeated request starts at most one run."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from cronmend.errors import Permanent, Retryable
from cronmend.healing.guards import Guard
from cronmend.jobs.refusal import Refusal
from cronmend.model import LiveTask, Mode, Policy
from cronmend.use_cases.healing.attempts import TOKEN_LIFE
from cronmend.use_cases.healing.requested_run import Answer
from tests.fakes import NOW, FakeModes, later
from tests.samples import stopped
from tests.use_cases.healing.test_requested_run import ask, calm
from tests.use_cases.test_crashes import Killed, crashing, picture, twice
from tests.use_cases.world import CLUSTER, NO_ROOM, World, rerun_timer, unstarted

type Case = Callable[[], World]


def in_an_incident() -> World:
    world = World()
    world.fails(at=NOW)
    world.finish_deploy(later(2))
    return world


def against_every_guard() -> World:
    return World(policy=Policy.NEVER, modes=FakeModes(Mode.OFF))


def no_room() -> World:
    world = calm()
    world.tasks.refusals = [NO_ROOM, Refusal("ATTRIBUTE", passes=False)]
    return world


def no_answer() -> World:
    world = calm()
    world.tasks.refusal = Retryable("no answer")
    return world


def inactive() -> World:
    world = calm()
    world.tasks.refusal = Permanent("TaskDefinition is inactive")
    return world


@pytest.mark.parametrize("prepared", [calm, in_an_incident, against_every_guard, no_room, no_answer, inactive])
def test_a_crash_after_any_effect_changes_nothing_in_the_end(prepared: Case) -> None:
    undisturbed = prepared()
    ask(undisturbed, force=True)
    crashes, killed = 0, True
    while killed:
        world = prepared()
        crashing(world, crashes + 1)
        killed = twice(partial(ask, world, force=True))
        assert picture(world) == picture(undisturbed)
        assert len(world.tasks.started) <= 1
        crashes += killed
        assert crashes < 20
    assert crashes >= 1


def killed_after_run_task() -> World:
    """The task is running, but the ledger doesn't have it."""
    world = calm()
    crashing(world, 2)
    with pytest.raises(Killed):
        ask(world)
    assert [attempt.task_arn for attempt in world.attempts()] == [""]
    return world


def again(world: World, after: timedelta) -> Answer:
    return ask(world, at=later(3) + after)


def test_its_active_run_is_found_and_only_recorded() -> None:
    world = killed_after_run_task()
    (key,) = world.tasks.started
    run = stopped()
    world.tasks.active_tasks = [LiveTask("arn:own", CLUSTER, run.task_definition, f"cronmend/{key}", run.overrides)]
    assert again(world, TOKEN_LIFE * 2).task_arn == "arn:own"
    assert [attempt.task_arn for attempt in world.attempts()] == ["arn:own"]


def test_after_the_tokens_life_ecs_is_not_asked_again() -> None:
    world = killed_after_run_task()
    world.tasks.started.clear()
    assert again(world, timedelta(minutes=50, seconds=1)).done == (
        "Cronmend can't tell whether the run started: check the job's runs, then send a new request"
    )
    assert world.tasks.started == {}


def test_a_repeated_request_is_not_run_beside_the_schedules_own_run() -> None:
    world = calm()
    crashing(world, 1)
    with pytest.raises(Killed):
        ask(world)
    run = stopped()
    world.tasks.active_tasks = [LiveTask("arn:next", CLUSTER, run.task_definition, run.started_by, run.overrides)]
    assert [each.guard for each in again(world, timedelta(minutes=1)).blockers] == [Guard.RUNNING]
    assert world.tasks.started == {}


def test_with_a_planned_rerun_due_at_the_same_time_only_one_of_them_runs() -> None:
    world = unstarted()
    ask(world, force=True)
    run = stopped()
    world.tasks.active_tasks = [LiveTask("arn:asked", CLUSTER, run.task_definition, "cronmend/x", run.overrides)]
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert len(world.tasks.started) == 1


def test_a_request_that_comes_again_after_the_schedule_was_deleted_says_so() -> None:
    world = killed_after_run_task()
    world.schedules.schedules.clear()
    assert "the schedule cronmend-jobs/publish-scheduled doesn't exist" in again(world, timedelta(minutes=1)).done
