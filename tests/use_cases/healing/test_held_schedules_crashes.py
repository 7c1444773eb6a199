"""Holding and releasing, killed after any single effect and delivered again: the end is the same."""

from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cronmend.deploys.holds import LEASE
from cronmend.errors import Retryable
from cronmend.model.incident import LEAD
from cronmend.model.wakeups import HoldTimer
from tests.fakes import NOW
from tests.samples import CLUSTER, JOB
from tests.use_cases.healing.holding import BEGAN, ENDED, enabled, ends, starts, timer, world
from tests.use_cases.test_crashes import Crash, Killed, twice
from tests.use_cases.world import World


def picture(it: World) -> dict[str, Any]:
    """All that is left at the end, without times: a later delivery has later ones."""
    incident = it.ledger.read(JOB).incident
    return {
        "schedules": [replace(each, description=each.description[:17]) for each in it.schedules.schedules.values()],
        "holds": [(hold.job, hold.key, hold.state, hold.leased_until) for hold in it.holds.of(CLUSTER)],
        "notes": it.notes.notes,
        "incident": incident and (incident.id, incident.slot, incident.planned and incident.planned.attempt),
        "timers": sorted(timer.kind for timer in it.timers.due()),
        "messages": it.ledger.messages,
    }


def released(it: World, now: datetime = ENDED + LEAD) -> None:
    it.release.handle(HoldTimer(JOB, it.holds.of(CLUSTER)[0].id if it.holds.holds else "", NOW), now)


STEPS: dict[Callable[..., object], datetime] = {starts: BEGAN, ends: ENDED, released: ENDED + LEAD}


def prepared(step: Callable[..., object]) -> World:
    it = world()
    if step is not starts:
        starts(it)
    if step is released:
        ends(it)
    return it


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_after_any_effect_changes_nothing_in_the_end(step: Callable[..., object]) -> None:
    """Delivered again after the lease of the first delivery."""
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
        crash.wrap(it.switches, "hold", "release")
        times = iter((STEPS[step], STEPS[step] + LEASE))
        killed = twice(lambda it=it, times=times: step(it, next(times)))  # type: ignore[misc] # bound for this round
        assert picture(it) == picture(undisturbed)
        crashes += killed
        assert crashes < 20
    assert crashes >= 2


@pytest.mark.parametrize("step", [starts, released])
def test_while_another_invocation_may_still_switch_the_schedule_it_is_left_alone(step: Callable[..., object]) -> None:
    """The first one was killed after it wrote the row; the second one comes before the end of its lease."""
    it = prepared(step)
    crash = Crash(1)
    crash.wrap(it.holds, "put")
    with pytest.raises(Killed):
        step(it, STEPS[step])
    crash.after, before = -1, enabled(it)
    soon = STEPS[step] + LEASE - timedelta(seconds=1)
    if step is starts:
        with pytest.raises(Retryable, match="another invocation is enabling or disabling"):
            step(it, soon)
    else:
        step(it, soon)
        assert max(each.at for each in it.timers.of(HoldTimer)) == STEPS[step] + LEASE
    assert enabled(it) is before
    assert len(it.holds.of(CLUSTER)) == 1


def test_a_hold_whose_function_died_is_still_released_by_its_timer() -> None:
    it = world()
    crash = Crash(1)
    crash.wrap(it.switches, "hold", "release")
    with pytest.raises(Killed):
        starts(it)
    assert not enabled(it)
    limit = timer(it)
    crash.after = -1
    it.release.handle(limit, limit.at)
    assert enabled(it)
