"""The nouns of Cronmend: what is known, concluded and intended. Standard library only.

All times are aware datetimes in UTC. Everything here is immutable; what could not be had is a
:class:`Missing` with its reason, never ``None`` with a guess behind it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

_TASK_DEFINITION = re.compile(r"(?:[^/]*:task-definition/)?(?P<family>[^:/]+)(?::(?P<revision>\d+))?")


class Category(StrEnum):
    """What ended a run. A closed set: people route alerts and write policies by these words."""

    SUCCESS = "success"
    DEPLOY_RACE = "deploy_race"
    SCHEMA_MISMATCH = "schema_mismatch"
    APPLICATION_ERROR = "application_error"
    CONFIGURATION_ERROR = "configuration_error"
    OUT_OF_MEMORY = "out_of_memory"
    DEPENDENCY_UNAVAILABLE = "dependency_unavailable"
    INFRASTRUCTURE = "infrastructure"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    NEVER_STARTED = "never_started"
    MISSED = "missed"
    OVERDUE = "overdue"


class Policy(StrEnum):
    """When the owner of a job allows a re-run."""

    SAFE = "safe"
    """Running twice does no harm."""
    UNSTARTED = "unstarted"
    """Only a run whose container never ran code may be repeated."""
    NEVER = "never"


class Mode(StrEnum):
    """The one switch over all healing."""

    HEAL = "heal"
    SHADOW = "shadow"
    """Decide and record, but run nothing; alerts say what would have been done."""
    OFF = "off"


class WindowState(StrEnum):
    """Whether a job's code and the database's schema may disagree right now."""

    OPEN = "open"
    RECENT = "recent"
    """Closed moments ago: a run that started before the end may still have died of it."""
    CLOSED = "closed"
    STUCK = "stuck"
    """Open for longer than a deploy takes, or the migration failed."""
    OLDER_CODE = "older_code"
    """The run used older code than the service: a re-run of the same revision can't help."""
    UNKNOWN = "unknown"


class Signal(StrEnum):
    """What told the state of a deploy window, strongest first."""

    MARKER = "pipeline_marker"
    MIGRATION_TASK = "migration_task"
    PIPELINE = "pipeline_state"
    """CodePipeline or CodeDeploy: it knows that a deploy goes on, but not how far the database is."""
    REVISION = "revision_differs"
    SERVICE_DEPLOYMENT = "service_deployment"
    FIRST_RUN = "first_run_on_image"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Missing:
    """A part of the evidence that could not be had, and why, in words for a person."""

    reason: str


type Log = tuple[str, ...]
"""The tail of one container's log, oldest line first, a CloudWatch Logs event a line."""


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

    event_id: str
    task_arn: str
    cluster_arn: str
    task_definition: TaskDefinitionRef
    task_definition_arn: str
    version: int
    """Counts the changes of the task; orders its events."""
    containers: tuple[Container, ...] = ()
    overrides: tuple[ContainerOverride, ...] = ()
    job_container: str = ""
    """The container that is the job, not a sidecar; empty where the event can't tell."""
    size: "Size | None" = None
    """What the whole task was given; None where its containers share the instance's."""
    started_by: str = ""
    group: str = ""
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
class DeployWindow:
    """The state of the deploy around a run, the signal that decided it, and why in one sentence."""

    state: WindowState
    signal: Signal = Signal.NONE
    reason: str = ""
    since: datetime | None = None
    """When the window opened; None where no signal dates it."""
    during: str = ""
    """Says that a deploy began while the job ran; empty where none did."""


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger remembers of a job."""

    last_success_at: datetime | None = None
    last_success_revision: int | None = None
    last_success_digest: str = ""


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


@dataclass(frozen=True, slots=True)
class Identity:
    """Which job a run belongs to. Only a certain one may be re-run."""

    job: str
    certain: bool
    reason: str
    schedule: LiveSchedule | Missing


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a stopped run. A part that could not be had is :class:`Missing`."""

    task: StoppedTask
    log: Log | Missing
    window: DeployWindow
    history: History | Missing = field(default_factory=lambda: Missing("no history was asked for"))


@dataclass(frozen=True, slots=True)
class FatalError:
    """The error that ended the process, taken from the log."""

    type: str
    """The exception's or error's name as the runtime prints it, e.g. ``django.db.utils.ProgrammingError``."""
    message: str
    line: int
    """Index into the log of the line that states it."""
    causes: tuple["FatalError", ...] = ()
    """The chain behind it, nearest first; the last is the leaf."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What ended the run, what decided that, and one sentence that a person on call understands.

    ``line`` and ``excerpt`` are redacted and bounded: they may be stored and sent.
    """

    category: Category
    rule: str
    sentence: str
    line: str = ""
    excerpt: tuple[str, ...] = ()
    advice: str = ""
    fatal_error: FatalError | None = None
    window: DeployWindow = field(default_factory=lambda: DeployWindow(WindowState.UNKNOWN))


@dataclass(frozen=True, slots=True)
class Rerun:
    """Run the job again at ``at``, or look again then where the deploy window is still open."""

    at: datetime
    reason: str
    size: Size | None = None
    """What the re-run is given instead of the target's; None for the target's own."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Tell a person now."""

    reason: str


@dataclass(frozen=True, slots=True)
class HoldAlert:
    """Tell a person at ``until`` unless the job has healed by then."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Nothing:
    reason: str


type Action = Rerun | Alert | HoldAlert | Nothing


@dataclass(frozen=True, slots=True)
class Plan:
    """The actions that follow from a diagnosis, each with its reason."""

    actions: tuple[Action, ...]

    def first[T: (Rerun, Alert, HoldAlert, Nothing)](self, kind: type[T]) -> T | None:
        return next((action for action in self.actions if isinstance(action, kind)), None)

    @property
    def word(self) -> str:
        """The plan as one word: ``rerun``, ``alert`` or ``none``."""
        if self.first(Rerun):
            return "rerun"
        return "alert" if self.first(Alert) or self.first(HoldAlert) else "none"
