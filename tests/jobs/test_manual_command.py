"""The command for a person to re-run a job without a known schedule."""

import json
import shlex
from copy import replace
from typing import Any

import pytest

from cronmend.incoming.task_events import stopped_task
from cronmend.jobs.identity import identify
from cronmend.jobs.manual_command import command
from cronmend.model import Category, ContainerOverride, Identity, Missing, StoppedTask
from tests.samples import COMMAND, event, schedule, stopped

NOBODY = Identity("unattributed/publish-scheduled", False, "no schedule", Missing("no schedule"))
GUARD = ContainerOverride("aws-guardduty-agent-nm40lC")


def words(task: StoppedTask) -> dict[str, str]:
    """Each option of the command with its value, as a shell would read it."""
    aws, ecs, run_task, *options = shlex.split(command(task, NOBODY, Category.APPLICATION_ERROR))
    assert (aws, ecs, run_task) == ("aws", "ecs", "run-task")
    return dict(zip(options[::2], options[1::2], strict=True))


def overrides(task: StoppedTask) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(words(task)["--overrides"])["containerOverrides"]
    return found


def test_it_runs_the_same_revision_where_the_run_was() -> None:
    task = stopped(launch_type="FARGATE", overrides=(ContainerOverride("web", COMMAND), GUARD))
    assert words(task) == {
        "--region": "eu-west-2",
        "--cluster": "app-prod",
        "--task-definition": "webapp:2",
        "--launch-type": "FARGATE",
        "--network-configuration": (
            "awsvpcConfiguration={subnets=[<SUBNETS>],securityGroups=[<SECURITY_GROUPS>],assignPublicIp=DISABLED}"
        ),
        "--overrides": json.dumps({"containerOverrides": [{"name": "web", "command": list(COMMAND)}]}),
        "--started-by": "chronos-schedule/publish-scheduled",
    }


def test_capacity_is_what_the_run_was_given() -> None:
    on_spot = words(stopped(launch_type="FARGATE", capacity_provider="FARGATE_SPOT"))
    assert on_spot["--capacity-provider-strategy"] == "capacityProvider=FARGATE_SPOT,weight=1"
    assert "--launch-type" not in on_spot
    assert "--network-configuration" not in words(stopped(launch_type="EC2"))


def test_no_secret_is_in_it() -> None:
    line = ("sync", "--password", "hunter2", "--token=abc12345", "--name", "x")
    secrets = {"DB_PASSWORD": "hunter2", "DATABASE_URL": "postgres://u:hunter2@db/x", "PAGES": "5"}
    task = stopped(overrides=(ContainerOverride("web", line, secrets),))
    assert "hunter2" not in words(task)["--overrides"]
    (entry,) = overrides(task)
    assert entry["command"] == ["sync", "--password", "[hidden]", "--token=[hidden]", "--name", "x"]
    assert {p["name"]: p["value"] for p in entry["environment"]} == {
        "DB_PASSWORD": "<DB_PASSWORD>",
        "DATABASE_URL": "<DATABASE_URL>",
        "PAGES": "5",
    }


def test_variables_that_cronmend_set_are_left_out() -> None:
    marks = {"CRONMEND_JOB": "g/n", "CRONMEND_INCIDENT": "i", "CRONMEND_ATTEMPT": "2"}
    task = stopped(overrides=(ContainerOverride("web", COMMAND, marks),), started_by="cronmend/abc")
    assert overrides(task)[0]["environment"] == [{"name": "CRONMEND_JOB", "value": "g/n"}]
    assert "--started-by" not in words(task)


def test_shell_syntax_in_the_values_is_quoted() -> None:
    task = stopped(overrides=(ContainerOverride("web", ("sh", "-c", "echo '$(id)' && rm -rf \"$X\"")),))
    assert overrides(task)[0]["command"][2] == "echo '$(id)' && rm -rf \"$X\""


def test_a_real_event_has_the_capacity() -> None:
    task = stopped_task(event("task_stopped/resource_initialization_error.json"))
    assert words(task)["--launch-type"] == "FARGATE"


@pytest.mark.parametrize("category", [Category.SUCCESS, Category.CANCELLED])
def test_no_command_after(category: Category) -> None:
    assert command(stopped(), NOBODY, category) == ""


def test_a_job_that_has_its_schedule_needs_no_command() -> None:
    assert command(stopped(), identify(stopped(), [schedule()]), Category.APPLICATION_ERROR) == ""


def test_if_two_schedules_match_neither_is_chosen() -> None:
    undeclared = stopped(overrides=(ContainerOverride("web", COMMAND),))
    who = identify(undeclared, [schedule(), replace(schedule(), job="default/publish-scheduled")])
    assert not who.certain
    assert command(undeclared, who, Category.APPLICATION_ERROR).startswith("aws ecs run-task ")
