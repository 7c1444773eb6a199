"""A deploy holds schedules: nobody else's is touched, each goes on, and what was missed is run once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cronmend.deploy_events import Marker
from cronmend.deploys import Phase
from cronmend.errors import Permanent, Retryable
from cronmend.holds import HoldState, Which
from cronmend.model import Category, Mode, Policy
from cronmend.ports import LEAD
from cronmend.records import IncidentState, Timer, TimerKind
from tests.care.world import World
from tests.fakes import FakeModes, later
from tests.samples import CLUSTER, JOB, schedule, service, stopped

BEGAN = datetime.fromisoformat("2026-05-06T10:50:00+00:00")
ENDED = datetime.fromisoformat("2026-05-06T11:04:00+00:00")
"""The slot at 11:00 lies in between."""


def marker(phase: Phase, at: datetime, release: str = "v2", **changes: Any) -> Marker:
    return replace(Marker("m", phase, at, "webapp", "", release, timedelta(minutes=30)), **changes)


def world(**changes: Any) -> World:
    made = World(**{"which": Which.LISTED, **changes})
    made.services.services = (service(2),)
    return made


def starts(it: World, **changes: Any) -> tuple[str, ...]:
    return it.deploy.hear(marker(Phase.STARTED, BEGAN, **changes), BEGAN).switched


def ends(it: World, phase: Phase = Phase.FINISHED, **changes: Any) -> tuple[str, ...]:
    return it.deploy.hear(marker(phase, ENDED, **changes), ENDED).switched


def timer(it: World, kind: TimerKind = TimerKind.HOLD) -> Timer:
    return next(each for each in it.timers.due() if each.kind is kind)


def enabled(it: World) -> bool:
    return it.schedules.schedules[JOB].enabled


def rerun(it: World, at: datetime) -> None:
    it.due.handle(timer(it, TimerKind.RERUN), at)


def test_a_deploy_holds_the_schedule_until_it_is_finished_and_one_run_makes_up() -> None:
    it = world()
    assert starts(it) == (JOB,)
    assert not enabled(it)
    assert timer(it).at == BEGAN + timedelta(minutes=30)
    assert ends(it) == (JOB,)
    assert timer(it).at == ENDED + LEAD
    it.release.handle(timer(it), ENDED + LEAD)
    assert enabled(it)
    assert it.holds.of(CLUSTER) == []
    assert (it.incident.category, it.incident.slot) == (Category.MISSED, "2026-05-06T11:00:00+00:00")
    rerun(it, ENDED + 2 * LEAD)
    (request,) = it.tasks.started.values()
    environment = {p["name"]: p["value"] for p in request["overrides"]["containerOverrides"][0]["environment"]}
    assert environment["CRONMEND_SLOT"] == "2026-05-06T11:00:00+00:00"
    (attempt,) = it.attempts()
    at = ENDED + timedelta(minutes=2)
    it.stopped.handle(it.rerun_of(attempt, 0, at), at)
    assert it.incident.state is IncidentState.HEALED


def test_a_schedule_is_as_it_was_but_for_its_state() -> None:
    it = world()
    before = it.schedules.schedules[JOB]
    starts(it)
    assert it.schedules.schedules[JOB] == replace(before, enabled=False)
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    assert it.schedules.schedules[JOB] == before


def test_without_a_word_of_its_end_the_time_limit_releases() -> None:
    it = world()
    starts(it)
    limit = timer(it)
    said = it.release.handle(limit, limit.at)
    assert enabled(it)
    assert "one run makes up" in said


def test_several_missed_slots_are_one_run() -> None:
    it = world()
    starts(it, limit=timedelta(hours=5))
    it.release.handle(timer(it), BEGAN + timedelta(hours=5))
    assert it.incident.slot == "2026-05-06T15:00:00+00:00"
    assert it.incident.planned is not None
    assert it.incident.planned.attempt == 2


def test_a_hold_that_misses_no_slot_runs_nothing() -> None:
    it = world()
    starts(it)
    it.deploy.hear(marker(Phase.FINISHED, BEGAN + timedelta(minutes=5)), BEGAN + timedelta(minutes=5))
    assert "has missed no slot" in it.release.handle(timer(it), BEGAN + timedelta(minutes=6))
    assert enabled(it)
    assert it.ledger.read(JOB).incident is None


def test_a_job_whose_policy_is_never_gets_an_alert_instead_of_a_run() -> None:
    it = world(policy=Policy.NEVER)
    starts(it)
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    rerun(it, ENDED + 2 * LEAD)
    assert it.tasks.started == {}
    assert [kind for kind, _ in it.told] == ["alert"]


def test_a_job_that_may_only_be_repeated_unstarted_is_made_up_for() -> None:
    it = world(policy=Policy.UNSTARTED)
    starts(it)
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    rerun(it, ENDED + 2 * LEAD)
    assert len(it.tasks.started) == 1


def test_after_a_failed_deploy_the_schedule_goes_on_but_nothing_is_run_on_a_half_done_one() -> None:
    it = world()
    starts(it)
    ends(it, Phase.FAILED)
    it.release.handle(timer(it), ENDED + LEAD)
    assert enabled(it)
    rerun(it, ENDED + 2 * LEAD)
    assert it.tasks.started == {}
    assert [kind for kind, _ in it.told] == ["half_done"]


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


def test_the_migration_alone_releases_nothing() -> None:
    it = world()
    starts(it)
    assert ends(it, Phase.MIGRATED) == ()
    assert not enabled(it)


def test_of_two_deploys_in_a_row_the_second_keeps_the_schedule_held() -> None:
    it = world()
    starts(it, release="v1")
    second = BEGAN + timedelta(minutes=10)
    it.deploy.hear(marker(Phase.STARTED, second, "v2"), second)
    assert timer(it).at == second + timedelta(minutes=30)
    assert ends(it, release="v1") == ()
    assert "is held until" in it.release.handle(timer(it), BEGAN + timedelta(minutes=30))
    assert not enabled(it)
    assert ends(it, release="v2") == (JOB,)


def test_a_start_that_arrives_after_the_end_holds_nothing() -> None:
    it = world()
    ends(it)
    assert starts(it) == ()
    assert enabled(it)


def test_a_start_that_arrives_after_its_limit_holds_nothing() -> None:
    it = world()
    late = BEGAN + timedelta(minutes=31)
    assert it.deploy.hear(marker(Phase.STARTED, BEGAN), late).switched == ()
    assert enabled(it)


def others_family(it: World) -> None:
    it.schedules.schedules[JOB] = schedule(2, parameters={"TaskDefinitionArn": "api:1"})


def others_cluster(it: World) -> None:
    it.schedules.schedules[JOB] = schedule(2, cluster_arn=f"{CLUSTER}-staging")


def one_time(it: World) -> None:
    it.schedules.schedules[JOB] = schedule(2, expression="at(2026-05-06T11:00:00)")


def switched_off(it: World) -> None:
    it.which = Which.NONE


def in_shadow(it: World) -> None:
    it.modes = FakeModes(Mode.SHADOW)


@pytest.mark.parametrize("why", [others_family, others_cluster, one_time, switched_off, in_shadow])
def test_what_is_not_concerned_is_not_touched(why: Callable[[World], None]) -> None:
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


def test_one_schedule_that_cannot_be_held_stops_no_other() -> None:
    it = world(which=Which.ALL)
    it.schedules.schedules = {"default/broken": schedule(2, job="default/broken"), **it.schedules.schedules}
    honest = it.switches.switch

    def switch(job: str, *, enabled: bool) -> None:
        if job == "default/broken":
            raise Permanent("not allowed to pass its role")
        it.switches.schedules = it.schedules
        honest(job, enabled=enabled)

    it.switches.switch = switch  # type: ignore[method-assign] # one that AWS refuses
    with pytest.raises(Permanent, match="not allowed to pass its role"):
        starts(it)
    assert not enabled(it)


def test_a_schedule_that_was_deleted_meanwhile_is_forgotten() -> None:
    it = world()
    starts(it)
    ends(it)
    it.schedules.schedules.clear()
    assert "no schedule" in it.release.handle(timer(it), ENDED + LEAD)
    assert it.holds.of(CLUSTER) == []


def test_a_slot_that_has_run_meanwhile_is_not_made_up_for() -> None:
    it = world()
    starts(it)
    ran = later(1)
    it.succeeds(stopped("by-hand", exit_code=0, created_at=later(0), stopped_at=ran), ran)
    ends(it)
    assert "nothing has to be made up for" in it.release.handle(timer(it), ENDED + LEAD)


def test_a_job_whose_incident_is_open_waits_for_its_next_slot() -> None:
    it = world()
    it.fails(stopped("early", created_at=later(-40), stopped_at=later(-30)), at=later(-30))
    before = it.incident.id
    starts(it)
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    assert enabled(it)
    assert it.incident.id == before


def test_while_it_is_being_released_a_new_deploy_waits() -> None:
    it = world()
    starts(it)
    (held,) = it.holds.of(CLUSTER)
    it.holds.put(replace(held, state=HoldState.RELEASING))
    again = BEGAN + timedelta(minutes=10)
    with pytest.raises(Retryable, match="just being released"):
        it.deploy.hear(marker(Phase.STARTED, again, "v3"), again)
