"""An immutable task. Each change makes a new version, counted as ECS does."""

import uuid
from collections.abc import Iterable, Mapping
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.fargate.request import TaskRequest, full_overrides

LEAST = {"cpu": "256", "memory": "512"}


@dataclass(frozen=True, slots=True)
class TaskContainer:
    definition: Mapping[str, Any]
    arn: str
    status: str = "PENDING"
    digest: str = ""
    runtime_id: str = ""
    """``""`` until the container is created."""
    exit_code: int | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        return str(self.definition["name"])

    @property
    def essential(self) -> bool:
        return bool(self.definition.get("essential", True))


@dataclass(frozen=True, slots=True)
class Interface:
    """The network interface of a task in an awsvpc network."""

    id: str
    subnet: str
    status: str = "PRECREATED"
    address: str = "10.0.1.163"


@dataclass(frozen=True, slots=True)
class Times:
    """When each phase was reached; None if it wasn't (yet)."""

    created: datetime
    updated: datetime
    connected: datetime | None = None
    pull_started: datetime | None = None
    pull_stopped: datetime | None = None
    started: datetime | None = None
    execution_stopped: datetime | None = None
    stopping: datetime | None = None
    stopped: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    arn: str
    request: TaskRequest
    overrides: Mapping[str, Any]
    containers: tuple[TaskContainer, ...]
    interface: Interface | None
    times: Times
    status: str = "PROVISIONING"
    desired: str = "RUNNING"
    version: int = 1
    stop_code: str = ""
    stopped_reason: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """More fields of the event, for features that only AWS has, such as an injected sidecar."""

    @property
    def id(self) -> str:
        return self.arn.rsplit("/", 1)[-1]

    def given(self, what: str) -> str:
        """Its ``cpu`` (units) or ``memory`` (MiB): the override's, else the task definition's, else Fargate's least."""
        return str(self.overrides.get(what) or self.request.definition.get(what) or LEAST[what])

    @property
    def stopping(self) -> bool:
        return self.desired == "STOPPED"

    def with_container(self, name: str, **changes: Any) -> "Task":
        containers = tuple(replace(c, **changes) if c.name == name else c for c in self.containers)
        return replace(self, containers=containers)

    def with_containers(self, status: str, names: Iterable[str] | None = None) -> "Task":
        chosen = {c.name for c in self.containers} if names is None else set(names)
        return replace(
            self, containers=tuple(replace(c, status=status) if c.name in chosen else c for c in self.containers)
        )

    def with_interface(self, status: str) -> "Task":
        return replace(self, interface=self.interface and replace(self.interface, status=status))

    def moved(self, status: str, now: datetime, **times: datetime) -> "Task":
        """The next version of the task, in ``status``."""
        return replace(self, status=status, version=self.version + 1, times=replace(self.times, updated=now, **times))

    def to_be_stopped(self, code: str, reason: str, now: datetime) -> "Task":
        """The decision to stop, which doesn't change the status. A second decision changes nothing."""
        if self.stopping:
            return self
        return replace(
            self,
            desired="STOPPED",
            stop_code=code,
            stopped_reason=reason,
            times=replace(self.times, stopping=now),
        )


def new_task(request: TaskRequest, now: datetime, task_id: str = "") -> Task:
    """A task as RunTask answers it, with a random ID unless one is given."""
    task_id = task_id or uuid.uuid4().hex
    prefix, cluster = request.cluster_arn.split(":cluster/")
    subnets = request.network.get("subnets") or ()
    return Task(
        arn=f"{prefix}:task/{cluster}/{task_id}",
        request=request,
        overrides=full_overrides(request.overrides, request.definition),
        containers=tuple(
            TaskContainer(definition, f"{prefix}:container/{cluster}/{task_id}/{uuid.uuid4()}")
            for definition in request.definition["containerDefinitions"]
        ),
        interface=Interface(str(uuid.uuid4()), subnets[0]) if subnets else None,
        times=Times(created=now, updated=now),
    )
