"""Killed after any single effect and delivered again: the result is the same as without the crash."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from cronmend.model.wakeups import ReleaseTimer, RerunTimer
from tests.fakes import NOW, later
from tests.samples import JOB, deployed
from tests.use_cases.world import World


class Killed(BaseException):
    """The function was ended while it was running, by a timeout or a lost host: no code of it sees that."""


@dataclass
class Crash:
    """Lets ``after`` effects happen, then kills once; every effect of every port counts."""

    after: int
    done: int = 0

    def wrap(self, port: Any, *names: str) -> None:
        for name in names:
            setattr(port, name, self._killing(getattr(port, name)))

    def _killing(self, effect: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            answer = effect(*args, **named)
            self.done += 1
            if self.done == self.after:
                raise Killed
            return answer

        return call


def crashing(world: World, after: int) -> Crash:
    crash = Crash(after)
    crash.wrap(world.ledger, "commit", "started")
    crash.wrap(world.timers, "set", "bring_forward")
    crash.wrap(world.tasks, "run")
    return crash


def picture(world: World) -> dict[str, Any]:
    """Everything visible of the outcome."""
    return {
        "book": world.ledger.read(JOB),
        "runs": world.ledger.runs,
        "attempts": world.ledger.attempts,
        "messages": world.ledger.messages,
        "timers": world.timers.timers,
        "started": world.tasks.started,
    }


def is_killed(step: Callable[[], object]) -> bool:
    try:
        step()
    except Killed:
        return True
    return False


def twice(step: Callable[[], object]) -> bool:
    """Deliver, and again if the first delivery was killed; returns whether it was."""
    if killed := is_killed(step):
        step()
    return killed


def race_stops(world: World) -> None:
    world.fails()


def due_timer(world: World) -> RerunTimer:
    return world.timers.of(RerunTimer)[0]


def rerun_starts(world: World) -> None:
    world.due.handle(due_timer(world), later(5))


def still_open(world: World) -> None:
    world.due.handle(RerunTimer(JOB, "a1", 2, later(5)), later(5))


def deploy_ends(world: World) -> None:
    world.deploy.handle(deployed("web"), later(2))


def alert_is_released(world: World) -> None:
    world.due.handle(world.timers.of(ReleaseTimer)[0], later(60))


def prepared(case: Callable[[World], None]) -> World:
    world = World()
    if case is race_stops:
        return world
    world.fails(at=NOW)
    if case in {rerun_starts, deploy_ends}:
        world.finish_deploy(later(2))
    return world


@pytest.mark.parametrize("case", [race_stops, rerun_starts, still_open, deploy_ends, alert_is_released])
def test_a_crash_after_any_effect_changes_nothing_in_the_end(case: Callable[[World], None]) -> None:
    undisturbed = prepared(case)
    case(undisturbed)
    killed = True
    crashes = 0
    while killed:
        world = prepared(case)
        crashing(world, crashes + 1)
        killed = twice(partial(case, world))
        assert picture(world) == picture(undisturbed)
        crashes += killed
        assert crashes < 20
    assert crashes >= 1
