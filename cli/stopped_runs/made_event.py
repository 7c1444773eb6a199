"""A run's end as ECS reports it: the complete Task State Change event of a job's schedule. Pure but for the new IDs."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from cli.stopped_runs.ending import BadOption, Ending
from cli.stopped_runs.scheduled_job import HOME, ScheduledJob
from local.fargate import shapes
from local.fargate.errors import EcsError
from local.fargate.request import TaskRequest, run_request
from local.fargate.task import Task, TaskContainer, Times, new_task
from local.schedule_target import run_task_request

_AGES = {
    "created": 68,
    "connected": 64,
    "pull_started": 57,
    "pull_stopped": 48,
    "started": 47,
    "execution_stopped": 19,
    "stopping": 14,
    "stopped": 0,
}
"""Seconds before the end at which a short run on Fargate passes each phase."""
_CODE = ("started", "execution_stopped")
_PULL = ("pull_started", "pull_stopped")
_VERSION = 6
"""Of a task's last event: ECS counts every change."""


def definition_of(job: ScheduledJob, revision: int = 1) -> Mapping[str, Any]:
    """A task definition that the job could run, as DescribeTaskDefinition answers it."""
    known = job.task_definition
    ref = replace(known, revision=known.revision or revision)
    subnets = job.live.parameters.get("NetworkConfiguration")
    return {
        "taskDefinitionArn": HOME.arn("ecs", f"task-definition/{ref}"),
        "family": ref.family,
        "revision": ref.revision,
        "status": "ACTIVE",
        "networkMode": "awsvpc" if subnets else "bridge",
        "cpu": "512",
        "memory": "1024",
        "containerDefinitions": [{"name": job.container, "image": f"{ref.family}:{ref.revision}", "essential": True}],
    }


def made_event(
    job: ScheduledJob,
    ending: Ending,
    definition: Mapping[str, Any],
    task_id: str,
    stopped_at: datetime,
    digests: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """The event of a run of the job that the schedule started and that ended so.

    Args:
        digests: by image; that of any other image is made up.

    Raises:
        BadOption: ECS would not start the job's schedule with this task definition.
    """
    created_at = stopped_at - timedelta(seconds=_AGES["created"])
    task = new_task(_request(job, definition, created_at), created_at, task_id)
    return shapes.event(_ended(task, job.container, ending, stopped_at, digests))


def stable_id(*parts: str) -> str:
    """A task ID that is the same for the same parts."""
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def _request(job: ScheduledJob, definition: Mapping[str, Any], at: datetime) -> TaskRequest:
    body = run_task_request(job.schedule, at, stable_id(job.id, at.isoformat())[:16])
    revision = {"taskDefinition": definition["taskDefinitionArn"]}
    try:
        return run_request({**body, **revision}, definition, str(body["cluster"]))
    except EcsError as error:
        reason = error.message.removesuffix(".")
        raise BadOption(
            f"ECS wouldn't start {job.id}: {reason}. Correct the job, or name another --container."
        ) from error


def _ended(task: Task, container: str, ending: Ending, at: datetime, digests: Mapping[str, str]) -> Task:
    left_out = (*(() if ending.ran else _CODE), *(() if ending.pulled else _PULL))
    reached = {name: at - timedelta(seconds=age) for name, age in _AGES.items() if name not in left_out}
    task = replace(
        task,
        containers=tuple(_container(task, each, each.name == container, ending, digests) for each in task.containers),
        times=Times(updated=at, **reached),
        status="STOPPED",
        desired="STOPPED",
        version=_VERSION,
        stop_code=ending.stop_code.value,
        stopped_reason=ending.stopped_reason,
    )
    return task.with_interface("DELETED")


def _container(
    task: Task, container: TaskContainer, is_job: bool, ending: Ending, digests: Mapping[str, str]
) -> TaskContainer:
    """A container beside the job ended well, if it ran."""
    container = replace(container, status="STOPPED", reason=ending.container_reason if is_job else "")
    if not ending.ran:
        return container
    image = str(container.definition["image"])
    return replace(
        container,
        exit_code=ending.exit_code if is_job else 0,
        digest=digests.get(image) or f"sha256:{sha256(image.encode()).hexdigest()}",
        runtime_id=f"{task.id}-{int(stable_id(task.id, container.name)[:8], 16):010d}",
    )
