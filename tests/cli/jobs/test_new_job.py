"""A job from a service or a task definition: what is carried, what is named, and what [defaults] change in it."""

from copy import replace
from typing import Any

import pytest

from cli.jobs.importers.convert import Converted
from cli.jobs.job import effective
from cli.jobs.new_job import Wanted, job_of
from cronmend.errors import Permanent

WANTED = Wanted("nightly", "cron(0 3 * * ? *)", "python manage.py clean --all")
NETWORK = {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}
SERVICE = {
    "clusterArn": "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod",
    "taskDefinition": "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:57",
    "launchType": "FARGATE",
    "platformVersion": "LATEST",
    "networkConfiguration": {"awsvpcConfiguration": NETWORK},
    "propagateTags": "NONE",
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "deployments": [{"status": "PRIMARY"}],
}
DEFINITION = {
    "family": "webapp",
    "revision": 57,
    "taskRoleArn": "arn:aws:iam::111122223333:role/app/webapp-task",
    "executionRoleArn": "arn:aws:iam::111122223333:role/webapp-execution",
    "containerDefinitions": [{"name": "web", "essential": True}, {"name": "agent", "essential": False}],
}
TABLE = {
    "schedule": "cron(0 3 * * ? *)",
    "command": ["python", "manage.py", "clean", "--all"],
    "task_definition": "webapp",
    "container": "web",
    "cluster": "app-prod",
    "subnets": ["subnet-1", "subnet-2"],
    "security_groups": ["sg-1"],
    "roles": ["app/webapp-task", "webapp-execution"],
}


def job(wanted: Wanted = WANTED, defaults: dict[str, Any] | None = None, **service: Any) -> Converted:
    return job_of(wanted, DEFINITION, {**SERVICE, **service}, defaults or {})


def test_what_the_service_has_is_carried_and_what_is_a_default_is_not_written() -> None:
    assert (job().name, job().table, job().notes) == ("nightly", TABLE, [])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"platformVersion": "1.4.0"}, {"platform_version": "1.4.0"}),
        ({"propagateTags": "TASK_DEFINITION"}, {"propagate_tags": True}),
        ({"enableECSManagedTags": True, "enableExecuteCommand": True}, {"managed_tags": True, "execute_command": True}),
        ({"launchType": "EC2"}, {"launch_type": "EC2"}),
        (
            {"launchType": None, "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]},
            {"capacity_providers": [{"provider": "FARGATE_SPOT", "weight": 1}]},
        ),
        ({"networkConfiguration": {"awsvpcConfiguration": NETWORK | {"assignPublicIp": "ENABLED"}}},
         {"assign_public_ip": True}),
    ],
)  # fmt: skip
def test_each_part_of_the_service_has_its_key(changed: dict[str, Any], expected: dict[str, Any]) -> None:
    assert job(**changed).table == TABLE | expected


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"propagateTags": "SERVICE"}, "PropagateTags SERVICE of the target isn't converted; Scheduler refuses it"),
        ({"placementConstraints": [{"type": "distinctInstance"}]}, "placementConstraints of the service isn't taken"),
        (
            {"deployments": [{"status": "PRIMARY", "volumeConfigurations": [{"name": "data"}]}]},
            "volumeConfigurations of the service isn't taken: a schedule can't attach a volume",
        ),
        (
            {"deployments": [{"status": "PRIMARY", "serviceConnectConfiguration": {"enabled": True}}]},
            "serviceConnectConfiguration of the service isn't taken",
        ),
        ({"launchType": None}, "the launch type isn't set"),
    ],
)
def test_what_a_job_does_not_get_is_named(changed: dict[str, Any], note: str) -> None:
    assert [each[: len(note)] for each in job(**changed).notes] == [note]


def test_under_codedeploy_the_primary_task_set_counts() -> None:
    sets = [
        {"status": "ACTIVE", "launchType": "EC2"},
        {"status": "PRIMARY", "launchType": "FARGATE", "networkConfiguration": SERVICE["networkConfiguration"]},
    ]
    assert job(launchType=None, networkConfiguration=None, taskSets=sets).table == TABLE


def test_a_command_may_need_a_shell_set_variables_or_be_the_containers_own() -> None:
    assert job(replace(WANTED, command="LEVEL=1 run")).table == TABLE | {
        "command": ["run"],
        "environment": {"LEVEL": "1"},
    }
    assert job(replace(WANTED, command="a && b")).table["command"] == ["sh", "-c", "a && b"]
    assert "command" not in job(replace(WANTED, command="")).table


def test_options_count_more_than_the_service() -> None:
    wanted = replace(WANTED, place={"subnets": ["subnet-9"]}, timezone="Europe/London")
    assert job(wanted).table == TABLE | {"subnets": ["subnet-9"], "timezone": "Europe/London"}


def test_a_task_definition_alone_says_nothing_of_the_place() -> None:
    alone = job_of(WANTED, DEFINITION, None, {})
    assert alone.table.keys() == TABLE.keys() - {"cluster", "subnets", "security_groups"}
    pinned = replace(WANTED, reference="webapp:57")
    assert job_of(pinned, DEFINITION, None, {}).table["task_definition"] == "webapp:57"
    of_ec2 = {**DEFINITION, "requiresCompatibilities": ["EC2"]}
    assert job_of(WANTED, of_ec2, None, {}).table["launch_type"] == "EC2"


@pytest.mark.parametrize(
    ("container", "containers", "problem"),
    [
        (
            "api",
            ["web", "envoy"],
            "Task definition 'webapp' has no container 'api' (it has web, envoy). Name another --container.",
        ),
        ("", ["web", "envoy"], "Task definition 'webapp' leaves open which container runs the job (web, envoy)"),
        ("", [], "Task definition 'webapp' leaves open which container runs the job (it has none)"),
    ],
)
def test_the_container_is_certain_or_asked_for(container: str, containers: list[str], problem: str) -> None:
    definition = {"family": "webapp", "containerDefinitions": [{"name": each} for each in containers]}
    with pytest.raises(Permanent) as caught:
        job_of(replace(WANTED, container=container), definition, SERVICE, {})
    assert str(caught.value).startswith(problem)
    if containers:
        assert job_of(replace(WANTED, container="envoy"), definition, SERVICE, {}).table["container"] == "envoy"


DEFAULTS: list[dict[str, Any]] = [
    {},
    {"cluster": "app-prod", "task_definition": "webapp", "container": "web", "timezone": "Europe/London"},
    {"cluster": "other", "subnets": ["subnet-7"], "assign_public_ip": True, "execute_command": True},
    {"launch_type": "EC2"},
    {"capacity_providers": [{"provider": "own"}]},
    {"launch_type": "FARGATE", "rerun": "safe", "owner": "web team"},
]


@pytest.mark.parametrize("defaults", DEFAULTS)
def test_below_any_defaults_the_job_is_what_the_service_is(defaults: dict[str, Any]) -> None:
    made = effective(defaults, job(defaults=defaults).table)
    decided = {key: value for key, value in made.items() if key not in ("rerun", "owner", "timezone")}
    plain = {key: value for key, value in decided.items() if value is not False and (key, value) != _FARGATE}
    assert plain == TABLE
    assert made.get("timezone") == defaults.get("timezone")


_FARGATE = ("launch_type", "FARGATE")


def test_what_the_defaults_have_is_not_repeated() -> None:
    assert job(defaults={"cluster": "app-prod", "container": "web"}).table.keys() == TABLE.keys() - {
        "cluster",
        "container",
    }


def test_a_default_that_no_key_can_undo_is_named() -> None:
    made = job(defaults={"platform_version": "1.4.0"})
    assert made.notes == ["platform_version is not set by the source; the one of [defaults] applies"]
