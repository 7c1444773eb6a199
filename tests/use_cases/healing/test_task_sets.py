"""Targets with a TaskCount: a re-run is one task, and a slot has succeeded if each of its tasks, or its re-run, has."""

from collections.abc import Sequence
from copy import replace
from itertools import permutations

import pytest

from cronmend.model import LiveTask, Policy, StoppedTask
from cronmend.model.incident import Attempt, IncidentState
from cronmend.model.wakeups import ReleaseTimer, RerunTimer, RunRequest
from tests.fakes import NOW, later
from tests.samples import JOB, REFUSED_LOG, stopped
from tests.use_cases.world import World, of_job, rerun_timer


def world_with(tasks: int, policy: Policy = Policy.SAFE) -> World:
    """No deploy is in progress, and the schedule starts this many tasks at once."""
    world = World(policy=policy)
    live = world.schedules.schedules[JOB]
    world.schedules.schedules[JOB] = replace(live, parameters={**live.parameters, "TaskCount": tasks})
    world.finish_deploy(later(-60))
    return world


def task(name: str, exit_code: int | None, slot: float = 0, ended: float = 1) -> StoppedTask:
    """A task of the call for a slot; times in minutes."""
    started = None if exit_code is None else later(slot)
    return stopped(
        name, exit_code=exit_code, created_at=later(slot), started_at=started, stopped_at=later(slot + ended)
    )


def ends(world: World, *tasks: StoppedTask) -> None:
    for each in tasks:
        assert each.stopped_at
        world.fails(each, REFUSED_LOG, at=max(NOW, each.stopped_at))


def rerun(world: World, exit_code: int = 0) -> Attempt:
    """The planned re-run starts and ends a minute later."""
    timer, known = rerun_timer(world), set(world.ledger.attempts)
    world.due.handle(timer, timer.at)
    (key,) = world.ledger.attempts.keys() - known
    attempt = world.ledger.attempts[key]
    again = world.rerun_of(attempt, exit_code, timer.at)
    arn = f"{again.task_arn}-{attempt.key}"
    ends(world, replace(again, task_arn=arn, created_at=timer.at, started_at=timer.at))
    return attempt


def counts(world: World) -> list[int]:
    return [int(request.get("count", 1)) for request in world.tasks.started.values()]


@pytest.mark.parametrize("failed", [1, 2, 3])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_each_failed_task_of_a_slot_is_re_run_as_one_task(failed: int, order: Sequence[int]) -> None:
    world = world_with(3)
    tasks = [task(f"t{number}", exit_code=int(number < failed), ended=1 + number) for number in range(3)]
    ends(world, *(tasks[number] for number in order))
    for left in range(failed, 0, -1):
        assert world.incident.is_open
        assert world.incident.broken
        assert world.incident.broken.tasks == left
        rerun(world)
    assert world.incident.state is IncidentState.HEALED
    assert counts(world) == [1] * failed
    assert [kind for kind, _ in world.told] == ["healed"]


def test_a_re_run_that_fails_again_repeats_the_same_task() -> None:
    world = world_with(2)
    ends(world, task("a", 1), task("b", 1))
    rerun(world, exit_code=1)
    assert world.incident.broken
    assert world.incident.broken.tasks == 2
    rerun(world)
    rerun(world)
    assert world.incident.state is IncidentState.HEALED


def test_a_siblings_success_neither_closes_the_incident_nor_drops_the_re_run() -> None:
    world = world_with(3)
    ends(world, task("a", 1), task("b", 0), task("c", 0))
    assert world.incident.is_open
    assert world.incident.planned
    rerun(world)
    assert world.incident.state is IncidentState.HEALED


def test_the_re_run_waits_for_a_sibling_that_is_still_running() -> None:
    """The sibling does its own work, not that of the task that failed."""
    world = world_with(2)
    failed = task("a", 1)
    ends(world, failed)
    sibling = LiveTask("arn:b", failed.cluster_arn, failed.task_definition, failed.started_by, failed.overrides)
    world.tasks.active_tasks = [sibling]
    timer = rerun_timer(world)
    assert "checking again" in world.due.handle(timer, timer.at)
    world.tasks.active_tasks = []
    rerun(world)
    assert world.incident.state is IncidentState.HEALED
    assert counts(world) == [1]


def test_a_later_slot_recovers_the_job_only_if_all_of_its_tasks_succeed() -> None:
    world = world_with(3)
    ends(world, task("a", 1))
    ends(world, task("b", 0, slot=60), task("c", 0, slot=60, ended=2))
    assert world.incident.is_open
    ends(world, task("d", 0, slot=60, ended=3))
    assert world.incident.state is IncidentState.RECOVERED
    assert [kind for kind, _ in world.told] == ["recovered"]


@pytest.mark.parametrize("order", list(permutations("bcd")))
def test_a_later_slot_of_which_one_task_fails_does_not_recover_the_job(order: Sequence[str]) -> None:
    world = world_with(3)
    ends(world, task("a", 1))
    later_slot = {"b": task("b", 0, 60), "c": task("c", 1, 60), "d": task("d", 0, 60)}
    ends(world, *(later_slot[name] for name in order))
    assert world.incident.is_open
    assert world.incident.broken
    assert (world.incident.broken.creation.at, world.incident.broken.tasks) == (later(60), 1)


def test_the_same_event_twice_is_one_task_of_the_set() -> None:
    world = world_with(2)
    ends(world, task("a", 1), task("a", 1))
    ends(world, task("b", 0, 60), task("b", 0, 60))
    assert world.incident.is_open


def test_a_task_whose_failure_is_known_after_its_siblings_re_run_has_succeeded_is_not_answered_by_it() -> None:
    """The re-run repeated the sibling's work. Before, this failure was dropped without a word."""
    world = world_with(2)
    ends(world, task("a", 1))
    rerun(world)
    assert world.incident.state is IncidentState.HEALED
    ends(world, task("b", 1, ended=1))
    assert world.incident.is_open
    assert world.incident.id == "b"
    rerun(world)
    assert world.incident.state is IncidentState.HEALED


def test_a_slot_that_scheduler_started_twice_is_one_run() -> None:
    """Scheduler delivers at least once: the second task of a target with one task is a duplicate."""
    world = world_with(1)
    ends(world, task("a", 1), task("b", 1))
    rerun(world)
    assert world.incident.state is IncidentState.HEALED
    assert counts(world) == [1]


def test_under_the_policy_unstarted_only_a_task_that_never_ran_is_re_run() -> None:
    world = world_with(2, Policy.UNSTARTED)
    ends(world, task("a", 0), task("b", None))
    rerun(world)
    assert world.incident.state is IncidentState.HEALED
    assert counts(world) == [1]
    ran = world_with(2, Policy.UNSTARTED)
    ends(ran, task("a", None), task("b", 1))
    assert ran.incident.planned is None
    assert [kind for kind, _ in ran.told] == ["alert"]


def test_of_more_tasks_than_re_runs_are_allowed_people_hear_at_the_limit() -> None:
    world = world_with(5)
    ends(world, *(task(f"t{number}", 1) for number in range(5)))
    for _ in range(3):
        rerun(world)
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert world.incident.state is IncidentState.ALERTED
    assert "not all of the tasks that failed have succeeded after 3 re-runs" in world.incident.no_rerun
    assert counts(world) == [1, 1, 1]


def test_the_held_alert_keeps_its_deadline_while_the_tasks_are_repeated() -> None:
    world = world_with(2)
    ends(world, task("a", 1), task("b", 1))
    held = world.incident.held_until
    rerun(world)
    assert world.incident.held_until == held
    assert world.timers.of(ReleaseTimer)


def test_a_persons_run_repeats_one_task_of_a_broken_job_and_starts_all_of_one_that_is_not() -> None:
    for broken, wanted in ((True, [1]), (False, [3])):
        world = world_with(3)
        if broken:
            ends(world, task("a", 1))
        assert world.requested.handle(RunRequest(JOB, "w1", force=True), later(3)).task_arn
        assert counts(world) == wanted


def test_jobs_do_not_share_their_sets() -> None:
    world = world_with(2)
    ends(world, task("a", 1), of_job("other/publish-scheduled", task("b", 1)))
    assert world.incident.broken
    assert world.incident.broken.tasks == 1
    assert len(world.timers.of(RerunTimer)) == 1
