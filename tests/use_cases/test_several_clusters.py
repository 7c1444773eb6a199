"""Jobs in one cluster, the service and its migrations in another."""

from copy import replace
from dataclasses import dataclass

import pytest

from cronmend.deploys import Bounds, Phase
from cronmend.incoming.deploy_events import OneOffTask
from cronmend.model import Container, Signal, TaskDefinitionRef, WindowState
from cronmend.use_cases.deploy_facts import Deploys
from cronmend.use_cases.deploy_state import HandleDeployEvent, Watch
from tests.fakes import NOW, later
from tests.samples import CLUSTER, deployed, stopped
from tests.use_cases.healing.holding import marker
from tests.use_cases.world import World

SERVICES = CLUSTER.replace("app-prod", "services")
MIGRATION = OneOffTask(
    event_id="m",
    task_id="t1",
    cluster_arn=SERVICES,
    task_definition=TaskDefinitionRef("webapp", 2),
    task_definition_arn="webapp:2",
    stopped=True,
    containers=(Container("web", 0),),
    commands={"web": ("manage.py", "migrate")},
    at=later(2),
    since=later(1),
)


@dataclass
class TwoClusters(World):
    @property
    def deploys(self) -> Deploys:
        return replace(super().deploys, clusters=(CLUSTER, SERVICES))

    @property
    def deploy(self) -> HandleDeployEvent:
        return replace(super().deploy, watch=Watch((CLUSTER, SERVICES), Bounds(), {"site-prod": "webapp"}))


def test_a_migration_in_the_services_cluster_ends_the_race_of_a_job_in_another() -> None:
    world = TwoClusters()
    world.fails()
    assert len(world.deploy.handle(MIGRATION, later(2)).brought_forward) == 1
    again = world.fails(stopped("a2", created_at=later(3), stopped_at=later(4)), at=later(4))
    assert (again.window.state, again.window.signal) == (WindowState.RECENT, Signal.MIGRATION_TASK)


def test_a_deployment_in_the_services_cluster_brings_a_job_in_another_forward() -> None:
    world = TwoClusters()
    world.fails()
    assert len(world.deploy.handle(deployed("web", cluster="services"), later(2)).brought_forward) == 1


@pytest.mark.parametrize(
    ("cluster", "concerned"),
    [("", [CLUSTER, SERVICES]), ("app-prod", [CLUSTER]), ("services", [SERVICES])],
)
def test_a_marker_concerns_the_cluster_that_it_names_or_all(cluster: str, concerned: list[str]) -> None:
    result = TwoClusters().deploy.handle(marker(Phase.STARTED, NOW, cluster=cluster), NOW)
    assert [each.cluster_arn for each in result.notes] == concerned
    assert result.done == "; ".join(f"{each.words}: started" for each in result.notes)


def test_a_marker_for_another_cluster_opens_no_window() -> None:
    world = TwoClusters()
    world.finish_deploy(later(-600))
    world.deploy.handle(marker(Phase.STARTED, later(-1), cluster="services"), NOW)
    assert world.fails().window.state is WindowState.CLOSED
