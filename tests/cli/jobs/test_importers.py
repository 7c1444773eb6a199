import json
from typing import Any

import pytest

from cronmend.errors import Permanent
from tests.cli.jobs.importing import from_ecschedule, from_schedules, from_terraform
from tests.cli.jobs.samples import parsed

ORIGIN: dict[str, Any] = {
    "name": "qa-daily-management-command",
    "group_name": "default",
    "schedule_expression": "cron(0 * * * ? *)",
    "schedule_expression_timezone": None,
    "state": "ENABLED",
    "flexible_time_window": [{"mode": "OFF", "maximum_window_in_minutes": None}],
    "target": [
        {
            "arn": "arn:aws:ecs:us-east-1:111122223333:cluster/qa-website-cluster",
            "role_arn": "arn:aws:iam::111122223333:role/qa-scheduler-for-ecs-role",
            "input": json.dumps(
                {
                    "containerOverrides": [
                        {"name": "qa-website-container", "command": ["python", "manage.py", "publish_scheduled"]}
                    ]
                }
            ),
            "ecs_parameters": [
                {
                    "task_definition_arn": "arn:aws:ecs:us-east-1:111122223333:task-definition/qa-website-tasks:41",
                    "launch_type": "FARGATE",
                    "task_count": 1,
                    "network_configuration": [
                        {"subnets": ["subnet-b", "subnet-a"], "security_groups": ["sg-1"], "assign_public_ip": False}
                    ],
                    "tags": {"team": "web"},
                }
            ],
            "retry_policy": [{"maximum_retry_attempts": 1, "maximum_event_age_in_seconds": 86400}],
            "dead_letter_config": [],
        }
    ],
}


def resource(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    return {"address": f"{kind}.this", "mode": "managed", "type": kind, "values": values}


def terraform(*resources: dict[str, Any], key: str = "planned_values") -> str:
    return json.dumps({key: {"root_module": {"child_modules": [{"resources": list(resources)}]}}})


def test_a_schedule_of_terraform_keeps_its_target() -> None:
    imported = from_terraform(terraform(resource("aws_scheduler_schedule", ORIGIN)))
    assert parsed(imported.text)["jobs"]["qa-daily-management-command"] == {
        "schedule": "cron(0 * * * ? *)",
        "command": ["python", "manage.py", "publish_scheduled"],
        "task_definition": "arn:aws:ecs:us-east-1:111122223333:task-definition/qa-website-tasks:41",
        "container": "qa-website-container",
        "cluster": "arn:aws:ecs:us-east-1:111122223333:cluster/qa-website-cluster",
        "subnets": ["subnet-a", "subnet-b"],
        "security_groups": ["sg-1"],
        "retry_attempts": 1,
        "max_event_age": "1d",
    }
    assert any("Tags of the target" in note for note in imported.notes)
    assert any("Remove the old ones" in note for note in imported.notes)


def test_a_state_and_a_rule_with_its_target() -> None:
    target = ORIGIN["target"][0]
    rule = {"name": "nightly", "schedule_expression": "rate(1 day)", "state": "DISABLED", "description": "At night"}
    values = {
        "rule": "nightly",
        "arn": "arn:aws:ecs:us-east-1:111122223333:cluster/other",
        "input": '{"containerOverrides":[{"name":"web","memory":128}],"taskRoleArn":"x"}',
        "ecs_target": [{"task_definition_arn": target["ecs_parameters"][0]["task_definition_arn"], "tags": None}],
    }
    resources = (resource("aws_cloudwatch_event_rule", rule), resource("aws_cloudwatch_event_target", values))
    imported = from_terraform(terraform(*resources, key="values"))
    job = parsed(imported.text)["jobs"]["nightly"]
    assert (job["enabled"], job["description"], job["schedule"]) == (False, "At night", "rate(1 day)")
    notes = "\n".join(imported.notes)
    assert "nightly: taskRoleArn of the override" in notes
    assert "nightly: memory of the override of web" in notes
    assert "nightly: the launch type" in notes


def test_values_that_a_plan_does_not_know_yet_are_noted() -> None:
    unknown = {**ORIGIN, "target": [{**ORIGIN["target"][0], "arn": None}]}
    imported = from_terraform(terraform(resource("aws_scheduler_schedule", unknown)))
    assert any("cluster isn't set in the source; add it" in note for note in imported.notes)


def test_a_schedule_that_starts_no_task_is_noted() -> None:
    other = {**ORIGIN, "target": [{"arn": "arn:aws:lambda:eu-west-2:1:function:f", "ecs_parameters": []}]}
    imported = from_terraform(terraform(resource("aws_scheduler_schedule", other)))
    assert imported.jobs == 0
    assert "aws_scheduler_schedule.this: its target isn't an ECS task" in imported.notes


@pytest.mark.parametrize(("text", "message"), [("{", "terraform show -json"), ("{}", "not a Terraform state or plan")])
def test_a_file_that_is_not_terraforms_is_rejected(text: str, message: str) -> None:
    with pytest.raises(Permanent, match=message):
        from_terraform(text)


ECSCHEDULE = """
region: us-east-1
cluster: api
role: ecsEventsRole
rules:
- name: hourly
  description: every hour
  scheduleExpression: cron(0 * * * ? *)
  taskDefinition: task1
  launch_type: FARGATE
  platform_version: 1.4.0
  network_configuration:
    aws_vpc_configuration:
      subnets:
      - {{ tfstate `aws_subnet.private-a.id` }}
      security_groups: [sg-1]
      assign_public_ip: ENABLED
  containerOverrides:
  - name: container1
    command: [subcmd, argument, 1]
    environment:
      PLAIN: a
      GIVEN: {{ must_env `CRONMEND_TEST_GIVEN` }}
      ELSE: {{ env "CRONMEND_TEST_ELSE" "fallback" }}
    cpu: 1024
  propagateTags: TASK_DEFINITION
- name: nightly
  scheduleExpression: cron(0 3 * * ? *)
  taskDefinition: task1
  disabled: true
  containerOverrides:
  - name: container1
    command: [other]
"""


def test_a_configuration_of_ecschedule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRONMEND_TEST_GIVEN", "from outside")
    imported = from_ecschedule(ECSCHEDULE)
    tables = parsed(imported.text)
    assert tables["defaults"]["cluster"] == "api"
    assert tables["defaults"]["task_definition"] == "task1"
    hourly = tables["jobs"]["hourly"]
    assert hourly["command"] == ["subcmd", "argument", "1"]
    assert hourly["environment"] == {"PLAIN": "a", "GIVEN": "from outside", "ELSE": "fallback"}
    assert hourly["subnets"] == ["UNKNOWN-tfstate-aws_subnet.private-a.id"]
    assert hourly["propagate_tags"] is True
    assert tables["jobs"]["nightly"]["enabled"] is False
    assert any("cpu of the override of container1" in note for note in imported.notes)


@pytest.mark.parametrize("text", ["a: [", "rules: 1", "- a"])
def test_a_file_that_is_not_ecschedules_is_rejected(text: str) -> None:
    with pytest.raises(Permanent):
        from_ecschedule(text)


def live(**parts: Any) -> dict[str, Any]:
    target = {
        "Arn": "arn:aws:ecs:eu-west-2:111122223333:cluster/app",
        "EcsParameters": {"TaskDefinitionArn": "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp"},
        "Input": '{"cpu":".5 vCPU","memory":"1 GB","containerOverrides":[{"name":"web"},{"name":"other"}]}',
    }
    arn = "arn:aws:scheduler:eu-west-2:111122223333:schedule/default/job"
    return {"Name": "job", "Arn": arn, "ScheduleExpression": "rate(1 hour)", "Target": target, **parts}


def test_a_live_schedules_arns_become_names_and_awss_defaults_are_written_out() -> None:
    imported = from_schedules([live()], "default")
    assert parsed(imported.text) == {
        "group": "default",
        "jobs": {
            "job": {
                "schedule": "rate(1 hour)",
                "task_definition": "webapp",
                "container": "web",
                "cluster": "app",
                "cpu": 512,
                "memory": 1024,
                "retry_attempts": 185,
                "max_event_age": "1d",
            }
        },
    }
    assert any("the override of container other" in note for note in imported.notes)


@pytest.mark.parametrize("text", ["not json", "[]", "3"])
def test_an_input_that_is_no_override_is_noted(text: str) -> None:
    schedule = live()
    schedule["Target"]["Input"] = text
    assert any("isn't a TaskOverride" in note for note in from_schedules([schedule], "default").notes)


def test_two_schedules_of_one_name_are_noted() -> None:
    notes = from_schedules([live(), live()]).notes
    assert "job: a second schedule with this name isn't converted" in notes


def test_a_universal_target_becomes_one_of_ecs() -> None:
    request = {
        "Cluster": "app",
        "TaskDefinition": "webapp:3",
        "LaunchType": "FARGATE",
        "StartedBy": "nightly",
        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"], "AssignPublicIp": "ENABLED"}},
        "Overrides": {
            "ContainerOverrides": [
                {"Name": "web", "Command": ["true"], "Environment": [{"Name": "A", "Value": "1"}]},
            ]
        },
    }
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask", "Input": json.dumps(request)}
    imported = from_schedules([live(Target=target)], "default")
    job = parsed(imported.text)["jobs"]["job"]
    assert {key: job[key] for key in ("cluster", "task_definition", "command", "environment", "subnets")} == {
        "cluster": "app",
        "task_definition": "webapp:3",
        "command": ["true"],
        "environment": {"A": "1"},
        "subnets": ["subnet-1"],
    }
    assert job["assign_public_ip"] is True
    assert any("StartedBy of the target" in note for note in imported.notes)


@pytest.mark.parametrize("text", ["", "[]", "no json"])
def test_an_unreadable_universal_target_is_noted(text: str) -> None:
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask", "Input": text}
    why = "job: the input of its universal target isn't a RunTask request"
    assert from_schedules([live(Target=target)], "default").notes[1:] == [why]
