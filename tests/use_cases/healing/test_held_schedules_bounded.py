"""More schedules than one invocation has time for: each one is held, and later released, by some invocation."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from cronmend.deploys import Phase
from cronmend.deploys.holds import HoldState, Which
from cronmend.errors import Unfinished
from cronmend.model.wakeups import HoldTimer
from tests.samples import CLUSTER, schedule
from tests.use_cases.healing.holding import BEGAN, ENDED, marker, world
from tests.use_cases.world import World

COUNT, ENOUGH = 50, 7
"""Schedules, and how many of them one invocation has time for."""


@dataclass
class Time:
    """Up after so many schedules."""

    left: int = ENOUGH

    def is_up(self) -> bool:
        self.left -= 1
        return self.left <= 0


def many() -> World:
    it = world(which=Which.ALL)
    names = [f"cronmend-jobs/job-{number:02}" for number in range(COUNT)]
    it.schedules.schedules = {job: schedule(2, job=job) for job in names}
    return it


def starts(it: World, is_time_up: Callable[[], bool]) -> int:
    return len(it.deploy.handle(marker(Phase.STARTED, BEGAN), BEGAN, is_time_up).switched)


def ends(it: World, is_time_up: Callable[[], bool]) -> int:
    return len(it.deploy.handle(marker(Phase.FINISHED, ENDED), ENDED, is_time_up).switched)


def invocations(it: World, step: Callable[[World, Callable[[], bool]], int]) -> int:
    """How many invocations the event takes."""
    for number in range(1, COUNT + 1):
        try:
            step(it, Time().is_up)
        except Unfinished:
            continue
        return number
    raise AssertionError("it never ends")


def test_each_invocation_continues_where_the_one_before_ended() -> None:
    it = many()
    assert invocations(it, starts) == -(-COUNT // ENOUGH)
    assert not any(each.enabled for each in it.schedules.schedules.values())
    assert {hold.state for hold in it.holds.of(CLUSTER)} == {HoldState.HELD}
    assert len(it.switches.switched) == len(it.timers.of(HoldTimer)) == COUNT
    assert invocations(it, ends) == -(-COUNT // ENOUGH)
    assert {hold.until for hold in it.holds.of(CLUSTER)} == {ENDED}


@pytest.mark.parametrize("step", [starts, ends])
def test_an_invocation_without_time_still_does_one(step: Callable[[World, Callable[[], bool]], int]) -> None:
    it = many()
    if step is ends:
        starts(it, lambda: False)
    with pytest.raises(Unfinished, match="1 schedules"):
        step(it, lambda: True)


def test_a_hold_that_an_earlier_deploy_made_is_extended_by_a_later_one() -> None:
    it = many()
    starts(it, lambda: False)
    later = replace(marker(Phase.STARTED, ENDED), release="v3")
    assert len(it.deploy.handle(later, ENDED).switched) == COUNT
    assert {hold.key for hold in it.holds.of(CLUSTER)} == {"v3"}
