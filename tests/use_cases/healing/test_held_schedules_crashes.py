"""Holding and releasing, killed after any single effect and delivered again: the end is the same."""

from collections.abc import Callable
from typing import Any

import pytest

from cronmend.model.wakeups import HoldTimer
from tests.fakes import NOW, later
from tests.samples import CLUSTER, JOB
from tests.use_cases.healing.holding import enabled, ends, starts, timer, world
from tests.use_cases.test_crashes import Crash, Killed, twice
from tests.use_cases.world import World


def picture(it: World) -> dict[str, Any]:
    return {
        "schedules": it.schedules.schedules,
        "holds": it.holds.holds,
        "notes": it.notes.notes,
        "book": it.ledger.read(JOB),
        "timers": it.timers.timers,
        "switched": it.switches.switched,
        "messages": it.ledger.messages,
    }


def released(it: World) -> None:
    it.release.handle(HoldTimer(JOB, it.holds.of(CLUSTER)[0].id if it.holds.holds else "", NOW), later(9))


def prepared(step: Callable[[World], object]) -> World:
    it = world()
    if step is not starts:
        starts(it)
    if step is released:
        ends(it)
    return it


@pytest.mark.parametrize("step", [starts, ends, released])
def test_a_crash_after_any_effect_changes_nothing_in_the_end(step: Callable[[World], object]) -> None:
    undisturbed = prepared(step)
    step(undisturbed)
    killed, crashes = True, 0
    while killed:
        it = prepared(step)
        crash = Crash(crashes + 1)
        crash.wrap(it.notes, "write")
        crash.wrap(it.holds, "put", "remove")
        crash.wrap(it.timers, "set", "bring_forward")
        crash.wrap(it.ledger, "commit")
        crash.wrap(it.switches, "switch")
        killed = next(twice(lambda it=it: step(it)))  # type: ignore[misc] # bound for this round
        assert picture(it) == picture(undisturbed)
        crashes += killed
        assert crashes < 20
    assert crashes >= 3


def test_a_hold_whose_function_died_is_still_released_by_its_timer() -> None:
    it = world()
    crash = Crash(1)
    crash.wrap(it.switches, "switch")
    with pytest.raises(Killed):
        starts(it)
    assert not enabled(it)
    limit = timer(it)
    crash.after = -1
    it.release.handle(limit, limit.at)
    assert enabled(it)
