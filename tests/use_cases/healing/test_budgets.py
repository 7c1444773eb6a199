"""Budgets, the circuit, the memory step and marks, over the fakes."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits
from cronmend.model import Category, Container, Size
from cronmend.model.incident import IncidentState
from cronmend.model.wakeups import ReleaseTimer
from cronmend.wording import clock
from local.memory.ledger import MemoryLedger
from tests.fakes import NOW, later
from tests.samples import JOB, schedule
from tests.use_cases.world import NO_ROOM, World, killed, of_job, out_of_capacity, rerun_timer, unstarted

OTHER = "cronmend-jobs/other"


def test_the_circuit_opens_with_one_alert_and_holds_the_others() -> None:
    world = World(ledger=MemoryLedger(hourly_reruns=0))
    world.schedules.schedules[OTHER] = schedule(2, job=OTHER)
    unstarted(world)
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert [kind for kind, _ in world.told] == ["circuit"]
    assert world.incident.state is IncidentState.HEALING
    assert world.incident.planned is None
    world.due.handle(timer, timer.at)
    later_failure = world.stopped.handle(of_job(OTHER, out_of_capacity("b1")), later(20))
    until = clock(timer.at + world.budget.circuit)
    assert later_failure.reasons == (f"no re-run: healing has stopped for all jobs until {until}",)
    assert [kind for kind, _ in world.told] == ["circuit"]
    releases = world.timers.of(ReleaseTimer)
    assert [timer.job for timer in releases] == [JOB, OTHER]
    for release in releases:
        world.due.handle(release, release.at)
    assert [kind for kind, _ in world.told] == ["circuit", "alert", "alert"]


@pytest.mark.parametrize(("minutes", "by_hand", "planned"), [(59, False, False), (60, False, True), (1, True, True)])
def test_the_circuit_closes_automatically_and_by_hand(minutes: int, by_hand: bool, planned: bool) -> None:
    world = World(ledger=MemoryLedger(hourly_reruns=0))
    unstarted(world)
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    at = timer.at + timedelta(minutes=minutes)
    if by_hand:
        world.circuit.close(at)
    world.stopped.handle(replace(out_of_capacity("a2"), created_at=at, stopped_at=at), at)
    assert (world.incident.planned is not None) is planned


def test_failures_of_aws_leave_the_jobs_own_budget_alone() -> None:
    world = unstarted(World(budget=Budget(per_day=1)))
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    job_state = world.ledger.read(JOB)
    assert (len(job_state.rerun_times), len(job_state.infra_times)) == (0, 1)
    (attempt,) = world.attempts()
    world.fails(world.rerun_of(attempt, 1, later(9)), at=later(9))
    assert world.incident.planned is not None


def test_memory_grows_once_and_the_message_says_what_to_change() -> None:
    world = World(memory_step=True)
    task = replace(killed(), size=Size(512, 1024), stopped_at=NOW)
    assert world.stopped.handle(task, NOW).action == "rerun"
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (request,) = world.tasks.started.values()
    assert (request["overrides"]["cpu"], request["overrides"]["memory"]) == ("512", "2048")
    (attempt,) = world.attempts()
    world.stopped.handle(world.rerun_of(attempt, 0, later(5)), later(5))
    assert "2048 MiB with 512 CPU units" in world.told[-1][1]


def test_memory_that_was_not_enough_is_not_raised_again() -> None:
    world = World(memory_step=True)
    world.stopped.handle(replace(killed(), size=Size(512, 1024)), NOW)
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    again = replace(world.rerun_of(attempt, 137, later(5)), size=Size(512, 2048))
    dead = Container("web", 137, reason="OutOfMemoryError: Container killed due to memory usage")
    assert world.stopped.handle(replace(again, containers=(dead,)), later(5)).action == "alert"


def test_a_run_is_marked_in_tags_too() -> None:
    world = unstarted()
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (request,) = world.tasks.started.values()
    tags = {tag["key"]: tag["value"] for tag in request["tags"]}
    assert tags == {"cronmend:job": JOB, "cronmend:incident": world.incident.id, "cronmend:attempt": "2"}


def test_the_slots_own_run_may_still_start_within_its_flexible_window() -> None:
    flexible = schedule(2, flexible=timedelta(minutes=30))
    world = unstarted(World(schedules=World().schedules))
    world.schedules.schedules[JOB] = flexible
    at = NOW.replace(hour=12, minute=10)
    world.due.handle(rerun_timer(world), at)
    assert world.tasks.started == {}
    assert world.told == []


def next_rerun_fails(world: World) -> None:
    """The planned re-run is due, is started, and never runs any code."""
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    *_, attempt = world.attempts()
    at = timer.at + timedelta(minutes=1)
    ended = world.rerun_of(attempt, 1, at)
    world.stopped.handle(replace(out_of_capacity(ended.task_id), started_by=ended.started_by, stopped_at=at), at)


def test_an_incident_gets_no_more_reruns_than_its_bound_while_the_day_has_room() -> None:
    world = unstarted(World(limits=Limits(max_attempts=9, max_infra_attempts=2), budget=Budget(per_day=9)))
    for made in (1, 2):
        next_rerun_fails(world)
        assert (world.incident.reruns, world.incident.planned is None) == (made, made == 2)
    assert [kind for kind, _ in world.told] == ["gave_up"]


def test_a_bound_that_is_lowered_meanwhile_holds_when_the_rerun_is_due() -> None:
    world = unstarted(World(budget=Budget(per_day=9)))
    next_rerun_fails(world)
    world.limits = Limits(max_infra_attempts=1)
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert len(world.tasks.started) == 1
    assert (world.incident.planned, [kind for kind, _ in world.told]) == (None, ["gave_up"])


def test_the_reruns_of_an_incident_that_is_over_leave_the_next_one_its_own() -> None:
    world = unstarted(World(limits=Limits(max_infra_attempts=1), budget=Budget(per_day=9)))
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    at = timer.at + timedelta(minutes=1)
    world.stopped.handle(world.rerun_of(attempt, 0, at), at)
    assert world.incident.state is IncidentState.HEALED
    later_failure = replace(out_of_capacity("b1"), created_at=at, stopped_at=at + timedelta(minutes=1))
    assert world.stopped.handle(later_failure, at + timedelta(minutes=1)).action == "rerun"
    assert (world.incident.id, world.incident.reruns) == ("b1", 0)


def test_no_room_for_a_rerun_after_a_deploy_is_paid_by_the_budget_for_aws() -> None:
    world = World()
    world.fails()
    world.finish_deploy(later(2))
    world.tasks.refusals = [NO_ROOM]
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    job_state = world.ledger.read(JOB)
    assert world.incident.category is Category.DEPLOY_RACE
    assert (job_state.rerun_times, job_state.infra_times) == ((), (timer.at,))
    assert (world.incident.reruns, world.incident.infra_reruns) == (1, 1)


def test_memory_is_not_raised_unless_the_jobs_owner_allows_it() -> None:
    assert World().stopped.handle(replace(killed(), size=Size(512, 1024)), NOW).action == "alert"


def test_a_rerun_that_fails_after_its_incident_is_over_opens_another() -> None:
    """A run that was started by hand has succeeded meanwhile: the failure repeats nothing that is still broken."""
    world = unstarted()
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    job_state = world.ledger.read(JOB)
    world.ledger.job_states[JOB] = replace(job_state, incident=replace(world.incident, state=IncidentState.RECOVERED))
    record = world.fails(world.rerun_of(attempt, 1, later(20)), at=later(20))
    assert (record.category, record.incident) == (Category.DEPLOY_RACE, record.task_id)
