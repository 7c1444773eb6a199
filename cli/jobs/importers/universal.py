"""A universal target (``aws-sdk:ecs:runTask``, whose input is a RunTask request) → an equivalent ECS target."""

import json
from collections.abc import Mapping
from typing import Any

from cronmend.errors import UNREADABLE

_TASK = ":aws-sdk:ecs:runTask"
_RENAMED = {"TaskDefinition": "TaskDefinitionArn", "Count": "TaskCount", "EnableEcsManagedTags": "EnableECSManagedTags"}
_ELSEWHERE = ("Cluster", "NetworkConfiguration", "Overrides", "CapacityProviderStrategy")


def is_universal(schedule: Mapping[str, Any]) -> bool:
    return str((schedule.get("Target") or {}).get("Arn", "")).endswith(_TASK)


def templated(schedule: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schedule with an ECS target; unchanged if its target isn't a universal one of ECS or can't be read."""
    if not is_universal(schedule):
        return schedule
    target = schedule["Target"]
    try:
        request = json.loads(target.get("Input") or "")
        return {**schedule, "Target": {**target, **_target(request)}}
    except UNREADABLE:
        return schedule


def _target(request: Mapping[str, Any]) -> dict[str, Any]:
    parameters = {_RENAMED.get(key, key): value for key, value in request.items() if key not in _ELSEWHERE}
    if network := request.get("NetworkConfiguration"):
        parameters["NetworkConfiguration"] = {_lower(key): value for key, value in network.items()}
    parameters["CapacityProviderStrategy"] = _lowered(request.get("CapacityProviderStrategy"))
    overrides = _lowered(request.get("Overrides") or {})
    return {"Arn": request.get("Cluster"), "Input": json.dumps(overrides), "EcsParameters": parameters}


def _lowered(value: Any) -> Any:
    """With camelCase keys, as the override and the strategy have them in an ECS target."""
    if isinstance(value, Mapping):
        return {_lower(key): _lowered(item) for key, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value


def _lower(key: str) -> str:
    return key[:1].lower() + key[1:]
