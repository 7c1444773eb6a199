"""Each common way to define a job and its service, as docs/deploys.md lists them, through a deploy without a hook."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import pytest

from cronmend.adapters.ecs_services import EcsServices
from cronmend.deploys import Bounds
from cronmend.model import Category, Container, LogPlace, TaskDefinitionRef
from cronmend.model.incident import RunRecord
from cronmend.model.runs import TaskDefinition
from cronmend.use_cases.deploy_facts import Deploys
from tests import ROOT
from tests.fakes import FakeDefinitions, later
from tests.samples import CLUSTER, JOB, schedule, stopped
from tests.use_cases.world import World

REGISTRY = "111122223333.dkr.ecr.eu-west-2.amazonaws.com"
ARN = "arn:aws:ecs:eu-west-2:111122223333"
OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64
SUCCEEDED, RELEASED, DEPLOYED = later(-60), later(-10), later(-2)


@dataclass(frozen=True)
class Way:
    """How release 1 and release 2 of the job and of the service are defined."""

    job: tuple[str, str]
    """The task definitions of the job."""
    images: tuple[str, str]
    """Theirs."""
    service: tuple[str, str] = ("webapp:1", "webapp:2")
    served: tuple[str, str] = (f"{REGISTRY}/site:1", f"{REGISTRY}/site:2")
    run: tuple[str, str] = (OLD, NEW)
    """The digests of the job's runs."""


SITE, LATEST = (f"{REGISTRY}/site:1", f"{REGISTRY}/site:2"), (f"{REGISTRY}/site:latest",) * 2
WAYS: Mapping[str, Way] = {
    "same family": Way(("webapp:1", "webapp:2"), SITE),
    "own family, same tag": Way(("cron:7", "cron:8"), SITE),
    "own family, `latest`": Way(("cron:7", "cron:7"), LATEST, ("webapp:1", "webapp:1"), LATEST),
    "own image": Way(("cron:7", "cron:8"), (f"{REGISTRY}/reports:1", f"{REGISTRY}/reports:2")),
}


@dataclass
class Ecs:
    """The service as ECS shows it: ``release`` 1 or 2 runs, since ``at``."""

    way: Way
    release: int
    at: datetime
    asked: list[str] = field(default_factory=list)

    def get_paginator(self, operation: str) -> "Ecs":
        return self

    def paginate(self, **call: Any) -> Iterable[Any]:
        return [{"serviceArns": [f"{ARN}:service/app-prod/web"]}]

    def describe_services(self, **call: Any) -> Any:
        definition = f"{ARN}:task-definition/{self.way.service[self.release - 1]}"
        times = {"createdAt": self.at, "updatedAt": self.at}
        deployment = {"status": "PRIMARY", "taskDefinition": definition, "rolloutState": "COMPLETED", **times}
        current = [{"arn": self._revision, "runningTaskCount": 2}]
        shown = {"status": "ACTIVE", "deployments": [deployment], "currentServiceRevisions": current}
        return {"services": [{"serviceName": "web", **shown}]}

    def list_service_deployments(self, **call: Any) -> Any:
        times = {"createdAt": self.at, "finishedAt": self.at}
        return {"serviceDeployments": [{"status": "SUCCESSFUL", "targetServiceRevisionArn": self._revision, **times}]}

    def describe_service_revisions(self, **call: Any) -> Any:
        image, digest = self.way.served[self.release - 1], (OLD, NEW)[self.release - 1]
        images = [{"containerName": "web", "image": image, "imageDigest": digest}]
        return {"serviceRevisions": [{"serviceRevisionArn": self._revision, "containerImages": images}]}

    @property
    def _revision(self) -> str:
        return f"{ARN}:service-revision/app-prod/web/{self.release}"


@dataclass
class Site(World):
    """The job has succeeded on release 1, and then release 2 is deployed."""

    way: Way = field(kw_only=True)

    @property
    def definitions(self) -> FakeDefinitions:
        logs = {"web": LogPlace("/ecs/app-prod", "web", "eu-west-2")}
        both = (*zip(self.way.job, self.way.images, strict=True), *zip(self.way.service, self.way.served, strict=True))
        new = {self.way.job[1], self.way.service[1]} - {self.way.job[0], self.way.service[0]}
        registered = {name: RELEASED if name in new else later(-9000) for name, _ in both}
        return FakeDefinitions(
            {
                name: TaskDefinition(TaskDefinitionRef.parse(name), registered[name], logs, images={"web": image})
                for name, image in both
            }
        )

    def serves(self, release: int, at: datetime) -> None:
        self.ecs = Ecs(self.way, release, at)

    @property
    def deploys(self) -> Deploys:
        return Deploys(self.definitions, EcsServices(cast(Any, self.ecs), (CLUSTER,)), self.notes, Bounds())

    def runs(self, release: int, exit_code: int, ended: datetime, task_id: str) -> RunRecord:
        name, image, digest = (each[release - 1] for each in (self.way.job, self.way.images, self.way.run))
        task = stopped(
            task_id,
            exit_code=exit_code,
            task_definition=TaskDefinitionRef.parse(name),
            task_definition_arn=f"{ARN}:task-definition/{name}",
            containers=(Container("web", exit_code, image=image, image_digest=digest),),
            created_at=ended,
            started_at=ended,
            stopped_at=ended,
        )
        target = {**schedule().parameters, "TaskDefinitionArn": f"{ARN}:task-definition/{name}"}
        self.schedules.schedules[JOB] = schedule(parameters=target)
        return self.fails(task, at=ended)


def site(name: str) -> Site:
    made = Site(way=WAYS[name])
    made.serves(1, later(-9000))
    made.runs(1, 0, SUCCEEDED, "first")
    return made


SEEN_BEFORE = {
    "same family": ("open", "revision_differs"),
    "own family, same tag": ("open", "revision_differs"),
    "own family, `latest`": ("open", "revision_differs"),
    "own image": ("unknown", "none"),
}
"""The new job's code fails while the service still runs release 1, after the hint of a first run has passed."""


@pytest.mark.parametrize("way", WAYS)
def test_new_code_in_the_job_before_the_service_is_deployed(way: str) -> None:
    record = site(way).runs(2, 1, later(1), "early")
    assert (record.window.state.value, record.window.signal.value) == SEEN_BEFORE[way]


@pytest.mark.parametrize("way", WAYS)
def test_new_code_in_the_job_right_after_the_service_was_deployed(way: str) -> None:
    there = site(way)
    there.serves(2, DEPLOYED)
    record = there.runs(2, 1, later(1), "late")
    expected = ("unknown", "none") if way == "own image" else ("recent", "service_deployment")
    assert (record.window.state.value, record.window.signal.value) == expected


@pytest.mark.parametrize("way", WAYS)
def test_new_code_in_the_job_long_after_the_deploy_is_a_bug(way: str) -> None:
    there = site(way)
    there.serves(2, DEPLOYED)
    record = there.runs(2, 1, later(60), "bug")
    assert record.window.state.value == ("unknown" if way == "own image" else "closed")
    assert record.category is Category.SCHEMA_MISMATCH


@pytest.mark.parametrize("way", WAYS)
def test_old_code_in_the_job_long_after_the_deploy(way: str) -> None:
    there = site(way)
    there.serves(2, DEPLOYED)
    record = there.runs(1, 1, later(60), "old")
    expected = {"own image": "unknown", "own family, `latest`": "recent"}.get(way, "older_code")
    assert record.window.state.value == expected


def test_an_image_of_its_own_shows_its_first_run() -> None:
    record = site("own image").runs(2, 1, later(-1), "first-run")
    assert (record.window.state.value, record.window.signal.value) == ("open", "first_run_on_image")


def test_the_guide_lists_these_ways() -> None:
    guide = (ROOT / "docs/deploys.md").read_text(encoding="utf-8")
    table = guide.partition("## Without a hook")[2].partition("\n#")[0]
    rows = [row for row in re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE) if row != "---"]
    assert rows == ["job and service", *WAYS]
