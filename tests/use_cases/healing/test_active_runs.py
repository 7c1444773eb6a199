"""A run of the job is active when a re-run is planned; checked then, and again when it is due."""

from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass, field

import pytest

from cronmend.errors import CronmendError, Permanent, Retryable
from cronmend.model import LiveTask, Policy, TaskDefinitionRef
from cronmend.model.incident import IncidentState
from cronmend.model.wakeups import ReleaseTimer
from tests.fakes import NOW, FakeTasks, later
from tests.samples import JOB, schedule, stopped
from tests.use_cases.world import CLUSTER, World, rerun_timer, unstarted

DEFINITION = stopped().task_definition_arn
BY_HAND = LiveTask("arn:task/by-hand", CLUSTER, stopped().task_definition, "somebody", stopped().overrides)
OF_THE_SCHEDULE = replace(BY_HAND, task_arn="arn:task/next", started_by="chronos-schedule/publish-scheduled")


def just_deployed(*active_tasks: LiveTask) -> World:
    """The deploy has just ended: without an active run, the job would be re-run at once."""
    world = World(tasks=FakeTasks(active_tasks=list(active_tasks)))
    world.finish_deploy(later(-0.5))
    world.fails()
    return world


def test_without_another_active_run_it_is_re_run_at_once() -> None:
    assert rerun_timer(just_deployed()).at == NOW


@pytest.mark.parametrize("active_run", [BY_HAND, OF_THE_SCHEDULE])
def test_an_active_run_delays_the_rerun_and_the_record_names_it(active_run: LiveTask) -> None:
    world = just_deployed(active_run)
    assert rerun_timer(world).at == NOW + world.limits.recheck_after
    ground = "the deploy's end is assumed (the deployment of web to webapp:2 ended 30 s ago): re-run now, once"
    reason = f"{ground}, delayed because the job is already running ({active_run.task_arn})"
    assert world.ledger.runs["a1"].reasons[0] == reason
    assert world.incident.held_until == NOW + world.limits.alert_deadline


def test_if_it_has_ended_by_then_the_job_is_run() -> None:
    world = just_deployed(BY_HAND)
    world.tasks.active_tasks = []
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert len(world.tasks.started) == 1


def test_if_it_is_still_active_nothing_is_run_and_the_alert_is_sent_at_its_deadline() -> None:
    world = just_deployed(BY_HAND)
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert world.tasks.started == {}
    assert world.told == []
    release = world.timers.of(ReleaseTimer)[0]
    world.due.handle(release, release.at)
    assert [kind for kind, _ in world.told] == ["alert"]


def test_if_it_succeeds_nothing_is_left_to_run() -> None:
    world = just_deployed(OF_THE_SCHEDULE)
    world.succeeds(stopped("next", exit_code=0, created_at=later(-0.2), stopped_at=later(2)), later(2))
    world.tasks.active_tasks = []
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert world.tasks.started == {}
    assert world.incident.state is IncidentState.RECOVERED


def test_another_jobs_run_and_the_run_that_has_just_ended_do_not_count() -> None:
    other = replace(BY_HAND, overrides=())
    itself = replace(OF_THE_SCHEDULE, task_arn=stopped().task_arn)
    assert rerun_timer(just_deployed(other, itself)).at == NOW


@dataclass
class Asked(FakeTasks):
    """Counts the calls for active tasks, and can be set to fail."""

    refuses: CronmendError | None = None
    families: list[str] = field(default_factory=list)

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        self.families.append(family)
        if self.refuses:
            raise self.refuses
        return self.active_tasks


@pytest.mark.parametrize("why", [Permanent("denied"), Retryable("throttled")])
def test_if_ecs_does_not_answer_the_failure_is_still_recorded(why: CronmendError) -> None:
    world = World(tasks=(tasks := Asked(refuses=why)))
    world.finish_deploy(later(-0.5))
    world.fails()
    assert tasks.families == ["webapp"]
    assert world.incident.planned is not None
    assert world.incident.held_until is not None


def test_ecs_is_asked_only_if_a_rerun_would_be_planned_for_now() -> None:
    world = World(tasks=(tasks := Asked()))
    world.finish_deploy(later(-0.5))
    world.fails(log=("ValueError: x",))
    assert tasks.families == []
    world.fails(stopped("a2"))
    assert tasks.families == ["webapp"]


def test_ecs_is_not_asked_if_a_rerun_is_planned_for_later() -> None:
    world = World(tasks=(tasks := Asked()))
    world.fails()
    assert rerun_timer(world).at == NOW + world.limits.recheck_after
    assert tasks.families == []


@pytest.mark.parametrize("policy", [Policy.NEVER, Policy.SAFE])
def test_when_due_ecs_is_asked_only_if_no_other_guard_blocks_the_rerun(policy: Policy) -> None:
    world = World(tasks=(tasks := Asked()))
    world.fails()
    tasks.families.clear()
    world.policy = policy
    world.due.handle(rerun_timer(world), later(5))
    assert tasks.families == ([] if policy is Policy.NEVER else ["webapp"])


class ByFamily(FakeTasks):
    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return [task for task in self.active_tasks if task.task_definition.family == family]


@pytest.mark.parametrize("family", ["webapp", "shop"])
def test_a_run_is_found_in_the_family_that_failed_and_in_the_one_that_the_schedule_runs_now(family: str) -> None:
    world = World(tasks=ByFamily())
    unstarted(world)
    renamed = {**schedule(2).parameters, "TaskDefinitionArn": DEFINITION.replace("webapp:2", "shop:1")}
    world.schedules.schedules[JOB] = schedule(2, parameters=renamed)
    declared = replace(stopped().overrides[0], environment={"CRONMEND_JOB": JOB})
    world.tasks.active_tasks = [replace(BY_HAND, task_definition=TaskDefinitionRef(family, 1), overrides=(declared,))]
    timer = rerun_timer(world)
    assert "arn:task/by-hand" in world.due.handle(timer, timer.at)
    assert world.tasks.started == {}
