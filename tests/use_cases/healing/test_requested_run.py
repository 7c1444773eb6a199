"""A run that a person requests."""

from datetime import datetime, timedelta

import pytest

from cronmend.errors import CronmendError, Permanent, Retryable
from cronmend.healing.guards import Guard
from cronmend.model import LiveTask, Mode, Policy
from cronmend.model.incident import IncidentState, JobState
from cronmend.model.wakeups import RunRequest
from cronmend.use_cases.healing.requested_run import Answer
from tests.fakes import NOW, FakeModes, later
from tests.samples import JOB, stopped
from tests.use_cases.world import CLUSTER, NO_ROOM, World, out_of_capacity

ASKED = later(3)


def ask(world: World, force: bool = False, job: str = JOB, at: datetime = ASKED, request: str = "w1") -> Answer:
    return world.requested.handle(RunRequest(job, request, force), at)


def calm() -> World:
    world = World()
    world.finish_deploy(later(-60))
    return world


def test_if_no_guard_blocks_it_the_job_runs_once_per_request() -> None:
    world = calm()
    first, again = ask(world), ask(world)
    assert first.task_arn == again.task_arn != ""
    assert len(world.tasks.started) == 1


def test_every_guard_that_blocks_it_is_named_and_force_overrides_it() -> None:
    world = World(policy=Policy.NEVER, modes=FakeModes(Mode.OFF))
    refused = ask(world)
    assert [each.guard for each in refused.blockers] == [Guard.POLICY, Guard.MODE, Guard.DEPLOY]
    assert world.tasks.started == {}
    forced = ask(world, force=True)
    assert forced.task_arn
    assert [each.guard for each in forced.blockers] == [each.guard for each in refused.blockers]


def test_a_job_that_has_not_failed_is_run_under_any_policy() -> None:
    world = calm()
    world.policy = Policy.UNSTARTED
    answer = ask(world)
    assert (answer.blockers, len(world.tasks.started)) == ((), 1)


@pytest.mark.parametrize(("hours", "blocked_by"), [(23, [Guard.DAY]), (24, [])])
def test_only_the_reruns_of_24_hours_count_for_a_job_that_is_not_broken(hours: int, blocked_by: list[Guard]) -> None:
    world = calm()
    spent = tuple(ASKED - timedelta(hours=hours) for _ in range(world.budget.per_day))
    world.ledger.job_states[JOB] = JobState(JOB, rerun_times=spent)
    assert [each.guard for each in ask(world).blockers] == blocked_by


def test_a_failed_run_whose_code_started_is_repeated_only_with_force() -> None:
    world = World(policy=Policy.UNSTARTED)
    world.fails(at=NOW)
    world.finish_deploy(later(2))
    refused = ask(world)
    assert [each.guard for each in refused.blockers] == [Guard.POLICY]
    assert "had started" in refused.blockers[0].reason
    assert ask(world, force=True).task_arn


def test_a_failed_run_that_never_started_is_repeated() -> None:
    world = World(policy=Policy.UNSTARTED)
    world.fails(out_of_capacity(), ())
    world.finish_deploy(later(2))
    assert ask(world).task_arn


def test_once_a_job_has_recovered_its_failed_run_blocks_nothing() -> None:
    world = World(policy=Policy.UNSTARTED)
    world.fails(at=NOW)
    world.finish_deploy(later(2))
    world.succeeds(stopped("a2", exit_code=0, created_at=later(4)), at=later(6))
    assert not world.incident.is_open
    assert ask(world, at=later(10)).task_arn


def test_a_request_never_runs_a_job_that_is_already_running() -> None:
    world = calm()
    run = stopped()
    world.tasks.active_tasks = [LiveTask("arn:alive", CLUSTER, run.task_definition, "somebody", run.overrides)]
    assert [each.guard for each in ask(world, force=True).blockers] == [Guard.RUNNING]
    assert world.tasks.started == {}


@pytest.mark.parametrize("force", [True, False])
def test_the_hourly_limit_applies_to_requests_too(force: bool) -> None:
    world = calm()
    world.ledger.hourly_reruns = 0
    answer = ask(world, force)
    assert (answer.task_arn, [each.guard for each in answer.blockers]) == ("", [Guard.CIRCUIT])
    assert [each.reason for each in answer.blockers] == ["the hour's limit of re-runs over all jobs is reached"]
    assert world.tasks.started == {}


def test_a_job_without_a_schedule_says_so() -> None:
    assert "the schedule cronmend-jobs/gone doesn't exist" in ask(World(), job="cronmend-jobs/gone").done


def test_its_success_closes_the_incident() -> None:
    world = World()
    world.fails(at=NOW)
    world.finish_deploy(later(2))
    ask(world)
    (attempt,) = world.attempts()
    world.stopped.handle(world.rerun_of(attempt, 0, later(8)), later(8))
    assert world.incident.state is IncidentState.HEALED


def test_a_run_that_ecs_refuses_is_answered_with_its_reason() -> None:
    world = World()
    world.tasks.refusals = [NO_ROOM]
    answer = ask(world, force=True)
    assert answer.done == f"ECS started no task: {NO_ROOM.reason}"
    assert (answer.task_arn, [each.guard for each in answer.blockers]) == ("", [Guard.DEPLOY])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Retryable("ECS didn't answer"), "Cronmend can't tell whether the run started: ECS didn't answer"),
        (Permanent("webapp:2 is inactive"), "the run couldn't be started: webapp:2 is inactive"),
    ],
)
def test_a_run_that_can_not_be_started_is_answered_with_the_error(error: CronmendError, said: str) -> None:
    world = World()
    world.tasks.refusal = error
    answer = ask(world, force=True)
    assert answer.done == said
    assert (answer.task_arn, [each.guard for each in answer.blockers]) == ("", [Guard.DEPLOY])


def test_a_run_for_a_missed_slot_starts_all_of_its_tasks_and_has_its_time() -> None:
    world = calm()
    asked = RunRequest(JOB, "w1", by="ann", slot="2026-05-06T09:00:00Z")
    assert world.requested.handle(asked, ASKED).task_arn
    (attempt,) = world.attempts()
    assert (attempt.slot, attempt.whole_slot, attempt.by) == ("2026-05-06T09:00:00Z", True, "ann")
