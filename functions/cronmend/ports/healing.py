"""Ports of diagnosing and healing: schedules, tasks, logs, deploys and the ledger.

A read that finds nothing returns :class:`~cronmend.model.Missing`. A call that may work later raises
:class:`~cronmend.errors.Retryable`.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from cronmend.deploys import DeployNote, Image, Service
from cronmend.deploys.holds import Hold
from cronmend.jobs.refusal import Refusal
from cronmend.model import LiveSchedule, LiveTask, Log, LogPlace, Missing, Mode, TaskDefinitionRef
from cronmend.model.expected_logs import WholeLog
from cronmend.model.incident import Attempt, Change, Commit, Found, Incident, JobState, RunRecord
from cronmend.model.report import Message
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import Listed
from cronmend.model.wakeups import HealingTimer, HoldTimer, RerunTimer


class Schedules(Protocol):
    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule] | Missing:
        """The cluster's schedules, in any group, whose names start with the prefix; ``""`` for all of them.

        Args:
            since: a list that was read after this will do, if it isn't old; None to read it now.
            work: the digest of what a run does; schedules whose runs do something else may be left out.
        """
        ...

    def get(self, job: str) -> LiveSchedule | Missing: ...


class ListedSchedules(Protocol):
    """EventBridge Scheduler's schedules, without the rules of EventBridge."""

    def listed(self, clusters: Container[str]) -> Sequence[Listed]:
        """Those that start tasks in one of the clusters, as AWS lists them.

        Raises:
            Permanent: they can't be listed.
        """
        ...

    def get(self, job: str) -> LiveSchedule | Missing: ...


class TaskDefinitions(Protocol):
    def get(self, reference: str) -> TaskDefinition | Missing:
        """A revision by ARN or ``family:revision``; the newest one for a family alone."""
        ...


class Services(Protocol):
    def running(
        self, cluster_arn: str, family: str, image: str = "", since: datetime | None = None
    ) -> tuple[Service, ...] | Missing:
        """The services that run any revision of the family or, if none does, an image of the same repository.

        Those of this cluster come before those of the other watched clusters. One that is found by its images has them.

        Args:
            since: an answer that was read after this will do, if it isn't old; None to read it now.
        """
        ...

    def images(self, service: Service) -> tuple[Image, ...] | Missing:
        """The images of the service's serving revision; empty if ECS lists none."""
        ...


class ServiceFamilies(Protocol):
    def of_service(self, cluster_arn: str, service: str) -> Sequence[TaskDefinitionRef]:
        """The task definitions in a service's deployments, the newest deployment's first; one for each family."""
        ...


class Registry(Protocol):
    def pushed_at(self, image: Image) -> datetime | Missing | None:
        """When an image was pushed; None if it isn't in a registry that can be asked."""
        ...


class Logs(Protocol):
    def tail(self, place: LogPlace) -> Log | Missing: ...

    def whole(self, place: LogPlace, is_complete: Callable[[WholeLog], bool]) -> WholeLog | Missing:
        """All lines, which may be none. As long as they aren't complete, they are read again: the last may be late."""
        ...


class RunningTasks(Protocol):
    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        """The tasks of a family that ECS wants to run, no matter who started them."""
        ...


class Tasks(Protocol):
    def run(self, request: Mapping[str, Any]) -> str | Refusal:
        """Start one task; returns its ARN, or why no task was started.

        Raises:
            Retryable: throttled, or no answer: a task may have started; retry with the same ``clientToken``.
            Permanent: the request can't work as it is.
        """
        ...


class JobStates(Protocol):
    """The states of jobs in the ledger."""

    def read(self, job: str) -> JobState: ...

    def commit(self, change: Change, now: datetime) -> Commit:
        """Write all of the change, or nothing and return the reason."""
        ...

    def started(self, attempt: Attempt, task_arn: str) -> None:
        """Store the task that a claimed attempt started."""
        ...


class Records(Protocol):
    def run(self, task_id: str, job: str = "", stopped_at: datetime | None = None) -> RunRecord | None:
        """
        Args:
            job, stopped_at: of a run that may have succeeded: only its job's list may have its record.
        """
        ...

    def attempt(self, key: str) -> Attempt | None: ...

    def waiting(self, cluster_arn: str) -> Sequence[Incident]:
        """The open incidents of the cluster's jobs whose re-run waits for a deploy, each without its diagnosis."""
        ...


class Lookups(Protocol):
    def look_up(
        self,
        job: str = "",
        task_id: str = "",
        attempt: str = "",
        stopped_at: datetime | None = None,
        *,
        circuit: bool = False,
    ) -> Found:
        """All of these at once; a job without a state has a new one. ``""`` is not asked for.

        Args:
            circuit: whether to read the circuit, too.
            stopped_at: as for :meth:`Records.run`. What was written a moment ago may then be left out.
        """
        ...


class RecordLookups(Records, Lookups, Protocol):
    """These ports, which one adapter implements."""


class DeployNotes(Protocol):
    """Notes about deploys, from events."""

    def of(self, cluster_arn: str) -> Sequence[DeployNote]: ...

    def write(self, note: DeployNote, now: datetime) -> bool:
        """False if another invocation wrote the row since the note's version was read; then nothing is written."""
        ...


class Timers(Protocol):
    def set(self, timer: HealingTimer) -> None:
        """Trigger ``rerun`` at the timer's time. Setting the same timer twice has no further effect."""
        ...

    def bring_forward(self, timer: RerunTimer | HoldTimer) -> None:
        """Move the timer with this name to its new time; if it has already fired, set it again."""
        ...


class Holds(Protocol):
    """The schedules that Cronmend has disabled during a deploy."""

    def get(self, cluster_arn: str, job: str) -> Hold | None: ...

    def of(self, cluster_arn: str) -> Sequence[Hold]: ...

    def put(self, hold: Hold) -> Hold | None:
        """The hold as stored; None if another invocation wrote it since its version was read."""
        ...

    def remove(self, hold: Hold) -> None:
        """Delete the hold, unless another invocation wrote it, or a newer one, since it was read."""
        ...


class Switches(Protocol):
    """Each method writes a schedule once, changes nothing else in it, and reads it back.

    Raises:
        NotFound: there is no such schedule.
        Retryable: it still was as before when it was read back.
    """

    def hold(self, job: str, mark: str) -> None:
        """Disable a schedule and add the mark to its description. One that is disabled already is left as it is."""
        ...

    def release(self, job: str, mark: str) -> bool:
        """Enable a schedule and remove the mark from its description.

        False if it doesn't have the mark, and is left as it is. Every schedule has the mark ``""``.
        """
        ...


class Modes(Protocol):
    def now(self) -> Mode | Missing:
        """The mode of all healing; Missing if it can't be read, and then nothing is re-run."""
        ...


class Circuit(Protocol):
    """The circuit breaker for all jobs: while it is open, no job is re-run."""

    def open_until(self, now: datetime) -> datetime | None: ...

    def open(self, until: datetime, message: Message, now: datetime) -> bool:
        """Open it and store the message, both or neither; False if it is already open."""
        ...

    def close(self, now: datetime) -> bool:
        """Resume healing with a new hourly budget; False if it was not open."""
        ...
