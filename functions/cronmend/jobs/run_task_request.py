"""A schedule's target as a RunTask request. Pure.

``EcsParameters`` mixes cases (``NetworkConfiguration.awsvpcConfiguration.Subnets``, but
``CapacityProviderStrategy[].capacityProvider``), so keys are renamed by a table, not by a rule:
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EcsParameters.html.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cronmend.errors import Permanent, refusing
from cronmend.jobs.context_attributes import replaced
from cronmend.model import Size

_SAME_SHAPE = {
    "TaskDefinitionArn": "taskDefinition",
    "TaskCount": "count",
    "LaunchType": "launchType",
    "CapacityProviderStrategy": "capacityProviderStrategy",
    "PlatformVersion": "platformVersion",
    "Group": "group",
    "EnableECSManagedTags": "enableECSManagedTags",
    "EnableExecuteCommand": "enableExecuteCommand",
    "PropagateTags": "propagateTags",
    "PlacementConstraints": "placementConstraints",
    "PlacementStrategy": "placementStrategy",
    "Tags": "tags",
}
"""Keys whose values have the same shape in Scheduler and in RunTask."""
_NETWORK = {"Subnets": "subnets", "SecurityGroups": "securityGroups", "AssignPublicIp": "assignPublicIp"}
_NOT_CARRIED = {"NetworkConfiguration", "ReferenceId"}
"""The first is translated in :func:`run_request`; the second is for ECS itself and has no counterpart in RunTask."""


def run_request(
    cluster_arn: str, parameters: Mapping[str, Any], target_input: str, context: Mapping[str, str]
) -> dict[str, Any]:
    """The RunTask request that does what the schedule's target does now.

    Args:
        cluster_arn: the templated target's ``Arn``.
        parameters: its ``EcsParameters``.
        target_input: its ``Input``, a TaskOverride as JSON, or ``""``.
        context: the values for ``<aws.scheduler.…>`` placeholders, by the word after that prefix.

    Raises:
        Permanent: a parameter that Cronmend doesn't know, or an input that is no task override: without them, the
            request would not start the run that the schedule starts.
    """
    if unknown := parameters.keys() - _SAME_SHAPE.keys() - _NOT_CARRIED:
        raise Permanent(f"the target has parameters that Cronmend doesn't know: {', '.join(sorted(unknown))}")
    request: dict[str, Any] = {"cluster": cluster_arn, "overrides": _overrides(replaced(target_input, context))}
    request |= {_SAME_SHAPE[key]: value for key, value in parameters.items() if key in _SAME_SHAPE}
    if network := (parameters.get("NetworkConfiguration") or {}).get("awsvpcConfiguration"):
        request["networkConfiguration"] = {
            "awsvpcConfiguration": {_NETWORK[key]: value for key, value in network.items() if key in _NETWORK}
        }
    return request


def from_rule(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A rule target's ``EcsParameters`` in the shape of a schedule's: they differ only in the keys of their tags."""
    tags = [{"key": tag["Key"], "value": tag["Value"]} for tag in parameters.get("Tags") or ()]
    rest = {key: value for key, value in parameters.items() if key != "Tags"}
    return {**rest, "Tags": tags} if tags else rest


def marked(request: Mapping[str, Any], container: str, marks: Mapping[str, str]) -> dict[str, Any]:
    """The request with environment variables added to one container's override."""
    overrides = dict(request["overrides"])
    entries = [dict(entry) for entry in overrides.get("containerOverrides", [])]
    entry = next((each for each in entries if each.get("name") == container), None)
    if entry is None:
        entries.append(entry := {"name": container})
    kept = [pair for pair in entry.get("environment", []) if str(pair.get("name")) not in marks]
    entry["environment"] = [*kept, *({"name": name, "value": value} for name, value in marks.items())]
    return {**request, "overrides": {**overrides, "containerOverrides": entries}}


def tagged(request: Mapping[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
    """The request with these tags added to the target's own."""
    kept = [tag for tag in request.get("tags", []) if tag.get("key") not in tags]
    return {**request, "tags": [*kept, *({"key": key, "value": value} for key, value in tags.items())]}


def with_capacity(request: Mapping[str, Any], avoid: Sequence[str]) -> dict[str, Any]:
    """The request without these capacity providers of its strategy. One of those left needs a weight."""
    left = [each for each in request.get("capacityProviderStrategy", []) if each["capacityProvider"] not in avoid]
    if not avoid or not left:
        return dict(request)
    if not any(each.get("weight") for each in left):
        left = [{**each, "weight": 1} for each in left]
    return {**request, "capacityProviderStrategy": left}


def with_size(request: Mapping[str, Any], size: Size | None) -> dict[str, Any]:
    """The request with another task size; RunTask takes both values as strings."""
    if size is None:
        return dict(request)
    return {**request, "overrides": {**request["overrides"], "cpu": str(size.cpu), "memory": str(size.memory)}}


def as_text(value: object) -> str:
    """A scalar of a target's input where ECS takes a string: EventBridge Scheduler accepts numbers and booleans there.

    A fraction is already text (``parse_float=str``), as it is written in the input; ``""`` for null.
    """
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _overrides(target_input: str) -> dict[str, Any]:
    if not target_input.strip():
        return {}
    with refusing(lambda error: Permanent(f"the target's input is not valid JSON: {error}")):
        overrides = json.loads(target_input, parse_float=str)
    if not isinstance(overrides, dict):
        raise Permanent(f"the target's input is a JSON {type(overrides).__name__}, not a task override")
    containers = overrides.get("containerOverrides", [])
    if not (_are_objects(containers) and all(_are_objects(each.get("environment", [])) for each in containers)):
        raise Permanent("the target's input has container overrides or variables that aren't lists of objects")
    return overrides


def _are_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)
