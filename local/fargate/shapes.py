"""A task as ECS shows it: in a Task State Change event and in the answers of its API.

Shapes: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html. Fields that don't apply are
absent, not null: no ``startedAt`` for a failed start, no ``exitCode`` for a container that never ran.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from local.aws import ACCOUNT, REGION
from local.fargate.task import Interface, Task, TaskContainer

type Stamp = Callable[[datetime], Any]

_TIMES = {
    "createdAt": "created",
    "updatedAt": "updated",
    "connectivityAt": "connected",
    "pullStartedAt": "pull_started",
    "pullStoppedAt": "pull_stopped",
    "startedAt": "started",
    "executionStoppedAt": "execution_stopped",
    "stoppingAt": "stopping",
    "stoppedAt": "stopped",
}


def event(task: Task) -> dict[str, Any]:
    """The ECS Task State Change event for the task's current version."""
    return envelope("ECS Task State Change", task.arn, _shape(task, iso, "eni"), task.times.updated)


def envelope(kind: str, resource: str, detail: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": "aws.ecs",
        "account": ACCOUNT,
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [resource],
        "detail": dict(detail),
    }


def description(task: Task, *, tags: bool = False) -> dict[str, Any]:
    """The task in an answer of RunTask, StopTask or DescribeTasks: nearly the event's detail, with times as numbers."""
    shown = _shape(task, datetime.timestamp, "ElasticNetworkInterface")
    return {**shown, "healthStatus": "UNKNOWN", "tags": list(task.request.tags) if tags else []}


def iso(at: datetime) -> str:
    """ECS drops trailing zeros: ``…17.19Z``, ``…10Z``."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "Z"


def _shape(task: Task, stamp: Stamp, interface_type: str) -> dict[str, Any]:
    request, definition = task.request, task.request.definition
    shown = {
        "attachments": [_attachment(task.interface, interface_type)] if task.interface else [],
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "availabilityZone": f"{REGION}b",
        "clusterArn": request.cluster_arn,
        "connectivity": "CONNECTED" if task.times.connected else None,
        "containers": [_container(task, container) for container in task.containers],
        "cpu": task.given("cpu"),
        "desiredStatus": task.desired,
        "enableExecuteCommand": request.enable_execute_command,
        "ephemeralStorage": {"sizeInGiB": 20},
        "group": request.group,
        "capacityProviderName": request.capacity_provider or None,
        "launchType": request.launch_type,
        "lastStatus": task.status,
        "memory": task.given("memory"),
        "overrides": task.overrides,
        "platformVersion": request.platform_version,
        "startedBy": request.started_by or None,
        "stopCode": task.stop_code or None,
        "stoppedReason": task.stopped_reason or None,
        "taskArn": task.arn,
        "taskDefinitionArn": definition["taskDefinitionArn"],
        "version": task.version,
        **{name: _stamped(getattr(task.times, field), stamp) for name, field in _TIMES.items()},
        **task.extra,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _stamped(at: datetime | None, stamp: Stamp) -> Any:
    return None if at is None else stamp(at)


def _container(task: Task, container: TaskContainer) -> dict[str, Any]:
    shown = {
        "containerArn": container.arn,
        "lastStatus": container.status,
        "name": container.name,
        "image": container.definition["image"],
        "imageDigest": container.digest or None,
        "runtimeId": container.runtime_id or None,
        "taskArn": task.arn,
        "networkInterfaces": [_address(task.interface)] if task.interface else [],
        "cpu": str(container.definition.get("cpu", 0)),
        "exitCode": container.exit_code,
        "reason": container.reason[:1024] or None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _address(interface: Interface) -> dict[str, str]:
    return {"attachmentId": interface.id, "privateIpv4Address": interface.address}


def _attachment(interface: Interface, kind: str) -> dict[str, Any]:
    details = {
        "subnetId": interface.subnet,
        "networkInterfaceId": f"eni-0{interface.id.replace('-', '')[:16]}",
        "macAddress": "0e:50:d1:c1:77:81",
        "privateDnsName": f"ip-{interface.address.replace('.', '-')}.{REGION}.compute.internal",
        "privateIPv4Address": interface.address,
    }
    pairs = [{"name": name, "value": value} for name, value in details.items()]
    return {"id": interface.id, "type": kind, "status": interface.status, "details": pairs}
