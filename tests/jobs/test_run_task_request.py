"""A schedule's target as a RunTask request: the mixed cases of EcsParameters, key by key."""

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from cronmend.errors import Permanent
from cronmend.jobs.run_task_request import marked, run_request
from tests.samples import CLUSTER, JOB, schedule

ALL = {
    "TaskDefinitionArn": "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:2",
    "TaskCount": 1,
    "CapacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 1}],
    "NetworkConfiguration": {
        "awsvpcConfiguration": {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}
    },
    "PlatformVersion": "1.4.0",
    "Group": "jobs",
    "EnableECSManagedTags": True,
    "EnableExecuteCommand": False,
    "PropagateTags": "TASK_DEFINITION",
    "PlacementConstraints": [{"type": "memberOf", "expression": "e"}],
    "PlacementStrategy": [{"type": "spread", "field": "f"}],
    "Tags": [{"key": "team", "value": "web"}],
    "ReferenceId": "r",
}


def test_every_parameter_is_renamed_for_run_task() -> None:
    assert run_request(CLUSTER, ALL, "", {}) == {
        "cluster": CLUSTER,
        "taskDefinition": ALL["TaskDefinitionArn"],
        "count": 1,
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 1}],
        "networkConfiguration": {
            "awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}
        },
        "platformVersion": "1.4.0",
        "group": "jobs",
        "enableECSManagedTags": True,
        "enableExecuteCommand": False,
        "propagateTags": "TASK_DEFINITION",
        "placementConstraints": [{"type": "memberOf", "expression": "e"}],
        "placementStrategy": [{"type": "spread", "field": "f"}],
        "tags": [{"key": "team", "value": "web"}],
        "overrides": {},
    }


def test_the_table_has_every_parameter_of_scheduler() -> None:
    described = Loader().load_service_model("scheduler", "service-2")
    shape: Any = ServiceModel(described).shape_for("EcsParameters")
    assert set(shape.members) == {*ALL, "LaunchType"}


def test_an_unknown_parameter_prevents_the_run() -> None:
    with pytest.raises(Permanent, match="VolumeConfigurations"):
        run_request(CLUSTER, {**ALL, "VolumeConfigurations": []}, "", {})


@pytest.mark.parametrize("broken", ["{", "[]", '"text"'])
def test_an_input_that_is_not_an_override_prevents_the_run(broken: str) -> None:
    with pytest.raises(Permanent, match="input"):
        run_request(CLUSTER, ALL, broken, {})


def test_context_attributes_are_replaced_as_scheduler_would() -> None:
    live = schedule()
    request = run_request(
        live.cluster_arn, live.parameters, live.target_input, {"scheduled-time": "2026-05-06T11:00:00Z"}
    )
    assert request["overrides"]["containerOverrides"][0]["environment"] == [
        {"name": "CRONMEND_JOB", "value": JOB},
        {"name": "CRONMEND_SLOT", "value": "2026-05-06T11:00:00Z"},
    ]


def test_marks_join_the_containers_own_override_and_replace_older_ones() -> None:
    live = schedule()
    request = run_request(live.cluster_arn, live.parameters, live.target_input, {})
    once = marked(request, "web", {"CRONMEND_ATTEMPT": "2"})
    twice = marked(once, "web", {"CRONMEND_ATTEMPT": "3"})
    (entry,) = twice["overrides"]["containerOverrides"]
    assert entry["command"] == ["python", "manage.py", "publish_scheduled"]
    assert [p["value"] for p in entry["environment"] if p["name"] == "CRONMEND_ATTEMPT"] == ["3"]
    assert len(request["overrides"]["containerOverrides"][0]["environment"]) == 2


def test_a_target_without_overrides_gets_one_for_the_marks() -> None:
    request = marked(run_request(CLUSTER, ALL, "", {}), "web", {"A": "1"})
    assert request["overrides"] == {
        "containerOverrides": [{"name": "web", "environment": [{"name": "A", "value": "1"}]}]
    }
