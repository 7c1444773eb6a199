"""A RunTask request: the checks of ECS, with its errors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.fargate.errors import EcsError, invalid_parameter

type Json = Mapping[str, Any]

MAX_OVERRIDES = 8192
"""Characters; https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html."""
MAX_STARTED_BY = 128
MAX_COUNT = 10


@dataclass(frozen=True, slots=True)
class TaskRequest:
    cluster_arn: str
    definition: Json
    """From DescribeTaskDefinition."""
    overrides: Json
    count: int
    started_by: str
    group: str
    launch_type: str
    capacity_provider: str
    platform_version: str
    network: Json
    tags: Sequence[Json]
    enable_execute_command: bool


def run_request(body: Json, definition: Json, cluster_arn: str) -> TaskRequest:
    """The request of a RunTask body for this task definition.

    Raises:
        EcsError: ECS would reject the request.
    """
    overrides = body.get("overrides") or {}
    _check_definition(definition)
    _check_overrides(overrides, definition)
    _check_scalars(body)
    network = (body.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    if definition.get("networkMode") == "awsvpc" and not network.get("subnets"):
        raise invalid_parameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    strategy = body.get("capacityProviderStrategy") or ()
    if strategy and body.get("launchType"):
        raise invalid_parameter("Specifying both a launch type and capacity provider strategy is not supported.")
    return TaskRequest(
        cluster_arn=cluster_arn,
        definition=definition,
        overrides=overrides,
        count=int(body.get("count") or 1),
        started_by=body.get("startedBy") or "",
        group=body.get("group") or f"family:{definition['family']}",
        launch_type=body.get("launchType") or "FARGATE",
        capacity_provider=str(strategy[0]["capacityProvider"]) if strategy else "",
        platform_version=_platform(body.get("platformVersion")),
        network=network,
        tags=tuple(body.get("tags") or ()),
        enable_execute_command=bool(body.get("enableExecuteCommand")),
    )


def fingerprint(body: Json) -> str:
    """Equal for requests that ECS treats as the same one under a client token."""
    return json.dumps({key: value for key, value in body.items() if key != "clientToken"}, sort_keys=True)


def full_overrides(overrides: Json, definition: Json) -> Json:
    """Overrides as ECS reports them: one entry for every container, in the task definition's order."""
    given = {entry["name"]: entry for entry in overrides.get("containerOverrides") or ()}
    names = [container["name"] for container in definition["containerDefinitions"]]
    return {**overrides, "containerOverrides": [given.get(name, {"name": name}) for name in names]}


def _check_definition(definition: Json) -> None:
    if definition.get("status") != "ACTIVE":
        raise EcsError("ClientException", "TaskDefinition is inactive")


def _check_overrides(overrides: Json, definition: Json) -> None:
    names = {container["name"] for container in definition["containerDefinitions"]}
    for entry in overrides.get("containerOverrides") or ():
        if entry.get("name") not in names:
            raise invalid_parameter(
                f"Override for container named {entry.get('name')} is not a container in the TaskDefinition."
            )
    if len(json.dumps(overrides, separators=(",", ":"))) > MAX_OVERRIDES:
        raise invalid_parameter(f"Container Overrides length must be at most {MAX_OVERRIDES}")


def _check_scalars(body: Json) -> None:
    if len(body.get("startedBy") or "") > MAX_STARTED_BY:
        raise invalid_parameter(f"startedBy longer than {MAX_STARTED_BY}.")
    if not 1 <= int(body.get("count") or 1) <= MAX_COUNT:
        raise invalid_parameter(f"count must be between 1 and {MAX_COUNT}.")


def _platform(version: str | None) -> str:
    return "1.4.0" if version in (None, "", "LATEST") else str(version)
