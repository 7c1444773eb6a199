"""What the use cases need of the world. Each is small, so that a fake of it can be read at a glance.

A read that finds nothing to read answers :class:`~cronmend.model.Missing`; a call that may work later
raises :class:`~cronmend.errors.Retryable`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from cronmend.deploys import DeployNote, Service
from cronmend.deploys.holds import Hold
from cronmend.jobs.refusal import Refusal
from cronmend.model import LiveSchedule, LiveTask, Log, LogPlace, Missing, Mode
from cronmend.model.incident import Attempt, Change, Commit, Incident, JobState, RunRecord
from cronmend.model.report import Message
from cronmend.model.runs import TaskDefinition
from cronmend.model.wakeups import HealingTimer, HoldTimer, RerunTimer


class Schedules(Protocol):
    def named(self, prefix: str) -> Sequence[LiveSchedule] | Missing:
        """Every schedule of an ECS task, in any group, whose name begins so; all of them where no prefix is given."""
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

    def images(self, service: Service) -> Mapping[str, str]:
        """The digests that the service's latest deployment resolved, by container; empty where ECS doesn't say."""
        ...


class ServiceFamilies(Protocol):
    def of_service(self, cluster_arn: str, service: str) -> Sequence[str]:
        """The families of task definitions that a service's deployments name."""
        ...


class Logs(Protocol):
    def tail(self, place: LogPlace) -> Log | Missing: ...


class RunningTasks(Protocol):
    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        """The tasks of a family that ECS wants to run, whoever started them."""
        ...


class Tasks(Protocol):
    def run(self, request: Mapping[str, Any]) -> str | Refusal:
        """Start one task and return its ARN, or why nothing was started.

        Raises:
            Retryable: throttled, or no answer: a task may have started, so ask again with the same ``clientToken``.
            Permanent: the request can't work as it is.
        """
        ...


class JobStates(Protocol):
    """The ledger as the use cases see it."""

    def read(self, job: str) -> JobState: ...

    def commit(self, change: Change, now: datetime) -> Commit:
        """Write all of the change, or nothing and say why."""
        ...

    def started(self, attempt: Attempt, task_arn: str) -> None:
        """Note which run came of a claimed attempt."""
        ...


class Records(Protocol):
    def run(self, task_id: str) -> RunRecord | None: ...

    def attempt(self, key: str) -> Attempt | None: ...

    def waiting(self, cluster_arn: str, family: str) -> Sequence[Incident]:
        """Open incidents of a family whose re-run waits for its deploy; of all families where none is named."""
        ...


class DeployNotes(Protocol):
    """What events have told of deploys."""

    def of(self, cluster_arn: str) -> Sequence[DeployNote]: ...

    def write(self, note: DeployNote, now: datetime) -> bool:
        """Whether it was written: not where somebody else wrote the same row since the note's version was read."""
        ...


class Timers(Protocol):
    def set(self, timer: HealingTimer) -> None:
        """Wake ``rerun`` at the timer's time. Setting the same timer twice is setting it once."""
        ...

    def bring_forward(self, timer: RerunTimer | HoldTimer) -> None:
        """Move the timer to its time as it is now; one that has fired already is set again."""
        ...


class Holds(Protocol):
    """Which schedules stand still because we disabled them."""

    def get(self, cluster_arn: str, job: str) -> Hold | None: ...

    def of(self, cluster_arn: str) -> Sequence[Hold]: ...

    def put(self, hold: Hold) -> Hold | None:
        """The hold as it stands now; None where somebody else wrote it since its version was read."""
        ...

    def remove(self, hold: Hold) -> None:
        """Forget it, unless somebody else wrote it in between."""
        ...


class Switches(Protocol):
    def switch(self, job: str, *, enabled: bool) -> None:
        """Enable or disable a schedule; nothing else of it changes.

        Raises:
            NotFound: there is no such schedule.
        """
        ...


class Modes(Protocol):
    def now(self) -> Mode | Missing:
        """The switch over all healing; Missing where it can't be read, which is no reason to heal."""
        ...


class Circuit(Protocol):
    """The breaker over all jobs: open, it stops all healing."""

    def open_until(self, now: datetime) -> datetime | None: ...

    def open(self, until: datetime, message: Message, now: datetime) -> bool:
        """Open it and tell people, both or neither; False where it is open already."""
        ...

    def close(self, now: datetime) -> bool:
        """Let healing go on, with the hour's bound unspent; False where it was not open."""
        ...
