"""A run, what it runs and which schedule started it, as ECS and EventBridge Scheduler tell them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cronmend.model.categories import ScheduleState

_TASK_DEFINITION = re.compile(r"(?:[^/]*:task-definition/)?(?P<family>[^:/]+)(?::(?P<revision>\d+))?")


@dataclass(frozen=True, slots=True)
class Missing:
    """A part of the evidence that could not be had, and why, in words for a person."""

    reason: str


type Log = tuple[str, ...]
"""The tail of one container's log, oldest line first, a CloudWatch Logs event a line."""


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a container of a task writes: an ``awslogs`` group and stream, in the driver's own region."""

    group: str
    stream: str
    region: str


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a stopped task. ``exit_code`` is None where it never ran or was not reported."""

    name: str
    exit_code: int | None = None
    reason: str = ""
    image: str = ""
    image_digest: str = ""


@dataclass(frozen=True, slots=True)
class ContainerOverride:
    """What a run changed of one container; an empty ``command`` leaves the task definition's."""

    name: str
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskDefinitionRef:
    """A revision of a task definition. ``revision`` is None where a reference names only the family."""

    family: str
    revision: int | None = None

    @classmethod
    def parse(cls, reference: str) -> "TaskDefinitionRef":
        """The family and revision of an ARN, of ``family:revision`` or of a family alone.

        Raises:
            ValueError: none of these.
        """
        match = _TASK_DEFINITION.fullmatch(reference)
        if not match:
            raise ValueError(f"{reference!r} is no task definition")
        return cls(match["family"], int(match["revision"]) if match["revision"] else None)

    def __str__(self) -> str:
        return self.family if self.revision is None else f"{self.family}:{self.revision}"


@dataclass(frozen=True, slots=True)
class Size:
    """What a task is given: CPU in units of a 1024th, memory in MiB."""

    cpu: int
    memory: int

    def __str__(self) -> str:
        return f"{self.memory} MiB with {self.cpu} CPU units"


@dataclass(frozen=True, slots=True)
class StoppedTask:
    """A run that ended, as ECS reported it (Task State Change, ``lastStatus`` STOPPED)."""

    task_arn: str
    cluster_arn: str
    task_definition: TaskDefinitionRef
    task_definition_arn: str
    containers: tuple[Container, ...] = ()
    overrides: tuple[ContainerOverride, ...] = ()
    job_container: str = ""
    """The container that is the job, not a sidecar; empty where the event can't tell."""
    size: "Size | None" = None
    """What the whole task was given; None where its containers share the instance's."""
    launch_type: str = ""
    capacity_provider: str = ""
    """Empty where the run was given a launch type instead."""
    started_by: str = ""
    stop_code: str = ""
    stopped_reason: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None

    @property
    def task_id(self) -> str:
        return self.task_arn.rsplit("/", 1)[-1]

    @property
    def cluster(self) -> str:
        return self.cluster_arn.rsplit("/", 1)[-1]

    @property
    def job(self) -> Container | None:
        """The job's own container; None where ECS never placed the task or the name is not among them."""
        return next((c for c in self.containers if c.name == self.job_container), None)

    @property
    def override(self) -> ContainerOverride | None:
        return next((o for o in self.overrides if o.name == self.job_container), None)

    @property
    def ran(self) -> bool:
        """Whether the job's code may have run: what decides if ``unstarted`` allows a re-run."""
        return self.started_at is not None or (self.job is not None and self.job.exit_code is not None)


@dataclass(frozen=True, slots=True)
class LiveTask:
    """A task that ECS still wants to run."""

    task_arn: str
    cluster_arn: str
    task_definition: TaskDefinitionRef
    started_by: str
    overrides: tuple[ContainerOverride, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveSchedule:
    """A schedule as EventBridge Scheduler holds it now."""

    job: str
    """``<group>/<schedule name>``"""
    arn: str
    enabled: bool
    expression: str
    timezone: str
    cluster_arn: str
    parameters: Mapping[str, Any]
    """The target's ``EcsParameters``, untouched."""
    target_input: str
    start: datetime | None = None
    end: datetime | None = None
    created: datetime | None = None
    """What a rate without a start date counts from."""
    flexible: timedelta = timedelta(0)
    """The schedule's own run may begin this long after its slot."""

    @property
    def name(self) -> str:
        return self.job.rsplit("/", 1)[-1]

    @property
    def state(self) -> ScheduleState:
        return ScheduleState.ENABLED if self.enabled else ScheduleState.DISABLED


@dataclass(frozen=True, slots=True)
class Identity:
    """Which job a run belongs to. Only a certain one may be re-run."""

    job: str
    certain: bool
    reason: str
    schedule: LiveSchedule | Missing


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """A revision: when it was registered, what its containers run, and where their logs go."""

    ref: TaskDefinitionRef
    registered_at: datetime
    logs: Mapping[str, LogPlace | Missing] = field(default_factory=dict)
    """By container; ``stream`` is the prefix alone until the task is known."""
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By container; entry point and command, empty where the image's own are used."""
