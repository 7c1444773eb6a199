import json
from collections.abc import Iterator
from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from cli.jobs.answers import Home
from cli.jobs.differences import api_schedule
from cli.jobs.job import jobs_of
from cli.jobs.run import container_of, job_container, request
from cli.task_runner import Runner
from cronmend.errors import NotFound, Permanent
from cronmend.model import ContainerOverride
from cronmend.model.incident import IncidentState
from tests.cli.jobs.samples import parsed, with_job
from tests.fakes import later
from tests.samples import JOB, stopped
from tests.use_cases.world import World

NOW = datetime(2026, 5, 6, 11, tzinfo=UTC)
SCHEDULE = api_schedule(jobs_of(parsed(with_job()))[0], Home("111122223333", "eu-west-2"), "role", "queue")
TASK = "arn:aws:ecs:eu-west-2:111122223333:task/app-prod/abc"


def test_the_request_is_the_schedules_target_with_its_slot() -> None:
    wanted = request(SCHEDULE, NOW, "web")
    assert wanted["cluster"].endswith("cluster/app-prod")
    assert wanted["launchType"] == "FARGATE"
    assert wanted["networkConfiguration"]["awsvpcConfiguration"]["subnets"] == ["subnet-0d0eab1bb38d5ca64"]
    (container,) = wanted["overrides"]["containerOverrides"]
    assert container["command"] == ["python", "manage.py", "publish_scheduled"]
    variables = {pair["name"]: pair["value"] for pair in container["environment"]}
    assert variables == {"CRONMEND_JOB": "cronmend-jobs/publish-scheduled", "CRONMEND_SLOT": "2026-05-06T11:00:00Z"}
    assert wanted["startedBy"] == f"cronmend/run-{wanted['clientToken']}"


def test_a_schedule_that_cronmend_did_not_build_is_marked_too() -> None:
    theirs = {**SCHEDULE, "GroupName": "default", "Name": "theirs"}
    theirs["Target"] = {**SCHEDULE["Target"], "Input": json.dumps({"containerOverrides": [{"name": "app"}]})}
    (container,) = request(theirs, NOW, job_container(theirs))["overrides"]["containerOverrides"]
    assert {"name": "CRONMEND_JOB", "value": "default/theirs"} in container["environment"]
    assert job_container(theirs) == "app"


def test_a_target_that_is_no_task_is_rejected() -> None:
    with pytest.raises(Permanent, match="not an ECS task"):
        request({**SCHEDULE, "Target": {"Arn": "arn:aws:lambda:…"}}, NOW, "")


@dataclass
class FakeAws:
    """A task that is pending, runs and stops, one step for each read. Its log exists from the second read on."""

    exit_code: int | None = 3
    failures: list[dict[str, str]] = field(default_factory=list)
    driver: str = "awslogs"
    steps: Iterator[str] = field(default_factory=lambda: iter(("PENDING", "PENDING", "RUNNING", "STOPPED")))
    pages: int = 0
    meta: Any = field(default_factory=lambda: boto3.client("ecs", region_name="eu-west-2").meta)
    """With botocore's model of RunTask."""

    def client(self, service: str, region_name: str | None = None) -> Any:
        return self

    def run_task(self, **request: Any) -> dict[str, Any]:
        return {"tasks": [] if self.failures else [{"taskArn": TASK}], "failures": self.failures}

    def describe_tasks(self, cluster: str, tasks: list[str]) -> dict[str, Any]:
        container = {"name": "web"} | (
            {"reason": "no image"} if self.exit_code is None else {"exitCode": self.exit_code}
        )
        task = {"lastStatus": next(self.steps), "taskDefinitionArn": "webapp:12", "containers": [container]}
        return {"tasks": [task]}

    def describe_task_definition(self, taskDefinition: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        options = {"awslogs-group": "/ecs/webapp", "awslogs-stream-prefix": "web"}
        log = {"logDriver": self.driver, "options": options}
        return {"taskDefinition": {"containerDefinitions": [{"name": "web", "logConfiguration": log}]}}

    def get_log_events(self, **request: Any) -> dict[str, Any]:
        assert request["logStreamName"] == "web/web/abc"
        self.pages += 1
        if self.pages == 1:
            raise NotFound("no stream yet")
        number = int(request.get("nextToken", "0"))
        events = [{"message": f"line {number}"}] if number < 2 else []
        return {"events": events, "nextForwardToken": str(min(number + 1, 2))}


def followed(aws: FakeAws) -> tuple[int, list[str]]:
    lines: list[str] = []
    runner = Runner(aws, sleep=lambda _: None)  # type: ignore[arg-type]  # the fake has the calls that are made
    return runner.follow("app-prod", runner.start({}), "web", lines.append), lines


def test_following_prints_the_log_once_and_returns_the_jobs_code() -> None:
    code, lines = followed(FakeAws())
    assert code == 3
    assert lines == ["-- PENDING", "-- RUNNING", "line 0", "line 1", "-- STOPPED"]


@dataclass
class GrowingPage(FakeAws):
    """Its log's last page keeps its token and is returned again, longer each time."""

    def get_log_events(self, **request: Any) -> dict[str, Any]:
        self.pages += 1
        first = 1 if "nextToken" in request else 0
        events = [{"message": f"line {number}"} for number in range(first, min(self.pages, 4))]
        return {"events": events, "nextForwardToken": "f/1"}


def test_a_repeated_page_is_not_printed_again() -> None:
    _, lines = followed(GrowingPage())
    assert [line for line in lines if line.startswith("line")] == ["line 0", "line 1", "line 2", "line 3"]


def test_a_container_that_never_ran_is_a_failure_with_its_reason() -> None:
    code, lines = followed(FakeAws(exit_code=None, driver="splunk"))
    assert code == 1
    assert lines[-1] == "-- web never ran: no image"


def test_a_lack_of_capacity_is_an_error_although_the_call_succeeded() -> None:
    with pytest.raises(Permanent, match="started no task: RESOURCE:MEMORY"):
        followed(FakeAws(failures=[{"reason": "RESOURCE:MEMORY"}]))


@pytest.mark.parametrize(("containers", "marked"), [(("web",), "web"), (("web", "proxy"), "")])
def test_a_run_is_marked_in_its_only_container_if_the_schedule_names_none(
    containers: tuple[str, ...], marked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its mark, Cronmend can't tell which job the run is of, and its success would close no incident."""
    definition = {"taskDefinition": {"containerDefinitions": [{"name": name} for name in containers]}}
    monkeypatch.setattr(FakeAws, "describe_task_definition", lambda *_, **__: definition)
    plain = {**SCHEDULE, "Target": {**SCHEDULE["Target"], "Input": "{}"}}
    container = container_of(plain, Runner(FakeAws()))  # type: ignore[arg-type] # as above
    assert container == marked
    overrides = request(plain, NOW, container).get("overrides", {}).get("containerOverrides", [])
    assert [each["name"] for each in overrides] == ([marked] if marked else [])


def test_the_success_of_a_run_closes_its_jobs_incident() -> None:
    world = World()
    world.fails()
    theirs = {**SCHEDULE, "GroupName": JOB.partition("/")[0], "Name": JOB.partition("/")[2]}
    wanted = request(theirs, NOW, "web")
    (override,) = wanted["overrides"]["containerOverrides"]
    environment = {each["name"]: each["value"] for each in override["environment"]}
    run = stopped("c1", exit_code=0, started_by=wanted["startedBy"], created_at=later(3), stopped_at=later(4))
    mine = ContainerOverride("web", tuple(override["command"]), environment)
    world.stopped.handle(replace(run, overrides=(mine,)), later(4))
    assert world.incident.state is IncidentState.RECOVERED
