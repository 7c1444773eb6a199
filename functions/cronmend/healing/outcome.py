"""A run that ended or failed, as far as it is known before its job's state is read. Pure."""

from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.jobs import identity, timetables
from cronmend.jobs.slots import aware, slot_of_run, tasks_of
from cronmend.model import Creation, Diagnosis, FailedTask, Identity, LogPlace, Missing, Policy, UnreportedRun
from cronmend.model.incident import Attempt


class Outcome(Struct, frozen=True):
    task: FailedTask
    identity: Identity
    diagnosis: Diagnosis
    attempt: Attempt | None
    """The claim of this run, if Cronmend started it."""
    now: datetime
    bound: int = 0
    """The most re-runs that the incident may have for a cause of this kind."""
    log: LogPlace | None = None
    policy: Policy = Policy.UNSTARTED
    by_hand: str = ""
    """A command for a person; ``""`` if the job's schedule can run it."""
    grace: timedelta = timetables.SHORTEST_GRACE
    """How long after its slot it may start."""
    failed_since: datetime | None = None
    """For a success: when the latest failed run was created that may be of this job, and couldn't be attributed."""

    @property
    def is_alive(self) -> bool:
        """Whether its task hasn't ended: no other run's success answers that."""
        return isinstance(self.task, UnreportedRun) and bool(self.task.task_arn)

    @property
    def number(self) -> int:
        """Which run of its slot it was; 1 is the schedule's own."""
        return self.attempt.number if self.attempt else 1

    @property
    def slot(self) -> str:
        """ISO 8601; ``""`` if it isn't known. A re-run has the slot of the run that it repeats."""
        schedule, created_at = self.identity.schedule, self.task.created_at or self.now
        return self.named_slot if self.attempt else slot_of_run(schedule, self.named_slot, created_at)

    @property
    def named_slot(self) -> str:
        """The slot that the run itself names, or that a re-run repeats; ``""`` if neither is known."""
        if self.attempt:
            return self.attempt.slot or ""
        own = self.task.slot if isinstance(self.task, UnreportedRun) else ""
        return own or identity.declared_slot(self.task)

    @property
    def late(self) -> str:
        """How long after its slot the schedule started it, as a clause; ``""`` if it was in time."""
        schedule, created_at = self.identity.schedule, self.task.created_at
        if self.attempt or created_at is None or isinstance(schedule, Missing):
            return ""
        return timetables.late(created_at, aware(self.slot), schedule.flexible, self.grace)

    @property
    def tasks(self) -> int:
        """How many tasks the schedule starts at once."""
        return tasks_of(self.identity.schedule)

    @property
    def of_set(self) -> bool:
        """Whether a call for a whole slot started the run, or should have, and not one that repeats a task."""
        if self.attempt:
            return self.attempt.whole_slot
        return not self.task.task_arn or bool(identity.name_prefix(self.task))

    @property
    def creation(self) -> Creation:
        """A run of which ECS doesn't say when it was created counts as created now: no earlier success answers it."""
        at = self.task.created_at or self.now
        return Creation(at, self.task.started_by, self.slot, no_task=not self.task.task_arn)
