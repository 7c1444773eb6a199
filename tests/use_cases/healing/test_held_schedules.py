"""A deploy holds schedules: each continues unchanged, and its missed slots are run once."""

from copy import replace
from datetime import datetime, timedelta

import pytest

from cronmend.deploys import Phase
from cronmend.deploys.holds import HoldState
from cronmend.errors import Retryable
from cronmend.model import Category, Policy
from cronmend.model.incident import LEAD, IncidentState
from cronmend.model.wakeups import ReleaseTimer
from tests.fakes import later
from tests.samples import CLUSTER, JOB, stopped
from tests.use_cases.healing.holding import BEGAN, ENDED, enabled, ends, marker, rerun, starts, timer, world


def test_a_deploy_holds_the_schedule_until_it_ends_and_one_run_covers_the_missed_slots() -> None:
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


def test_only_the_state_of_the_schedule_changes_and_its_description_says_so() -> None:
    it = world()
    before = it.schedules.schedules[JOB]
    starts(it)
    (hold,) = it.holds.of(CLUSTER)
    assert it.schedules.schedules[JOB] == replace(before, enabled=False, description=hold.mark)
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    assert it.schedules.schedules[JOB] == before


def test_if_no_event_reports_its_end_the_time_limit_releases_the_hold() -> None:
    it = world()
    starts(it)
    limit = timer(it)
    said = it.release.handle(limit, limit.at)
    assert enabled(it)
    assert "one run is planned" in said


def test_several_missed_slots_are_one_run() -> None:
    it = world()
    starts(it, limit=timedelta(hours=5))
    it.release.handle(timer(it), BEGAN + timedelta(hours=5))
    assert it.incident.slot == "2026-05-06T15:00:00+00:00"
    assert it.incident.planned is not None
    assert it.incident.planned.attempt == 2


@pytest.mark.parametrize(("created", "caught_up"), [(timedelta(minutes=-3), True), (timedelta(), False)])
def test_only_a_run_that_was_created_after_the_missed_slot_covers_it(created: timedelta, caught_up: bool) -> None:
    """Its end says nothing: a long run that began before the slot ends after it."""
    it, slot = world(), datetime.fromisoformat("2026-05-06T11:00:00+00:00")
    starts(it)
    ended = slot + timedelta(minutes=2)
    it.succeeds(stopped("b2", exit_code=0, created_at=slot + created, stopped_at=ended), at=ended)
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    assert (it.ledger.read(JOB).incident is not None) == caught_up


def test_a_hold_that_misses_no_slot_runs_nothing() -> None:
    it = world()
    starts(it)
    it.deploy.handle(marker(Phase.FINISHED, BEGAN + timedelta(minutes=5)), BEGAN + timedelta(minutes=5))
    assert it.release.handle(timer(it), BEGAN + timedelta(minutes=6)) == f"{JOB} continues and missed no slot"
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


def test_the_alert_of_a_missed_slot_is_held_no_longer_than_the_job_allows() -> None:
    it = world(deadline=timedelta(minutes=20))
    starts(it)
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    assert [each.at for each in it.timers.of(ReleaseTimer)] == [ENDED + LEAD + timedelta(minutes=20)]


def test_a_job_with_policy_unstarted_catches_up_too() -> None:
    it = world(policy=Policy.UNSTARTED)
    starts(it)
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    rerun(it, ENDED + 2 * LEAD)
    assert len(it.tasks.started) == 1


def test_after_a_failed_deploy_the_schedule_continues_but_nothing_is_re_run() -> None:
    it = world()
    starts(it)
    ends(it, phase=Phase.FAILED)
    it.release.handle(timer(it), ENDED + LEAD)
    assert enabled(it)
    rerun(it, ENDED + 2 * LEAD)
    assert it.tasks.started == {}
    assert [kind for kind, _ in it.told] == ["half_done"]


def test_the_migration_alone_releases_nothing() -> None:
    it = world()
    starts(it)
    assert ends(it, phase=Phase.MIGRATED) == ()
    assert not enabled(it)


def test_with_two_deploys_in_a_row_the_second_keeps_the_schedule_held() -> None:
    it = world()
    starts(it, release="v1")
    second = BEGAN + timedelta(minutes=10)
    it.deploy.handle(marker(Phase.STARTED, second, "v2"), second)
    assert timer(it).at == second + timedelta(minutes=30)
    assert ends(it, release="v1") == ()
    assert "is held until" in it.release.handle(timer(it), BEGAN + timedelta(minutes=30))
    assert not enabled(it)
    assert ends(it, release="v2") == (JOB,)


def test_a_schedule_that_was_deleted_meanwhile_is_forgotten() -> None:
    it = world()
    starts(it)
    ends(it)
    it.schedules.schedules.clear()
    assert it.release.handle(timer(it), ENDED + LEAD) == f"the schedule {JOB} no longer exists"
    assert it.holds.of(CLUSTER) == []


def test_a_slot_that_has_run_meanwhile_needs_no_run() -> None:
    it = world()
    starts(it)
    ran = later(1)
    it.succeeds(stopped("by-hand", exit_code=0, created_at=later(0), stopped_at=ran), ran)
    ends(it)
    assert it.release.handle(timer(it), ENDED + LEAD) == f"{JOB} continues and needs no run for its missed slots"


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
    with pytest.raises(Retryable, match="another invocation is enabling or disabling"):
        it.deploy.handle(marker(Phase.STARTED, again, "v3"), again)


def test_the_end_of_one_release_leaves_what_another_holds() -> None:
    """Both are told of separately: the first of all families, the second of one."""
    it = world()
    starts(it, release="v1", family="")
    second = BEGAN + timedelta(minutes=10)
    it.deploy.handle(marker(Phase.STARTED, second, "v2"), second)
    assert ends(it, release="v1", family="") == ()
    (hold,) = it.holds.of(CLUSTER)
    assert (hold.key, hold.until, timer(it).at) == ("v2", second + timedelta(minutes=30), hold.until)
    assert not enabled(it)


@pytest.mark.parametrize(("started", "ended"), [("", "v1"), ("v1", ""), ("", "")])
def test_a_hold_or_an_end_without_a_release_is_of_any(started: str, ended: str) -> None:
    it = world()
    starts(it, release=started, family="")
    assert ends(it, release=ended) == (JOB,)
    assert timer(it).at == ENDED + LEAD


def test_a_schedule_that_can_not_be_read_goes_on_and_nothing_is_made_up() -> None:
    it = world()
    starts(it)
    held = it.schedules.schedules[JOB]
    it.schedules.schedules[JOB] = replace(held, expression="cron(every hour)")
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    assert enabled(it)
    assert (it.holds.of(CLUSTER), it.ledger.read(JOB).incident) == ([], None)
