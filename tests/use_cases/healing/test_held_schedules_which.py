"""Which schedules a deploy holds; no others are touched."""

from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta

import pytest

from cronmend.deploys import Phase
from cronmend.deploys.holds import LONGEST_DESCRIPTION, Which
from cronmend.errors import Permanent
from cronmend.model import Mode
from cronmend.model.incident import LEAD
from tests.fakes import FakeModes, later
from tests.samples import CLUSTER, JOB, schedule
from tests.use_cases.healing.holding import BEGAN, ENDED, enabled, ends, marker, starts, timer, world
from tests.use_cases.world import World


def test_a_schedule_that_a_person_has_disabled_stays_disabled() -> None:
    it = world()
    it.schedules.schedules[JOB] = schedule(2, enabled=False)
    assert starts(it) == ()
    assert ends(it) == ()
    assert it.switches.switched == []
    assert it.timers.due() == []


def test_one_that_a_person_enables_while_it_is_held_is_left_alone() -> None:
    it = world()
    starts(it)
    it.schedules.schedules[JOB] = schedule(2)
    starts(it)
    assert enabled(it)
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    assert enabled(it)


@pytest.mark.parametrize(("now_enabled", "held"), [(True, (JOB,)), (False, ())])
def test_a_schedule_that_was_disabled_is_read_again_before_it_is_left_alone(
    now_enabled: bool, held: tuple[str, ...]
) -> None:
    """Another deploy's hold of it may have been released meanwhile."""
    it = world()
    live = it.schedules.schedules[JOB]
    it.schedules.schedules[JOB] = replace(live, enabled=now_enabled)
    answers, honest = [replace(live, enabled=False)], it.schedules.get
    it.schedules.get = lambda job: answers.pop() if answers else honest(job)  # type: ignore[method-assign] # at first
    assert starts(it) == held
    assert not enabled(it)


def others_family(it: World) -> None:
    it.schedules.schedules[JOB] = schedule(2, parameters={"TaskDefinitionArn": "api:1"})


def others_cluster(it: World) -> None:
    it.schedules.schedules[JOB] = schedule(2, cluster_arn=f"{CLUSTER}-staging")


def one_time(it: World) -> None:
    it.schedules.schedules[JOB] = schedule(2, expression="at(2026-05-06T11:00:00)")


def rate_with_a_phase(it: World) -> None:
    it.schedules.schedules[JOB] = schedule(2, expression="rate(1 hour)", start=later(-10_000))


def switched_off(it: World) -> None:
    it.which = Which.NONE


def in_shadow(it: World) -> None:
    it.modes = FakeModes(Mode.SHADOW)


@pytest.mark.parametrize("why", [others_family, others_cluster, one_time, rate_with_a_phase, switched_off, in_shadow])
def test_other_schedules_are_not_touched(why: Callable[[World], None]) -> None:
    it = world()
    why(it)
    before = it.schedules.schedules[JOB]
    assert starts(it) == ()
    assert it.schedules.schedules[JOB] == before


def test_all_schedules_can_be_held_at_once() -> None:
    it = world(which=Which.ALL)
    another = schedule(2, job="default/linkcheck")
    it.schedules.schedules[another.job] = another
    assert set(starts(it)) == {JOB, another.job}


def test_a_schedule_that_cannot_be_held_does_not_stop_the_others() -> None:
    it = world(which=Which.ALL)
    it.schedules.schedules = {"default/broken": schedule(2, job="default/broken"), **it.schedules.schedules}
    honest = it.switches.hold

    def hold(job: str, mark: str) -> None:
        if job == "default/broken":
            raise Permanent("not allowed to pass its role")
        it.switches.schedules = it.schedules
        honest(job, mark)

    it.switches.hold = hold  # type: ignore[method-assign] # one that AWS refuses
    with pytest.raises(Permanent, match="not allowed to pass its role"):
        starts(it)
    assert not enabled(it)


@pytest.mark.parametrize(("characters", "held"), [(449, (JOB,)), (450, ())])
def test_a_schedule_whose_description_has_no_room_for_the_mark_is_not_held(
    characters: int, held: tuple[str, ...]
) -> None:
    it = world()
    it.schedules.schedules[JOB] = replace(it.schedules.schedules[JOB], description="x" * characters)
    assert starts(it) == held
    assert len(it.schedules.schedules[JOB].description) <= LONGEST_DESCRIPTION


def test_a_start_that_arrives_after_the_end_holds_nothing() -> None:
    it = world()
    ends(it)
    assert starts(it) == ()
    assert enabled(it)


def test_a_start_that_arrives_after_its_limit_holds_nothing() -> None:
    it = world()
    late = BEGAN + timedelta(minutes=31)
    assert it.deploy.handle(marker(Phase.STARTED, BEGAN), late).switched == ()
    assert enabled(it)


@pytest.mark.parametrize(
    ("late", "held"), [(timedelta(minutes=30) - timedelta(microseconds=1), (JOB,)), (timedelta(minutes=30), ())]
)
def test_a_start_that_is_told_after_its_time_limit_holds_nothing(late: timedelta, held: tuple[str, ...]) -> None:
    it = world()
    assert it.deploy.handle(marker(Phase.STARTED, BEGAN), BEGAN + late).switched == held
    assert enabled(it) is not bool(held)


def test_a_cron_schedule_whose_start_date_has_passed_is_held() -> None:
    it = world()
    it.schedules.schedules[JOB] = schedule(2, start=later(-10_000))
    assert starts(it) == (JOB,)


@pytest.mark.parametrize("phase", [Phase.FINISHED, Phase.FAILED])
@pytest.mark.parametrize(("ended", "held"), [(BEGAN, False), (BEGAN - timedelta(seconds=1), True)])
def test_a_deploy_that_ended_while_its_schedules_are_disabled_holds_no_more_of_them(
    phase: Phase, ended: datetime, held: bool
) -> None:
    """Its end released those that were stored before it. An earlier deploy's end says nothing of this one."""
    it = world()
    started = it.deploy.handle(marker(Phase.STARTED, BEGAN - timedelta(minutes=1), release="v2"), BEGAN).notes[0]
    assert enabled(it) is False
    it = world()
    it.notes.write(replace(started, phase=phase, at=ended), BEGAN)
    assert it.holder.hold(replace(started, phase=Phase.STARTED, at=BEGAN), BEGAN) == ((JOB,) if held else ())
    assert enabled(it) is not held


def test_the_end_of_another_familys_deploy_does_not_end_the_hold() -> None:
    it = world()
    it.deploy.handle(marker(Phase.FINISHED, BEGAN + timedelta(minutes=1), family="tools"), BEGAN)
    assert starts(it) == (JOB,)
    assert enabled(it) is False
