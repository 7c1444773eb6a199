"""As use_cases/test_crashes.py, for re-runs without capacity or answer, with an open circuit, in shadow mode."""

from collections.abc import Callable
from functools import partial

import pytest

from cronmend.errors import Permanent, Retryable
from cronmend.jobs.refusal import Refusal
from cronmend.model import Mode
from cronmend.model.wakeups import RerunTimer
from tests.use_cases.test_crashes import crashing, picture, twice
from tests.use_cases.world import World, rerun_timer, unstarted

type Case = Callable[[World], None]


def no_room(world: World) -> None:
    world.tasks.refusals = [Refusal("Capacity is unavailable at this time", passes=True)] * 9


def no_answer(world: World) -> None:
    world.tasks.refusal = Retryable("no answer")


def inactive(world: World) -> None:
    world.tasks.refusal = Permanent("TaskDefinition is inactive")


def hour_spent(world: World) -> None:
    world.ledger.hourly_reruns = 0


def shadow(world: World) -> None:
    world.modes.mode = Mode.SHADOW


def prepared(case: Case) -> World:
    world = unstarted()
    case(world)
    return world


def due(world: World) -> None:
    timer = next(timer for timer in world.timers.of(RerunTimer) if timer.attempt == 2 and not timer.rechecks)
    world.due.handle(timer, timer.at)


@pytest.mark.parametrize("case", [no_room, no_answer, inactive, hour_spent, shadow])
def test_a_crash_after_any_effect_changes_nothing_in_the_end(case: Case) -> None:
    undisturbed = prepared(case)
    due(undisturbed)
    crashes, killed = 0, True
    while killed:
        world = prepared(case)
        crashing(world, crashes + 1).wrap(world.circuit, "open")
        killed = twice(partial(due, world))
        assert picture(world) == picture(undisturbed)
        crashes += killed
        assert crashes < 20
    assert crashes >= 1
    assert rerun_timer(undisturbed)
