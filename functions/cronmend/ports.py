"""What the use cases need of the world. Each is small, so that a fake of it can be read at a glance.

A read that finds nothing to read answers :class:`~cronmend.model.Missing`; a call that may work later
raises :class:`~cronmend.errors.Retryable`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from cronmend.deploys import Service
from cronmend.model import LiveSchedule, LiveTask, Log, Missing, TaskDefinitionRef
from cronmend.records import Attempt, Change, Incident, JobBook, Message, Report, RunRecord, Timer

LEAD = timedelta(seconds=5)
"""A one-time schedule has to lie in the future when the request arrives."""


class Commit(StrEnum):
    """What became of a change. Everything but DONE means that nothing was written."""

    DONE = "done"
    AGAIN = "again"
    """Somebody else wrote the book in between: read it again and decide anew."""
    KNOWN = "known"
    """The run, or the attempt, had been written before."""
    OVER_BUDGET = "over_budget"
    """The re-runs of this hour, over all jobs, are used up."""


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a container of a task writes: an ``awslogs`` group and stream, in the driver's own region."""

    group: str
    stream: str
    region: str


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """A revision: when it was registered, and where each container's log goes."""

    ref: TaskDefinitionRef
    registered_at: datetime
    logs: Mapping[str, LogPlace | Missing] = field(default_factory=dict)
    """By container; ``stream`` is the prefix alone until the task is known."""


class Schedules(Protocol):
    def named(self, prefix: str) -> Sequence[LiveSchedule] | Missing:
        """Every schedule, in any group, whose name begins so."""
        ...

    def get(self, job: str) -> LiveSchedule | Missing: ...


class TaskDefinitions(Protocol):
    def get(self, reference: str) -> TaskDefinition | Missing:
        """A revision by ARN or ``family:revision``; of a family alone, the newest."""
        ...


class Services(Protocol):
    def of_family(self, cluster_arn: str, family: str) -> tuple[Service, ...] | Missing:
        """The services of the cluster that run any revision of the family."""
        ...


class ServiceFamilies(Protocol):
    def of_service(self, cluster_arn: str, service: str) -> Sequence[str]:
        """The families of task definitions that a service's deployments name."""
        ...


class Logs(Protocol):
    def tail(self, place: LogPlace) -> Log | Missing: ...


class Tasks(Protocol):
    def alive(self, cluster_arn: str, family: str) -> Sequence[LiveTask]: ...

    def run(self, request: Mapping[str, Any]) -> str:
        """Start one task and return its ARN.

        Raises:
            Retryable: no capacity, throttled, or no answer: ask again with the same ``clientToken``.
            Permanent: the request can't work as it is.
        """
        ...


class Books(Protocol):
    """The ledger as the use cases see it."""

    def read(self, job: str) -> JobBook: ...

    def commit(self, change: Change, now: datetime) -> Commit:
        """Write all of the change, or nothing and say what stood against it."""
        ...

    def started(self, attempt: Attempt, task_arn: str) -> None:
        """Note which run came of a claimed attempt."""
        ...


class Records(Protocol):
    def run(self, task_id: str) -> RunRecord | None: ...

    def attempt(self, key: str) -> Attempt | None: ...

    def waiting(self, cluster_arn: str, family: str) -> Sequence[Incident]:
        """Open incidents of a family whose re-run waits for its deploy."""
        ...


class Timers(Protocol):
    def set(self, timer: Timer) -> None:
        """Wake ``rerun`` at the timer's time. Setting the same timer twice is setting it once."""
        ...

    def bring_forward(self, timer: Timer) -> None:
        """Move the timer to its time as it is now; one that has fired already is set again."""
        ...


class Channel(Protocol):
    name: str

    def send(self, report: Report) -> None:
        """Deliver, or raise Retryable or Permanent."""
        ...


class Deliveries(Protocol):
    def delivered(self, message: Message) -> frozenset[str]:
        """The names of the channels that have this message."""
        ...

    def note(self, message: Message, channel: str, at: datetime) -> None: ...
