"""Where a stopped run's log lies, or why that can't be known: a part that can't be had is Missing with its reason."""

import json
from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from cronmend.deploys import Image, Phase, Service
from cronmend.model import (
    Category,
    Container,
    ContainerOverride,
    Diagnosis,
    LiveSchedule,
    LogPlace,
    Missing,
    Signal,
    StoppedTask,
    TaskDefinitionRef,
    WindowState,
)
from cronmend.use_cases.evidence import EvidenceCollector
from tests.fakes import NOW, FakeSchedules, FakeServices
from tests.samples import CLUSTER, COMMAND, JOB, schedule, service, stopped
from tests.use_cases.healing.holding import marker
from tests.use_cases.world import World

LOG = ("something was wrong", "KeyError: 'x'")
STARTS = marker(Phase.STARTED, NOW - timedelta(seconds=30))
SIDECAR = replace(stopped(), containers=(Container("proxy", 1),), job_container="proxy")


def collector(world: World) -> EvidenceCollector:
    return EvidenceCollector(world.schedules, world.definitions, world.logs, world.deploys)


def test_the_log_is_read_where_the_task_definition_puts_it() -> None:
    world = World()
    world.logs.logs["web/web/a1"] = LOG
    found = collector(world).evidence(stopped(), schedule(2), NOW)
    assert (found.log, found.place) == (LOG, LogPlace("/ecs/app-prod", "web/web/a1", "eu-west-2"))


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (stopped(exit_code=None), "the container never ran"),
        (stopped(job_container=""), "which container is the job's"),
        (stopped(task_definition_arn="webapp:9"), "webapp:9"),
        (SIDECAR, "webapp:2 has no 'proxy'"),
    ],
)
def test_a_log_that_lies_nowhere_is_missing_with_its_reason(task: StoppedTask, reason: str) -> None:
    found = collector(World()).evidence(task, schedule(2), NOW)
    assert isinstance(found.log, Missing)
    assert reason in found.log.reason
    assert found.place is None


def test_a_stream_that_is_not_there_has_a_place_all_the_same() -> None:
    found = collector(World()).evidence(stopped(), schedule(2), NOW)
    assert found.log == Missing("there is no log stream web/web/a1")
    assert found.place is not None


def test_of_a_success_neither_log_nor_deploy_is_looked_at() -> None:
    world = World()
    world.logs.logs["web/web/a1"] = LOG
    found = collector(world).evidence(stopped(exit_code=0), schedule(2), NOW)
    assert isinstance(found.log, Missing)
    assert (found.window.state, found.place) == (WindowState.UNKNOWN, None)
    assert (found.log.reason, found.window.reason) == ("not checked: the job exited with 0",) * 2


def test_a_claimed_attempt_names_the_job_whatever_started_the_run() -> None:
    found = collector(World()).identity(stopped(started_by="cronmend/key", overrides=()), JOB)
    assert (found.job, found.certain, found.schedule) == (JOB, True, schedule(2))


def test_what_no_schedule_has_started_is_not_matched_by_an_empty_prefix() -> None:
    task = stopped(started_by="somebody", overrides=(), task_definition=TaskDefinitionRef("webapp", 2))
    found = collector(World()).identity(task, "")
    assert (found.certain, found.schedule) == (False, Missing("no schedule started it"))


@pytest.mark.parametrize(("category", "said"), [(Category.UNKNOWN, True), (Category.SUCCESS, False)])
def test_a_run_that_exited_with_0_and_failed_is_told_of_a_deploy_that_began(category: Category, said: bool) -> None:
    world = World()
    world.deploy.handle(STARTS, STARTS.at)
    diagnosis = Diagnosis(category, "rule", "It stopped.")
    assert bool(collector(world).with_deploy_during(stopped(exit_code=0), diagnosis).window.during) is said
    assert collector(World()).with_deploy_during(stopped(exit_code=0), diagnosis) == diagnosis


@dataclass
class AskedServices(FakeServices):
    asked: list[str] = field(default_factory=list)
    """The services whose images were looked up."""

    def images(self, service: Service) -> tuple[Image, ...] | Missing:
        self.asked.append(service.name)
        return super().images(service)


@pytest.mark.parametrize(
    ("task", "asked"),
    [(stopped(revision=2), ["web"]), (stopped(revision=3), []), (stopped(revision=2, containers=()), [])],
    ids=["the same revision", "another revision", "an image that was never pulled"],
)
def test_images_are_looked_up_only_if_a_tag_may_have_moved(task: StoppedTask, asked: list[str]) -> None:
    services = AskedServices((service(2),))
    collector(World(services=services)).evidence(task, schedule(2), NOW)
    assert services.asked == asked


def test_a_tag_that_has_moved_is_a_deploy() -> None:
    services = FakeServices((service(2),), {"web": "sha256:moved"})
    found = collector(World(services=services)).evidence(stopped(), schedule(2), NOW)
    assert (found.window.state, found.window.signal) == (WindowState.OPEN, Signal.REVISION)


def sharing(name: str, **changes: Any) -> LiveSchedule:
    """A schedule that does the work of every run here and passes its own ID on."""
    override = {"name": "web", "command": list(COMMAND)}
    environment = [{"name": "CRONMEND_JOB", "value": f"cronmend-jobs/{name}"}]
    given = json.dumps({"containerOverrides": [{**override, "environment": environment}]})
    return schedule(2, job=f"cronmend-jobs/{name}", target_input=given, **changes)


@dataclass
class CountedSchedules(FakeSchedules):
    """Counts the schedules that a caller has read."""

    read: int = 0

    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule]:
        found = super().named(prefix, cluster_arn, since, work)
        assert not isinstance(found, Missing)
        self.read += len(found)
        return found


@pytest.mark.parametrize("count", [1, 100, 1_000])
def test_a_run_that_names_its_job_reads_one_schedule_however_many_share_its_prefix(count: int) -> None:
    known = CountedSchedules({f"cronmend-jobs/{name}": sharing(name) for name in names(count)})
    it = replace(collector(World()), schedules=known)
    who = it.identity(run_of("nightly-report-for-tenant-0000"), "")
    assert (who.job, who.certain) == ("cronmend-jobs/nightly-report-for-tenant-0000", True)
    assert known.read == 0


def names(count: int) -> list[str]:
    return [f"nightly-report-for-tenant-{number:04}" for number in range(count)]


def run_of(name: str) -> StoppedTask:
    override = ContainerOverride("web", COMMAND, {"CRONMEND_JOB": f"cronmend-jobs/{name}"})
    return stopped(started_by=f"chronos-schedule/{name[:19]}", overrides=(override,))


def test_the_runs_of_a_copy_that_does_the_same_work_count_as_those_of_the_original() -> None:
    own = sharing("nightly-report-for-tenant-0000")
    known = FakeSchedules({own.job: own, "other/copy": replace(own, job=f"other/{own.name}")})
    who = replace(collector(World()), schedules=known).identity(run_of(own.name), "")
    assert (who.job, who.certain) == (own.job, True)


def test_a_name_whose_schedule_does_other_work_is_looked_for_among_all_that_share_its_prefix() -> None:
    moved = sharing("nightly-report-for-tenant-0000", cluster_arn=f"{CLUSTER}-2")
    other = replace(sharing("nightly-report-for-tenant-0001"), target_input=moved.target_input)
    known = CountedSchedules({moved.job: moved, other.job: other})
    who = replace(collector(World()), schedules=known).identity(run_of(moved.name), "")
    assert (who.job, known.read) == (other.job, 1)


@pytest.mark.parametrize(("container", "category"), [("web", Category.DEPLOY_RACE), ("", Category.UNKNOWN)])
def test_of_several_containers_the_one_that_the_owner_names_is_the_job(container: str, category: Category) -> None:
    world = World(expects={"container": container})
    containers = (Container("proxy", 0), Container("web", 1))
    assert world.fails(stopped(job_container="", containers=containers)).category is category
