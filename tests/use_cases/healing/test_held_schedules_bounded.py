"""More schedules than one invocation has time for: each one is held, and later released, by some invocation."""

from collections.abc import Callable
from copy import replace
from dataclasses import dataclass

import pytest

from cronmend.deploys import Phase
from cronmend.deploys.holds import LEASE, HoldState, Part, Which
from cronmend.errors import Retryable, Unfinished
from cronmend.jobs import timetables
from cronmend.model import LiveSchedule, Missing
from cronmend.model.timetables import Listed, Timetable
from cronmend.model.wakeups import HoldTimer
from tests.samples import CLUSTER, JOB, schedule
from tests.use_cases.healing.holding import BEGAN, ENDED, marker, world
from tests.use_cases.world import World, behaving

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


def test_no_more_schedules_are_read_than_there_is_time_for() -> None:
    it, reads = many(), []
    honest = it.schedules.get

    def get(job: str) -> LiveSchedule | Missing:
        reads.append(job)
        return honest(job)

    behaving(it.schedules, get=get)
    with pytest.raises(Unfinished):
        starts(it, Time().is_up)
    assert len(reads) == ENOUGH


KNOWN = timetables.of_schedule(schedule(2), Listed(JOB, repr(schedule(2))), BEGAN)


@pytest.mark.parametrize(
    ("timetable", "is_read"),
    [
        (KNOWN, True),
        (replace(KNOWN, task_definition="api:1"), False),
        (replace(KNOWN, enabled=False), False),
        (replace(KNOWN, task_definition="api:1", version="an earlier one"), True),
        (replace(KNOWN, task_definition=""), True),
    ],
)
def test_a_schedule_is_not_read_if_its_present_timetable_shows_that_it_is_not_held(
    timetable: Timetable, is_read: bool
) -> None:
    it = many()
    it.schedules.schedules[JOB] = schedule(2)
    it.timetables.put(timetable)
    assert starts(it, lambda: False) == COUNT + is_read


def test_a_schedule_that_was_disabled_before_a_crash_is_held_whatever_its_timetable_shows() -> None:
    it = many()
    honest = it.holds.put
    behaving(it.holds, put=lambda hold: None if hold.state is HoldState.HELD else honest(hold))
    with pytest.raises(Retryable):
        starts(it, lambda: False)
    behaving(it.holds, put=honest)
    for job, live in it.schedules.schedules.items():
        assert not live.enabled
        it.timetables.put(timetables.of_schedule(live, Listed(job, repr(live)), BEGAN))
    it.deploy.handle(marker(Phase.STARTED, BEGAN), BEGAN + LEASE)
    assert [hold.state for hold in it.holds.of(CLUSTER)] == [HoldState.HELD] * COUNT


def test_each_schedule_is_in_one_part() -> None:
    it = many()
    parts = [it.deploy.handle(marker(Phase.STARTED, BEGAN), BEGAN, part=Part(each, 4)).switched for each in range(4)]
    assert sorted(job for part in parts for job in part) == sorted(it.schedules.schedules)
    assert min(map(len, parts)) >= COUNT / 8
    for each in range(4):
        it.deploy.handle(marker(Phase.FINISHED, ENDED), ENDED, part=Part(each, 4))
        ended = {hold.job for hold in it.holds.of(CLUSTER) if hold.until <= ENDED}
        assert sorted(ended) == sorted(job for part in parts[: each + 1] for job in part)


def test_a_hold_that_an_earlier_deploy_made_is_extended_by_a_later_one() -> None:
    it = many()
    starts(it, lambda: False)
    later = replace(marker(Phase.STARTED, ENDED), release="v3")
    assert len(it.deploy.handle(later, ENDED).switched) == COUNT
    assert {hold.key for hold in it.holds.of(CLUSTER)} == {"v3"}
