"""Moving a schedule, killed after any single effect and checked again: the end is the same."""

from collections.abc import Callable
from copy import replace
from datetime import timedelta
from typing import Any

import pytest

from cronmend.deploys.following import FollowState
from cronmend.model import Follow, Mode
from tests.samples import JOB, schedule
from tests.use_cases.healing.followed import PREFIX, Followers, proved
from tests.use_cases.test_crashes import Crash, is_killed


def back(it: Followers) -> None:
    proved(it)
    it.check()
    it.rolls_back(1)


def theirs(it: Followers) -> None:
    it.check()
    it.sets("webapp:3")


def unproved(it: Followers) -> None:
    it.check()
    it.deploys(2)
    it.now += timedelta(minutes=20)


def picture(it: Followers) -> dict[str, Any]:
    row = it.row()
    return {
        "schedules": it.world.schedules.schedules,
        "row": (row.target, row.state, it.moves(), row.waits, row.theirs, row.told, row.leased_until),
        "told": sorted(it.told),
    }


@pytest.mark.parametrize("happens", [proved, back, theirs, unproved])
def test_a_crash_after_any_effect_changes_nothing_in_the_end(happens: Callable[[Followers], None]) -> None:
    undisturbed = Followers()
    happens(undisturbed)
    undisturbed.check()
    undisturbed.check(5)
    crashes, killed = 0, True
    while killed:
        it = Followers()
        happens(it)
        crash = Crash(crashes + 1)
        crash.wrap(it.rows, "put", "remove", "tell")
        crash.wrap(it.world.switches, "move")
        crash.wrap(it.notes, "add")
        killed = is_killed(it.check)
        it.check(5)
        it.check(5)
        assert picture(it) == picture(undisturbed)
        crashes += killed
        assert crashes < 10
    assert crashes >= 2


@pytest.mark.parametrize(("effect", "target"), [("put", "webapp:1"), ("move", "webapp:2")])
def test_a_move_that_was_cut_off_is_finished_even_if_nothing_may_move_any_more(effect: str, target: str) -> None:
    it = Followers()
    proved(it)
    it.cut_off(effect)
    it.policy = replace(it.policy, follow=Follow.NONE)
    it.world.modes.mode = Mode.OFF
    it.check(5)
    assert (it.target(), len(it.told)) == (target, int(target == "webapp:2"))
    it.check(5)
    assert it.rows.rows == {}


def test_while_another_invocation_may_still_move_it_nothing_is_decided() -> None:
    it = Followers()
    proved(it)
    it.cut_off()
    assert it.check(1).moved == []
    assert (it.row().state, it.target()) == (FollowState.MOVING, "webapp:1")


def test_a_target_that_was_changed_while_a_move_was_cut_off_is_left_as_it_is() -> None:
    it = Followers()
    proved(it)
    it.cut_off()
    it.sets("webapp:4")
    it.check(5)
    assert (it.target(), it.row().theirs) == ("webapp:4", f"{PREFIX}webapp:4")


def test_of_two_invocations_at_once_one_moves_it() -> None:
    it, other = Followers(), Followers()
    proved(it)
    other.rows, other.world, other.now = it.rows, it.world, it.now
    it.refresh()
    other.refresh()
    move = it.world.switches.move
    failed: list[tuple[str, str]] = []

    def meanwhile(job: str, before: str, after: str) -> bool:
        failed.extend(other.check().failed)
        return move(job, before, after)

    it.world.switches.move = meanwhile  # type: ignore[method-assign] # the other one comes in between
    assert it.check(refreshed=False).moved == [(JOB, "webapp:2")]
    assert (failed, it.moves()) == ([], [("webapp:1", "webapp:2", False)])


def test_a_schedule_that_is_gone_takes_its_row_with_it() -> None:
    it = Followers()
    proved(it)
    it.cut_off()
    it.world.schedules.schedules = {}
    it.check(5)
    assert it.rows.rows == {}


def test_a_crash_while_several_moves_are_told_tells_each_of_them_once() -> None:
    crashes, killed = 0, True
    while killed:
        it = Followers()
        it.world.schedules.schedules["site/other"] = schedule(1, job="site/other")
        proved(it)
        crash = Crash(crashes + 1)
        crash.wrap(it.rows, "put", "tell")
        killed = is_killed(it.check)
        it.check(5)
        it.check(5)
        named = [job for each in it.told for job in ("publish-scheduled", "other") if job in each]
        assert sorted(named) == ["other", "publish-scheduled"]
        crashes += killed
    assert crashes >= 5
