"""A schedule that Cronmend itself holds: re-runs wait for the release instead of ending because it is disabled."""

from copy import replace
from datetime import datetime, timedelta

from cronmend.deploys import Phase
from cronmend.healing.guards import Guard
from cronmend.model import Category, ScheduleState
from cronmend.model.incident import IncidentState
from tests.fakes import later
from tests.samples import JOB, REFUSED_LOG, service
from tests.use_cases.healing.holding import BEGAN, ends, marker, starts, timer, world
from tests.use_cases.healing.test_requested_run import ask
from tests.use_cases.world import World, out_of_capacity, rerun_timer


def held() -> World:
    it = world()
    starts(it)
    return it


def test_a_failure_during_a_hold_waits_for_its_end_and_is_healed() -> None:
    it = held()
    it.fails()
    assert it.incident.state is IncidentState.HEALING
    assert it.incident.schedule is ScheduleState.ENABLED
    it.due.handle(rerun_timer(it), later(20))
    assert it.tasks.started == {}
    assert it.told == []
    ends(it)
    it.wakes(timer(it), later(20.5))
    again = rerun_timer(it)
    it.due.handle(again, max(again.at, later(21)))
    assert len(it.tasks.started) == 1


def test_a_rerun_that_was_planned_before_the_hold_waits_for_its_end() -> None:
    it = world()
    it.stopped.handle(out_of_capacity(), later(-40))
    planned = rerun_timer(it)
    starts(it)
    assert "checking again" in it.due.handle(planned, BEGAN)
    assert (it.tasks.started, it.told) == ({}, [])
    assert it.incident.planned
    assert it.incident.planned.at == BEGAN + it.limits.recheck_after


def test_a_schedule_that_a_person_disables_still_ends_healing() -> None:
    it = held()
    it.fails()
    ends(it)
    it.wakes(timer(it), later(5))
    it.schedules.schedules[JOB] = replace(it.schedules.schedules[JOB], enabled=False)
    it.due.handle(rerun_timer(it), later(6))
    assert it.tasks.started == {}
    assert [kind for kind, _ in it.told] == ["alert"]


def test_a_failure_that_no_deploy_explains_is_re_run_after_the_hold_too() -> None:
    it = held()
    it.services.services = (service(2),)
    it.fails(log=REFUSED_LOG)
    assert it.incident.category is Category.DEPENDENCY_UNAVAILABLE
    assert it.incident.planned
    assert it.incident.planned.at >= later(0) + it.limits.recheck_after


def test_a_slot_that_the_hold_has_just_missed_is_caught_up_on_once_it_is_sure_that_no_run_comes_of_it() -> None:
    """EventBridge Scheduler may still start a slot's run if the schedule is enabled in the slot's own minute."""
    it = held()
    slot = datetime.fromisoformat("2026-05-06T11:00:00+00:00")
    released = slot + timedelta(seconds=20)
    it.deploy.handle(marker(Phase.FINISHED, released), released)
    it.wakes(timer(it), released)
    due = rerun_timer(it)
    it.due.handle(due, released + timedelta(seconds=5))
    assert (it.tasks.started, it.incident.state) == ({}, IncidentState.HEALING)
    again = rerun_timer(it)
    it.due.handle(again, again.at)
    assert len(it.tasks.started) == 1


def test_a_person_is_told_of_the_hold_and_may_override_it() -> None:
    it = held()
    assert [each.guard for each in ask(it, at=later(0)).blockers] == [Guard.HOLD, Guard.DEPLOY]
    assert ask(it, force=True, at=later(0)).task_arn
