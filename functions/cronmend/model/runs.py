"""Runs and task definitions, as ECS reports them."""

import re
from collections.abc import Mapping
from copy import replace
from datetime import datetime

from msgspec import Struct, field

_TASK_DEFINITION = re.compile(r"(?:[^/]*:task-definition/)?(?P<family>[^:/]+)(?::(?P<revision>\d+))?")


class Missing(Struct, frozen=True):
    """A part of the evidence that could not be collected, and why, in words for a person."""

    reason: str


type Log = tuple[str, ...]
"""The tail of one container's log, oldest first, one line per CloudWatch Logs event."""


class LogPlace(Struct, frozen=True):
    """The ``awslogs`` group and stream that a container writes to, in the log driver's region."""

    group: str
    stream: str
    region: str


class Container(Struct, frozen=True):
    """A container of a stopped task. ``exit_code`` is None if it never ran or ECS didn't report one."""

    name: str
    exit_code: int | None = None
    reason: str = ""
    image: str = ""
    image_digest: str = ""


class ContainerOverride(Struct, frozen=True):
    """A run's override for one container; an empty ``command`` keeps the task definition's."""

    name: str
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class TaskDefinitionRef(Struct, frozen=True):
    """A revision of a task definition. ``revision`` is None if the reference names only the family."""

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
            raise ValueError(f"{reference!r} is not a task definition")
        return cls(match["family"], int(match["revision"]) if match["revision"] else None)

    def __str__(self) -> str:
        return self.family if self.revision is None else f"{self.family}:{self.revision}"


class Size(Struct, frozen=True):
    """A task's size: CPU in units (1024 are one vCPU), memory in MiB."""

    cpu: int
    memory: int

    def __str__(self) -> str:
        return f"{self.memory} MiB with {self.cpu} CPU units"


STOP_CODES = frozenset(
    (
        "",
        "TaskFailedToStart",
        "EssentialContainerExited",
        "UserInitiated",
        "ServiceSchedulerInitiated",
        "SpotInterruption",
        "TerminationNotice",
        "InfrastructureHealth",
    )
)
"""Every ``stopCode`` that this version knows; ``""`` if the event has none. A test compares them with botocore's."""


class StoppedTask(Struct, frozen=True):
    """A run that ended, as ECS reported it (Task State Change, ``lastStatus`` STOPPED)."""

    task_arn: str
    cluster_arn: str
    task_definition: TaskDefinitionRef
    task_definition_arn: str
    containers: tuple[Container, ...] = ()
    overrides: tuple[ContainerOverride, ...] = ()
    job_container: str = ""
    """The container that is the job, not a sidecar; ``""`` if the event doesn't show which."""
    size: "Size | None" = None
    """The task's size; None if its containers share the instance's resources."""
    launch_type: str = ""
    capacity_provider: str = ""
    """``""`` if the run used a launch type instead."""
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
    def key(self) -> str:
        """Names the run's record."""
        return self.task_id

    @property
    def cluster(self) -> str:
        return self.cluster_arn.rsplit("/", 1)[-1]

    @property
    def job(self) -> Container | None:
        """The job's own container; None if ECS never placed the task or no container has that name."""
        return next((c for c in self.containers if c.name == self.job_container), None)

    @property
    def override(self) -> ContainerOverride | None:
        return next((o for o in self.overrides if o.name == self.job_container), None)

    @property
    def unknown_stop_code(self) -> str:
        """The stop code if this version of Cronmend doesn't know it, else ``""``."""
        return "" if self.stop_code in STOP_CODES else self.stop_code

    @property
    def exited_with_0(self) -> bool:
        return self.job is not None and self.job.exit_code == 0

    @property
    def ran(self) -> bool:
        """Whether the job's code may have run; if so, policy ``unstarted`` allows no re-run."""
        return self.started_at is not None or (self.job is not None and self.job.exit_code is not None)


class Creation(Struct, frozen=True):
    """When, by whom and for which slot a run was created: a job's runs are ordered by it, not by their ends."""

    at: datetime
    started_by: str = ""
    """``startedBy``; ``""`` if an earlier version of Cronmend didn't keep it."""
    slot: str = ""
    """ISO 8601; ``""`` if it isn't known."""
    no_task: bool = False
    """Whether none was created: ``at`` is then the slot."""


class LiveTask(Struct, frozen=True):
    """A task as ECS lists it."""

    task_arn: str
    cluster_arn: str
    task_definition: TaskDefinitionRef
    started_by: str
    overrides: tuple[ContainerOverride, ...] = ()
    created_at: datetime | None = None
    started_at: datetime | None = None
    """When its containers started; None if they haven't."""
    last_status: str = ""


class TaskDefinition(Struct, frozen=True):
    """A task definition's revision: when it was registered, its containers' commands and log destinations."""

    ref: TaskDefinitionRef
    registered_at: datetime
    logs: Mapping[str, LogPlace | Missing] = field(default_factory=dict)
    """By container; ``stream`` holds only the prefix until the task is known."""
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Entry point and command by container; empty if the image's own are used."""
    images: Mapping[str, str] = field(default_factory=dict)
    """By container, with tag or digest as registered."""
    deregistered_at: datetime | None = None
    """None if it is active."""
    task_role: str = ""
    """ARN; ``""`` if it has none, as the next one."""
    execution_role: str = ""
    start_reads: tuple[str, ...] = ()
    """Secrets that ECS reads when it starts a task, as the definition names them: an ARN, or a parameter's name."""
    variables: tuple[str, ...] = ()
    """The values of its environment variables that are ARNs."""

    def log_of(self, container: str, task_id: str) -> LogPlace | Missing:
        """Where the container of this task wrote its log."""
        place = self.logs.get(container, Missing(f"{self.ref} has no {container!r}"))
        return place if isinstance(place, Missing) else replace(place, stream=f"{place.stream}/{container}/{task_id}")
