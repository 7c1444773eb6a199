"""ECS's Task State Change events, from JSON.

Shapes: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html.
Traps: ``exitCode`` is absent if a container never ran, ``containers`` may be empty, stop fields appear before the task
has stopped, and unknown fields may appear at any time.
"""

import re

from cronmend.errors import refusing
from cronmend.incoming.envelope import Json, bad, bad_detail, detail_of, text, time_of
from cronmend.model import Container, ContainerOverride, Size, StoppedTask, TaskDefinitionRef

TASK_STATE_CHANGE = "ECS Task State Change"
_BEFORE_RUNNING = ("PROVISIONING", "PENDING", "ACTIVATING")
_AFTER_RUNNING = ("DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED", "DELETED")
LIFECYCLE = frozenset((*_BEFORE_RUNNING, "RUNNING", *_AFTER_RUNNING))
"""Every ``lastStatus``; https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html."""

_SIDECAR = re.compile(
    r"aws-guardduty-agent|ecs-service-connect|log[-_]?router|firelens|fluent-?(bit|d)\b|datadog|dd-agent"
    r"|x-?ray|otel|cloudwatch-agent|newrelic|envoy|vault-agent|cloud-?sql-proxy|pgbouncer",
    re.IGNORECASE,
)


def last_status(event: Json) -> str:
    """The lifecycle status that a Task State Change reports.

    Raises:
        BadEvent: not a Task State Change, or a status that ECS doesn't document.
    """
    status = str(detail_of(event, TASK_STATE_CHANGE).get("lastStatus"))
    if status not in LIFECYCLE:
        raise bad(event, f"detail.lastStatus is {status!r}", f"expected one of {', '.join(sorted(LIFECYCLE))}")
    return status


def stopped_task(event: Json, job_container: str = "") -> StoppedTask:
    """The run that a STOPPED event reports; accepts the whole event or its ``detail`` alone.

    Args:
        job_container: the name of the container that is the job, if the caller knows it.

    Raises:
        BadEvent: not the final event of a task, or a field that identifies the run is missing.
    """
    if (status := last_status(event)) != "STOPPED":
        raise bad(event, f"detail.lastStatus is {status}", "only a STOPPED event ends a run")
    detail = detail_of(event, TASK_STATE_CHANGE)
    with refusing(bad_detail(event)):
        containers = tuple(container_of(raw) for raw in detail.get("containers") or ())
        raw_overrides = (detail.get("overrides") or {}).get("containerOverrides") or ()
        overrides = tuple(override_of(raw) for raw in raw_overrides if raw.get("name"))
        return StoppedTask(
            task_arn=text(detail, "taskArn"),
            cluster_arn=text(detail, "clusterArn"),
            task_definition=TaskDefinitionRef.parse(text(detail, "taskDefinitionArn")),
            task_definition_arn=text(detail, "taskDefinitionArn"),
            containers=containers,
            overrides=overrides,
            job_container=job_container or _job_container(containers, overrides),
            size=_size(detail),
            launch_type=str(detail.get("launchType") or ""),
            capacity_provider=str(detail.get("capacityProviderName") or ""),
            started_by=str(detail.get("startedBy") or ""),
            stop_code=str(detail.get("stopCode") or ""),
            stopped_reason=str(detail.get("stoppedReason") or ""),
            created_at=time_of(detail, "createdAt"),
            started_at=time_of(detail, "startedAt"),
            stopped_at=time_of(detail, "stoppedAt"),
        )


def _size(detail: Json) -> Size | None:
    """ECS sends both as strings; a task whose containers share the instance's resources may have neither."""
    cpu, memory = str(detail.get("cpu") or ""), str(detail.get("memory") or "")
    return Size(int(cpu), int(memory)) if cpu.isdecimal() and memory.isdecimal() else None


def container_of(raw: Json) -> Container:
    code = raw.get("exitCode")
    return Container(
        name=str(raw.get("name") or ""),
        exit_code=None if code is None else int(code),
        reason=str(raw.get("reason") or ""),
        image=str(raw.get("image") or ""),
        image_digest=str(raw.get("imageDigest") or ""),
    )


def override_of(raw: Json) -> ContainerOverride:
    pairs = (pair for pair in raw.get("environment") or () if pair.get("name"))
    return ContainerOverride(
        name=str(raw["name"]),
        command=tuple(str(part) for part in raw.get("command") or ()),
        environment={str(pair["name"]): str(pair.get("value") or "") for pair in pairs},
    )


def _job_container(containers: tuple[Container, ...], overrides: tuple[ContainerOverride, ...]) -> str:
    """The container with a command of its own, else the only one that isn't a sidecar."""
    commanded = [o.name for o in overrides if o.command and not _SIDECAR.search(o.name)]
    if len(commanded) == 1:
        return commanded[0]
    names = [c.name for c in containers] or [o.name for o in overrides]
    own = [name for name in names if not _SIDECAR.search(name)]
    return own[0] if len(own) == 1 else ""
