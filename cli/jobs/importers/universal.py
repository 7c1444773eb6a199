"""A universal target (``aws-sdk:ecs:runTask``, whose input is a RunTask request) → an equivalent ECS target."""

import json
from collections.abc import Mapping
from typing import Any

from cli.jobs.importers.convert import Found
from cronmend.errors import UNREADABLE

_TASK = ":aws-sdk:ecs:runTask"
_RENAMED = {"TaskDefinition": "TaskDefinitionArn", "Count": "TaskCount", "EnableEcsManagedTags": "EnableECSManagedTags"}
_ELSEWHERE = ("Cluster", "NetworkConfiguration", "Overrides", "CapacityProviderStrategy")


def templated(schedule: Found) -> Found:
    """The schedule with an ECS target; unchanged if its target isn't a universal one of ECS or can't be read."""
    target = schedule.get("Target") or {}
    if not str(target.get("Arn", "")).endswith(_TASK):
        return schedule
    try:
        request = json.loads(target.get("Input") or "")
        return {**schedule, "Target": {**target, **_target(request)}}
    except UNREADABLE:
        return schedule


def _target(request: Mapping[str, Any]) -> dict[str, Any]:
    parameters = {_RENAMED.get(key, key): value for key, value in request.items() if key not in _ELSEWHERE}
    if network := (request.get("NetworkConfiguration") or {}).get("AwsvpcConfiguration"):
        parameters["NetworkConfiguration"] = {"awsvpcConfiguration": network}
    parameters["CapacityProviderStrategy"] = [_lowered(each) for each in request.get("CapacityProviderStrategy") or []]
    overrides = _lowered(request.get("Overrides") or {})
    return {"Arn": request.get("Cluster"), "Input": json.dumps(overrides), "EcsParameters": parameters}


def _lowered(value: Any) -> Any:
    """With camelCase keys, as the override and the strategy have them in an ECS target."""
    if isinstance(value, Mapping):
        return {key[:1].lower() + key[1:]: _lowered(item) for key, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value
