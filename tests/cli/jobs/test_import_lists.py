"""Where AWS wants a list, a text is one word, never its letters."""

import json
from typing import Any

import pytest

from cli.jobs.importers.imported import Imported
from tests.cli.jobs.importing import from_ecschedule, from_schedules, from_terraform
from tests.cli.jobs.samples import parsed
from tests.cli.jobs.terraform import rule, state, target

SUBNET, GROUP = "subnet-0d0eab1bb38d5ca64", "sg-0123456789abcdef0"
NETWORK = {"Subnets": SUBNET, "SecurityGroups": GROUP}
TASK = "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp"


def scheduled(override: Any, **ecs: Any) -> dict[str, Any]:
    parameters = {"TaskDefinitionArn": TASK, "LaunchType": "FARGATE", **ecs}
    target = {"Arn": "app", "EcsParameters": parameters, "Input": json.dumps(override)}
    return {"Name": "job", "ScheduleExpression": "rate(1 hour)", "Target": target}


def of_scheduler() -> Imported:
    container = {"name": "web", "command": "./run.sh"}
    return from_schedules(
        [scheduled({"containerOverrides": [container]}, NetworkConfiguration={"awsvpcConfiguration": NETWORK})],
        "default",
    )


def of_universal() -> Imported:
    request = {
        "Cluster": "app",
        "TaskDefinition": "webapp",
        "NetworkConfiguration": {"AwsvpcConfiguration": NETWORK},
        "Overrides": {"ContainerOverrides": [{"Name": "web", "Command": "./run.sh"}]},
    }
    universal = {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask", "Input": json.dumps(request)}
    return from_schedules([{"Name": "job", "ScheduleExpression": "rate(1 hour)", "Target": universal}], "default")


def of_terraform() -> Imported:
    network = [{"subnets": SUBNET, "security_groups": GROUP}]
    ecs = [{"task_definition_arn": TASK, "network_configuration": network}]
    address = "aws_cloudwatch_event_target.t"
    return from_terraform(
        state(
            rule("aws_cloudwatch_event_rule.r", "rate(1 hour)", name="job"),
            target(address, "./run.sh", rule="job", ecs_target=ecs),
        )
    )


def of_ecschedule() -> Imported:
    vpc = {"subnets": SUBNET, "security_groups": GROUP}
    one = {
        "name": "job",
        "network_configuration": {"aws_vpc_configuration": vpc},
        "containerOverrides": [{"name": "web", "command": "./run.sh"}],
    }
    return from_ecschedule(json.dumps({"rules": [one]}))


@pytest.mark.parametrize("source", [of_scheduler, of_universal, of_terraform, of_ecschedule])
def test_a_text_is_one_word_of_a_list_and_noted(source: Any) -> None:
    imported = source()
    job = parsed(imported.text)["jobs"]["job"]
    assert job["command"] == ["./run.sh"]
    assert (job["subnets"], job["security_groups"]) == ([SUBNET], [GROUP])
    notes = "\n".join(imported.notes)
    for what in ("command of the override of web", "Subnets", "SecurityGroups"):
        assert f"{what} is a text where AWS wants a list; it is imported as one word" in notes


@pytest.mark.parametrize(
    ("override", "what"),
    [
        ({"containerOverrides": "web"}, "containerOverrides"),
        ({"containerOverrides": {"name": "web"}}, "containerOverrides"),
        ({"containerOverrides": [{"name": "web", "command": {"a": 1}}]}, "command of the override of web"),
        ({"containerOverrides": [{"name": "web", "command": ["a", ["b"]]}]}, "command of the override of web"),
        ({"containerOverrides": [{"name": "web", "environment": {"A": "1"}}]}, "environment of the override of web"),
    ],
)
def test_anything_else_in_the_place_of_a_list_is_noted(override: Any, what: str) -> None:
    notes = "\n".join(from_schedules([scheduled(override)], "default").notes)
    assert f"job: {what} isn't a list of" in notes


def test_providers_that_are_no_list_are_noted() -> None:
    found = from_schedules([scheduled({}, CapacityProviderStrategy="FARGATE")], "default")
    assert "job: CapacityProviderStrategy isn't a list of tables" in "\n".join(found.notes)


def test_both_sizes_of_ecschedules_tasks_are_carried() -> None:
    one = {"name": "job", "taskOverride": {"cpu": "4096", "memory": "16384"}, "trackingId": "x"}
    imported = from_ecschedule(json.dumps({"rules": [one]}))
    job = parsed(imported.text)["jobs"]["job"]
    assert (job["cpu"], job["memory"]) == (4096, 16384)
    assert "job: trackingId of the rule isn't converted" in imported.notes
