"""An ECS target → the RunTask request that EventBridge Scheduler sends for it.

This is a second opinion on ``cronmend.jobs.run_task_request`` on purpose, and shares no code with it. It stands in for
AWS: with shared code, a mistake in Cronmend's translation for re-runs would occur on both sides and no test would fail.

EcsParameters mixes cases (``Subnets`` but ``capacityProvider``), so each name is listed:
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EcsParameters.html
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

STARTED_BY_PREFIX = "chronos-schedule/"
STARTED_BY_LENGTH = 36
"""Observed, not documented: ``startedBy`` contains only the first 19 characters of the schedule's name."""

_NAMES = {
    "TaskDefinitionArn": "taskDefinition",
    "TaskCount": "count",
    "LaunchType": "launchType",
    "CapacityProviderStrategy": "capacityProviderStrategy",
    "PlatformVersion": "platformVersion",
    "Group": "group",
    "EnableECSManagedTags": "enableECSManagedTags",
    "EnableExecuteCommand": "enableExecuteCommand",
    "PlacementConstraints": "placementConstraints",
    "PlacementStrategy": "placementStrategy",
    "PropagateTags": "propagateTags",
    "ReferenceId": "referenceId",
    "Tags": "tags",
}
_AWSVPC = {"Subnets": "subnets", "SecurityGroups": "securityGroups", "AssignPublicIp": "assignPublicIp"}


def is_ecs(target: Mapping[str, Any]) -> bool:
    return str(target.get("Arn", "")).split(":")[2:3] == ["ecs"] and "EcsParameters" in target


def run_task_request(schedule: Mapping[str, Any], at: datetime, execution_id: str) -> dict[str, Any]:
    """The RunTask request for one slot.

    Args:
        schedule: GetSchedule's answer.
    """
    target = schedule["Target"]
    parameters = target["EcsParameters"]
    request = {ours: parameters[theirs] for theirs, ours in _NAMES.items() if theirs in parameters}
    network = (parameters.get("NetworkConfiguration") or {}).get("awsvpcConfiguration")
    if network:
        awsvpc = {ours: network[theirs] for theirs, ours in _AWSVPC.items() if theirs in network}
        request["networkConfiguration"] = {"awsvpcConfiguration": awsvpc}
    if target.get("Input"):
        request["overrides"] = _in_strings(json.loads(_with_context(target["Input"], schedule, at, execution_id)))
    return {**request, "cluster": target["Arn"], "startedBy": started_by(schedule["Name"])}


def started_by(name: str) -> str:
    return f"{STARTED_BY_PREFIX}{name}"[:STARTED_BY_LENGTH]


def _in_strings(overrides: Any) -> Any:
    """Scheduler accepts numbers and booleans where ECS has strings: in commands and in environments."""
    for entry in overrides.get("containerOverrides") or ():
        if "command" in entry:
            entry["command"] = [_string(each) for each in entry["command"]]
        for pair in entry.get("environment") or ():
            pair["value"] = _string(pair.get("value", ""))
    sizes = {key: _string(overrides[key]) for key in ("cpu", "memory") if key in overrides}
    return {**overrides, **sizes}


def _string(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _with_context(text: str, schedule: Mapping[str, Any], at: datetime, execution_id: str) -> str:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html"""
    attributes = {
        "schedule-arn": schedule["Arn"],
        "scheduled-time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "execution-id": execution_id,
        "attempt-number": "1",
    }
    for name, value in attributes.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
