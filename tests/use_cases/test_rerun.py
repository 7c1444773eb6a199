"""When a timer fires, every guard is checked again before a run is started."""

from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta

import pytest

from cronmend.errors import Permanent, Retryable
from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits
from cronmend.model import Category, LiveTask, Missing, Mode, Policy, ScheduleState
from cronmend.model.incident import IncidentState
from cronmend.model.wakeups import ReleaseTimer, RerunTimer
from local.memory.ledger import MemoryLedger
from tests.fakes import NOW, later
from tests.samples import JOB, schedule, service, stopped
from tests.use_cases.world import CLUSTER, World, of_job, out_of_capacity, unstarted

DUE = NOW + timedelta(minutes=5)


def timer_of(world: World) -> RerunTimer:
    return world.timers.of(RerunTimer)[-1]


def release_of(world: World) -> ReleaseTimer:
    return world.timers.of(ReleaseTimer)[-1]


def raced() -> World:
    world = World()
    world.fails()
    return world


def test_after_a_deploy_the_schedules_current_target_is_run() -> None:
    world = raced()
    world.finish_deploy()
    world.schedules.schedules[JOB] = schedule(3)
    world.services.services = (service(3, created=DUE, updated=DUE),)
    world.due.handle(timer_of(world), DUE)
    ((key, request),) = world.tasks.started.items()
    assert request["taskDefinition"].endswith("webapp:3")
    assert request["startedBy"] == f"cronmend/{key}"
    assert len(request["startedBy"]) <= 36
    assert request["networkConfiguration"]["awsvpcConfiguration"]["subnets"] == ["subnet-1"]
    environment = {p["name"]: p["value"] for p in request["overrides"]["containerOverrides"][0]["environment"]}
    assert environment["CRONMEND_JOB"] == JOB
    assert environment["CRONMEND_ATTEMPT"] == "2"
    assert environment["CRONMEND_INCIDENT"] == world.incident.id


def test_success_of_the_rerun_heals_with_one_quiet_message() -> None:
    world = raced()
    world.finish_deploy()
    world.due.handle(timer_of(world), DUE)
    (attempt,) = world.attempts()
    record = world.stopped.handle(world.rerun_of(attempt, 0, later(7)), later(7))
    assert record.attempt == 2
    assert world.incident.state is IncidentState.HEALED
    assert [kind for kind, _ in world.told] == ["healed"]
    world.due.handle(release_of(world), later(61))
    assert [kind for kind, _ in world.told] == ["healed"]


@pytest.mark.parametrize(("until", "started"), [(None, 1), (DUE, 1), (DUE + timedelta(seconds=1), 0)])
def test_the_circuit_is_read_together_with_the_jobs_state(until: datetime | None, started: int) -> None:
    world, reads = raced(), list[datetime]()
    world.finish_deploy()
    assert isinstance(world.ledger, MemoryLedger)
    world.ledger.circuit_until = until
    world.circuit.open_until = reads.append  # type: ignore[method-assign, assignment] # another read of the ledger
    world.due.handle(timer_of(world), DUE)
    assert len(world.tasks.started) == started
    assert reads == []


def test_while_the_deploy_is_open_it_only_rechecks() -> None:
    world = raced()
    said = world.due.handle(timer_of(world), DUE)
    assert said.endswith("): checking again")
    assert said.startswith("the deploy is in progress (")
    assert world.tasks.started == {}
    again = timer_of(world)
    assert (again.rechecks, again.at) == (1, DUE + world.limits.recheck_after)


def test_a_deploy_past_its_bound_ends_healing_with_one_alert() -> None:
    world = raced()
    late = NOW + timedelta(minutes=46)
    world.due.handle(timer_of(world), late)
    assert [kind for kind, _ in world.told] == ["half_done"]
    assert world.incident.planned is None
    world.due.handle(release_of(world), later(61))
    assert len(world.told) == 1


def test_a_schedule_left_on_older_code_is_not_run() -> None:
    world = raced()
    world.services.services = (service(3, created=DUE, updated=DUE),)
    world.due.handle(timer_of(world), DUE)
    assert world.tasks.started == {}
    assert [kind for kind, _ in world.told] == ["alert"]


def test_a_rerun_that_fails_again_plans_the_next_with_a_longer_wait() -> None:
    world = World(policy=Policy.UNSTARTED)
    world.stopped.handle(out_of_capacity(), NOW)
    world.due.handle(timer_of(world), DUE)
    (attempt,) = world.attempts()
    at = later(10)
    ended = world.rerun_of(attempt, 0, at)
    record = world.stopped.handle(
        stopped("r2", exit_code=None, started_by=ended.started_by, created_at=later(9), stopped_at=at), at
    )
    assert record.attempt == 2
    planned = world.incident.planned
    assert planned is not None
    assert planned.attempt == 3
    assert timedelta() <= planned.at - at <= 4 * world.limits.recheck_after


def disabled(world: World) -> None:
    world.schedules.schedules[JOB] = schedule(2, enabled=False)


def deleted(world: World) -> None:
    world.schedules.schedules.clear()


def forbidden(world: World) -> None:
    world.policy = Policy.NEVER


def switched_off(world: World) -> None:
    world.modes.mode = Mode.OFF


def day_spent(world: World) -> None:
    world.budget = Budget(per_day=0)


def slot_too_old(world: World) -> None:
    world.schedules.schedules[JOB] = schedule(2, end=later(4))


def not_begun(world: World) -> None:
    world.schedules.schedules[JOB] = schedule(2, start=later(6))


def no_attempts(world: World) -> None:
    world.limits = Limits(max_attempts=0)


def unreadable(world: World) -> None:
    world.modes.mode = Missing("AccessDeniedException")


@pytest.mark.parametrize(
    ("obstacle", "reason"),
    [
        (disabled, f"the schedule {JOB} is disabled"),
        (deleted, f"the schedule {JOB} doesn't exist"),
        (not_begun, f"the schedule {JOB} doesn't start before 2026-05-06"),
        (forbidden, "the job's policy is never to re-run it"),
        (slot_too_old, "it would start after the schedule's end"),
        (no_attempts, "its limit is 0 re-runs per incident"),
        (day_spent, "the job has reached its limit of 0 re-runs in 24 hours"),
        (switched_off, "the mode is off"),
        (unreadable, "Cronmend can't read its mode, so it re-runs nothing: AccessDeniedException"),
    ],
)
def test_a_guard_that_blocks_when_due_means_no_run_and_an_alert(obstacle: Callable[[World], None], reason: str) -> None:
    world = raced()
    world.finish_deploy()
    obstacle(world)
    world.due.handle(timer_of(world), DUE)
    assert world.tasks.started == {}
    ((kind, said),) = world.told
    assert (kind, said.removesuffix(" The schedule continues.")) == ("alert", f"Cronmend won't re-run it: {reason}.")
    assert world.incident.planned is None


@pytest.mark.parametrize(
    ("obstacle", "state"),
    [
        (disabled, ScheduleState.DISABLED),
        (deleted, ScheduleState.DELETED),
        (forbidden, ScheduleState.ENABLED),
    ],
)
def test_what_has_become_of_the_schedule_is_kept(obstacle: Callable[[World], None], state: ScheduleState) -> None:
    world = raced()
    world.finish_deploy()
    obstacle(world)
    world.due.handle(timer_of(world), DUE)
    assert world.incident.schedule is state


@pytest.mark.parametrize("started_by", ["chronos-schedule/publish-scheduled", "somebody", "cronmend/other"])
def test_no_rerun_while_another_run_is_active_no_matter_who_started_it(started_by: str) -> None:
    world = raced()
    world.finish_deploy()
    run = stopped()
    world.tasks.active_tasks = [LiveTask("arn:alive", CLUSTER, run.task_definition, started_by, run.overrides)]
    world.due.handle(timer_of(world), DUE)
    assert world.tasks.started == {}
    assert world.told == []
    assert world.incident.state is IncidentState.HEALING


def test_a_slot_that_is_near_replaces_the_rerun() -> None:
    world = raced()
    world.finish_deploy()
    world.due.handle(timer_of(world), datetime.fromisoformat("2026-05-06T11:57:00+00:00"))
    assert world.tasks.started == {}
    assert world.told == []


def test_a_timer_that_fires_twice_runs_the_job_once() -> None:
    world = raced()
    world.finish_deploy()
    timer = timer_of(world)
    world.due.handle(timer, DUE)
    assert "has run" in world.due.handle(timer, DUE)
    assert len(world.tasks.started) == 1


def test_a_replaced_timer_does_nothing() -> None:
    world = raced()
    first = timer_of(world)
    world.due.handle(first, DUE)
    world.finish_deploy()
    world.due.handle(first, later(6))
    assert world.tasks.started == {}


def test_a_held_alert_is_released_by_its_deadline_alone() -> None:
    world = raced()
    world.due.handle(release_of(world), later(60))
    assert [kind for kind, _ in world.told] == ["alert"]
    assert world.incident.state is IncidentState.ALERTED
    assert world.incident.planned is not None


def test_a_held_alert_for_another_cause_is_released_by_its_own_deadline() -> None:
    """People know that the job is broken, but not why it is now."""
    world = World()
    world.fails(stopped("a0"), log=("KeyError: 'title'",))
    world.fails(stopped("a1", created_at=later(10), stopped_at=later(11)), at=later(11))
    world.due.handle(replace(release_of(world), at=later(60)), later(60))
    assert [kind for kind, _ in world.told] == ["alert", "reminder"]
    world.due.handle(release_of(world), later(71))
    assert [kind for kind, _ in world.told] == ["alert", "reminder", "alert"]
    assert [message.report.category for message in world.ledger.messages][-1] is Category.DEPLOY_RACE


def test_a_run_that_ecs_refuses_for_good_is_an_alert() -> None:
    world = raced()
    world.finish_deploy()
    world.tasks.refusal = Permanent("run webapp:2: ClientException: TaskDefinition is inactive")
    world.due.handle(timer_of(world), DUE)
    (told,) = world.told
    assert told[1] == (
        "Cronmend won't re-run it again: the re-run couldn't be started: run webapp:2: ClientException: TaskDefinition "
        "is inactive. The schedule continues, and a scheduled run that succeeds closes the incident."
    )


def test_a_refusal_that_may_pass_is_retried_with_the_same_token() -> None:
    world = raced()
    world.finish_deploy()
    world.tasks.refusal = Retryable("couldn't run webapp:2: AWS didn't answer")
    assert world.due.handle(timer_of(world), DUE) == (
        "Cronmend can't tell whether run 2 started and will ask again: couldn't run webapp:2: AWS didn't answer"
    )
    world.tasks.refusal = None
    again = timer_of(world)
    assert (again.rechecks, again.at) == (1, DUE + world.limits.recheck_after)
    world.due.handle(again, again.at)
    (attempt,) = world.attempts()
    assert list(world.tasks.started) == [attempt.key]


OTHER = "cronmend-jobs/other"


def test_the_hourly_bound_counts_all_jobs() -> None:
    world = World(ledger=MemoryLedger(hourly_reruns=1))
    unstarted(world)
    world.schedules.schedules[OTHER] = schedule(2, job=OTHER)
    world.stopped.handle(of_job(OTHER, out_of_capacity("b1")), NOW)
    for job in (JOB, OTHER):
        timer = next(each for each in world.timers.of(RerunTimer) if each.job == job)
        world.due.handle(timer, timer.at)
    assert [attempt.job for attempt in world.attempts()] == [JOB]
    assert len(world.tasks.started) == 1
    assert [kind for kind, _ in world.told] == ["circuit"]
