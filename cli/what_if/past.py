"""What AWS still knows of the last weeks, in one value. Nothing here calls AWS or decides anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cli.what_if.rollouts import ServicePast
from cronmend.model import ContainerOverride, LiveSchedule, Log, Missing
from cronmend.model.runs import TaskDefinition
from cronmend.model.start_failures import RefusedStart


@dataclass(frozen=True, slots=True)
class TaskStart:
    """A task that a RunTask call started, as CloudTrail's event shows it."""

    task_arn: str
    cluster_arn: str
    definition_arn: str
    started_by: str
    at: datetime
    overrides: tuple[ContainerOverride, ...] | None = ()
    """None if CloudTrail hides the commands."""
    launch_type: str = ""

    @property
    def task_id(self) -> str:
        return self.task_arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class DatedLog:
    """The end of a run's log, and when its first and last known lines were written."""

    lines: Log
    first_at: datetime
    last_at: datetime


class NoLog(Missing, frozen=True):
    """A log that AWS doesn't return. The reason names no stream, so that runs with one reason are counted together."""

    denied: bool = False


@dataclass(frozen=True, slots=True)
class Trail:
    """The RunTask calls of the period, oldest first."""

    starts: tuple[TaskStart, ...] = ()
    refused: tuple[RefusedStart, ...] = ()
    since: datetime | None = None
    """From when on all calls were read, if that is later than asked for; else None."""
    unreadable: int = 0
    """How many events have a form that this version can't read."""


@dataclass(frozen=True, slots=True)
class Past:
    since: datetime
    until: datetime
    schedules: Mapping[str, LiveSchedule] = field(default_factory=dict)
    """By job, as they are now: AWS keeps no history of them."""
    trail: Trail = Trail()
    jobs: Mapping[str, str] = field(default_factory=dict)
    """The job of each run, by the task's ARN."""
    definitions: Mapping[str, TaskDefinition | Missing] = field(default_factory=dict)
    """By ARN."""
    migrations: tuple[TaskStart, ...] = ()
    """The tasks that migrated a database."""
    logs: Mapping[str, DatedLog | Missing] = field(default_factory=dict)
    """By the task's ARN; of the runs of jobs, and of migrations."""
    services: Sequence[ServicePast] | Missing = ()
    unread: tuple[str, ...] = ()
    """Why each schedule is missing that AWS lists and didn't return."""
    success: tuple[str, ...] = ()
    """What the user says a job writes at its end if it succeeds."""

    @property
    def clusters(self) -> tuple[str, ...]:
        """The ARNs of those in which jobs run or have run; a start in any other was never one of a job."""
        started = (each.cluster_arn for each in self.trail.starts if each.task_arn in self.jobs)
        return tuple(dict.fromkeys((*(each.cluster_arn for each in self.schedules.values()), *started)))
