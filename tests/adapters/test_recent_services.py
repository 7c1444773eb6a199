"""What the services run is read once for all runs that stopped before, but never from before a run's end."""

from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from cronmend.adapters.ecs_services import EcsServices
from cronmend.adapters.recent_services import AGE, RecentServices
from cronmend.deploys import Image, Release, Service
from cronmend.model import Missing
from tests.fakes import NOW
from tests.samples import CLUSTER, service

MOMENT = timedelta(milliseconds=1)
IMAGES = (Image("web", "site:2", "sha256:2"),)
RUNNING = replace(service(2), release=Release("SUCCESSFUL", NOW, None, "arn:revision"))


@dataclass
class Counted:
    """ECS, with the reads that it has answered; ``now`` is the time of the clock."""

    now: datetime = NOW
    answer: tuple[Service, ...] | Missing = (RUNNING,)
    reads: list[str] = field(default_factory=list)

    def running(self, cluster_arn: str, family: str, image: str = "", since: datetime | None = None) -> Any:
        self.reads.append(family)
        return self.answer

    def images(self, service: Service) -> tuple[Image, ...]:
        self.reads.append(service.serving_revision)
        return IMAGES


@pytest.fixture
def ecs() -> Counted:
    return Counted()


def recent(ecs: Counted) -> RecentServices:
    return RecentServices(cast(EcsServices, ecs), lambda: ecs.now)


def test_runs_that_had_stopped_by_then_need_no_further_read(ecs: Counted) -> None:
    services = recent(ecs)
    services.running(CLUSTER, "webapp", "", NOW)
    ecs.now += AGE
    assert services.running(CLUSTER, "webapp", "", NOW - timedelta(hours=1)) == (RUNNING,)
    assert ecs.reads == ["webapp"]


@pytest.mark.parametrize(
    ("stopped", "after"),
    [(NOW + MOMENT, MOMENT), (NOW, AGE + MOMENT), (None, timedelta())],
    ids=["a run that stopped later", "an old answer", "a run that would start now"],
)
def test_otherwise_they_are_read_again(ecs: Counted, stopped: datetime | None, after: timedelta) -> None:
    services = recent(ecs)
    services.running(CLUSTER, "webapp", "", NOW)
    ecs.now += after
    services.running(CLUSTER, "webapp", "", stopped)
    assert ecs.reads == ["webapp", "webapp"]


def test_another_family_is_read_on_its_own_and_a_failure_is_no_answer(ecs: Counted) -> None:
    services = recent(ecs)
    services.running(CLUSTER, "webapp", "", NOW)
    ecs.answer = Missing("AccessDenied")
    assert services.running(CLUSTER, "api", "", NOW) == services.running(CLUSTER, "api", "", NOW) == ecs.answer
    assert ecs.reads == ["webapp", "api", "api"]


def test_a_denied_part_is_asked_for_again(ecs: Counted) -> None:
    """Each denial is logged and counted where it is met."""
    ecs.answer = (replace(RUNNING, release=Missing("AccessDenied")),)
    services = recent(ecs)
    assert services.running(CLUSTER, "webapp", "", NOW) == services.running(CLUSTER, "webapp", "", NOW) == ecs.answer
    assert len(ecs.reads) == 2


def test_the_images_of_a_revision_never_change(ecs: Counted) -> None:
    services = recent(ecs)
    assert services.images(RUNNING) == services.images(RUNNING) == IMAGES
    services.images(replace(RUNNING, release=None))
    assert ecs.reads == ["arn:revision", ""]
