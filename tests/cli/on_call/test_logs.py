"""`cronmend logs`, against ECS and CloudWatch Logs as AWS answers them."""

from collections.abc import Mapping
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.on_call import logs
from cli.on_call.reader import Reader
from cli.on_call.stack import Stack
from cronmend.jobs.identity import JOB_VARIABLE
from tests.fakes import NOW, later
from tests.samples import CLUSTER

RUN = CliRunner()
JOB = "g/publish-scheduled-pages"


def task(name: str, minutes: int, job: str = JOB) -> Mapping[str, Any]:
    environment = [{"name": JOB_VARIABLE, "value": job}] if job else []
    override = {"containerOverrides": [{"name": "web", "environment": environment}]}
    definition = "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:2"
    where = {"taskArn": f"arn:{name}", "clusterArn": CLUSTER, "taskDefinitionArn": definition}
    return {**where, "createdAt": later(minutes=minutes), "overrides": override}


class Ecs:
    """Tasks by the status that ECS is asked for."""

    def __init__(self, running: list[Mapping[str, Any]], stopped: list[Mapping[str, Any]]) -> None:
        self.tasks = {"RUNNING": running, "STOPPED": stopped}
        self.asked: list[Mapping[str, str]] = []

    def get_paginator(self, name: str) -> "Ecs":
        assert name == "list_tasks"
        return self

    def paginate(self, **listing: str) -> list[dict[str, list[str]]]:
        self.asked.append(listing)
        return [{"taskArns": [each["taskArn"] for each in self.tasks[listing["desiredStatus"]]]}]

    def describe_tasks(self, cluster: str, tasks: list[str]) -> Mapping[str, Any]:
        assert cluster
        return {"tasks": [each for found in self.tasks.values() for each in found if each["taskArn"] in tasks]}


class CannedStack(Stack):
    """The real one asks CloudFormation for its clusters."""

    cluster_arns = ("arn:cluster/app",)
    ecs: Ecs

    def client(self, service: str) -> Any:
        assert service == "ecs"
        return self.ecs


def stack(running: list[Mapping[str, Any]], stopped: list[Mapping[str, Any]]) -> CannedStack:
    made = CannedStack("cronmend", None, None)
    object.__setattr__(made, "ecs", Ecs(running, stopped))
    return made


def test_the_task_that_was_created_last_is_taken() -> None:
    found = logs.latest(stack([task("new", 5)], [task("old", 1), task("older", 0)]), JOB)
    assert found
    assert found["taskArn"] == "arn:new"


def test_a_job_whose_name_starts_alike_is_told_apart() -> None:
    found = logs.latest(stack([task("other", 9, "g/publish-scheduled-posts")], [task("own", 1)]), JOB)
    assert found
    assert found["taskArn"] == "arn:own"


def test_a_run_that_names_no_job_counts_by_its_schedules_name() -> None:
    assert logs.latest(stack([], [task("own", 1, "")]), JOB)
    assert logs.latest(stack([], []), JOB) is None


@pytest.mark.parametrize(
    ("job", "started_by"),
    [(JOB, "chronos-schedule/publish-scheduled-p"), ("events-rule/nightly/web", "events-rule/nightly")],
)
def test_tasks_are_listed_as_what_started_them_names_them(job: str, started_by: str) -> None:
    made = stack([], [])
    logs.latest(made, job)
    assert [each["startedBy"] for each in made.ecs.asked] == [started_by] * 2


def test_nothing_to_follow_is_an_error_that_says_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reader, "job", lambda *_: JOB)
    monkeypatch.setattr(logs, "latest", lambda *_: {"lastStatus": "STOPPED", "createdAt": NOW})
    answer = RUN.invoke(app, ["logs", "publish-scheduled-pages", "--follow"])
    assert (answer.exit_code, answer.output) == (
        1,
        f"{JOB} is not running. Without --follow, its latest log is printed.\n",
    )
