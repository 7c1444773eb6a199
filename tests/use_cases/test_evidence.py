"""Where a stopped run's log lies, or why that can't be known: a part that can't be had is Missing with its reason."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from cronmend.deploys import Image, Phase, Service
from cronmend.model import Container, LogPlace, Missing, Signal, StoppedTask, TaskDefinitionRef, WindowState
from cronmend.use_cases.evidence import EvidenceCollector
from tests.fakes import NOW, FakeServices
from tests.samples import JOB, schedule, service, stopped
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


def test_a_claimed_attempt_names_the_job_whatever_started_the_run() -> None:
    found = collector(World()).identity(stopped(started_by="cronmend/key", overrides=()), JOB)
    assert (found.job, found.certain, found.schedule) == (JOB, True, schedule(2))


def test_what_no_schedule_has_started_is_not_matched_by_an_empty_prefix() -> None:
    task = stopped(started_by="somebody", overrides=(), task_definition=TaskDefinitionRef("webapp", 2))
    found = collector(World()).identity(task, "")
    assert (found.certain, found.schedule) == (False, Missing("no schedule started it"))


def test_a_run_that_was_alive_when_a_deploy_began_is_told_so() -> None:
    world = World()
    world.deploy.handle(STARTS, STARTS.at)
    assert collector(world).evidence(stopped(exit_code=0), schedule(2), NOW).window.during != ""
    assert collector(World()).evidence(stopped(exit_code=0), schedule(2), NOW).window.during == ""


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
