"""The end of a service deployment brings forward the re-runs waiting for it."""

from copy import replace
from dataclasses import dataclass
from datetime import timedelta

import pytest

from cronmend.deploys import Deployment, Service
from cronmend.model import Container, Missing, TaskDefinitionRef, WindowState
from cronmend.model.incident import LEAD
from cronmend.model.runs import TaskDefinition
from tests.fakes import NOW, FakeDefinitions, FakeServices, later
from tests.samples import definition, deployed, stopped
from tests.use_cases.world import World, out_of_capacity


def test_a_completed_deployment_brings_the_waiting_rerun_forward() -> None:
    world = World()
    world.fails()
    world.finish_deploy(later(2))
    (brought_forward,) = world.deploy.handle(deployed("web"), later(2)).brought_forward
    assert brought_forward.at == later(2) + LEAD
    assert world.timers.due()[0] == brought_forward
    world.due.handle(brought_forward, brought_forward.at)
    assert len(world.tasks.started) == 1


def test_the_same_event_again_moves_nothing() -> None:
    world = World()
    world.fails()
    world.finish_deploy(later(2))
    world.deploy.handle(deployed("web"), later(2))
    (again,) = world.deploy.handle(deployed("web"), later(3)).brought_forward
    assert again.at == later(2) + LEAD


@dataclass
class Sites(World):
    """The job and the service have families of their own; ``image`` is the service's."""

    image: str = "registry.example/site:2"

    @property
    def definitions(self) -> FakeDefinitions:
        own = replace(definition(2), images={"web": "registry.example/site:2"})
        served = TaskDefinition(TaskDefinitionRef("front", 5), later(-10), images={"app": self.image})
        return FakeDefinitions({"webapp:2": own, "front:5": served})


@pytest.mark.parametrize(
    ("image", "moved"),
    [("registry.example/site:2", 1), ("registry.example/site:1", 1), ("registry.example/api:2", 0), ("", 0)],
)
def test_a_service_of_another_family_brings_jobs_of_its_image_forward(image: str, moved: int) -> None:
    world = Sites(image=image, services=FakeServices((front("IN_PROGRESS"),)))
    task = stopped(containers=(Container("web", 1, image="registry.example/site:2", image_digest="sha256:2"),))
    assert world.fails(task).window.state is WindowState.OPEN
    world.services.services = (front("COMPLETED"),)
    assert len(world.deploy.handle(deployed("web"), later(2)).brought_forward) == moved


def test_a_job_whose_image_is_not_known_has_none_in_common_with_a_service() -> None:
    world = Sites(image="", services=FakeServices((front("IN_PROGRESS"),)))
    world.fails(stopped(containers=(Container("web", 1, image=""),)))
    world.services.services = (front("COMPLETED"),)
    assert world.deploy.handle(deployed("web"), later(2)).brought_forward == ()


def front(rollout: str) -> Service:
    at = later(-3)
    return Service("web", Deployment(TaskDefinitionRef("front", 5), rollout, at, at))


def test_another_service_brings_nothing_forward() -> None:
    world = World()
    world.fails()
    assert world.deploy.handle(deployed("another"), later(2)).brought_forward == ()


def test_a_rerun_that_does_not_wait_for_a_deploy_keeps_its_time() -> None:
    world = World()
    world.stopped.handle(out_of_capacity(), NOW)
    before = world.timers.due()
    assert world.deploy.handle(deployed("web"), NOW + timedelta(seconds=30)).brought_forward == ()
    assert world.timers.due() == before


class NoReads(World):
    @property
    def definitions(self) -> FakeDefinitions:
        return Unread()


class Unread(FakeDefinitions):
    def get(self, reference: str) -> TaskDefinition | Missing:
        raise AssertionError(f"{reference} was read")


def test_no_task_definition_is_read_if_nothing_waits_for_the_deployment() -> None:
    world = NoReads()
    world.finish_deploy(NOW)
    assert world.deploy.handle(deployed("web"), NOW).brought_forward == ()
