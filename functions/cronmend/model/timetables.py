"""When schedules start their jobs, as the ledger keeps it, so that a check needs to read only what has changed."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from cronmend.model.incident import RunRecord
from cronmend.model.schedules import LiveSchedule


class Listed(Struct, frozen=True):
    """A schedule or rule as AWS lists it."""

    source: str
    """The job's ID; of a rule, without its target."""
    version: str
    """Differs after each change that AWS's list shows."""
    changed_at: datetime | None = None
    """When it was changed last; None if AWS doesn't say."""


FEW: Final = 5
"""As many schedules are read without a look at their timetables."""
TARGET_FORM: Final = 1
"""Grows with each field that every schedule has to be read again for."""


class Target(Struct, frozen=True):
    """What a schedule starts, for those who don't read the schedule. The defaults are for one that starts nothing."""

    has_dead_letters: bool = True
    is_held: bool = False
    """Whether Cronmend disabled it during a deploy."""
    work: str = ""
    """Equal for schedules whose runs look alike; ``""`` if a run names its job."""
    migrates: bool = False
    """Whether its command migrates a database."""
    definition: tuple[str, ...] = ()
    """The target's part of what :mod:`cronmend.jobs.definitions` compares; empty for a rule."""
    runs: str = ""
    """The digest of what its runs do (jobs/work.py); ``""`` if it isn't known."""
    role: str = ""
    """The ARN of the role that EventBridge runs the task with; ``""`` if it has none."""
    task_role: str = ""
    """ARN; ``""`` if the target doesn't replace that of the task definition, as the next one."""
    execution_role: str = ""
    containers: tuple[str, ...] = ()
    """Those whose command or environment the target replaces."""
    form: int = 0
    """Below :data:`TARGET_FORM` if an earlier version of Cronmend wrote it: the schedule is read again."""


class Timetable(Struct, frozen=True):
    """When a schedule starts its job, and up to when its slots were checked."""

    job: str
    source: str
    """Where it was read from: ``source`` of :class:`Listed`."""
    version: str
    cluster_arn: str
    expression: str
    timezone: str
    enabled: bool
    since: datetime
    """Since when it has been as it is: earlier slots aren't missed."""
    checked_until: datetime
    """The slots up to then were checked."""
    flexible: int = 0
    """Minutes."""
    start: datetime | None = None
    end: datetime | None = None
    created: datetime | None = None
    seen: datetime | None = None
    """When a run was created that the schedule started: a rule's rate counts from then."""
    due: datetime | None = None
    """When it is to be checked again; None for at once."""
    task_definition: str = ""
    """In the schedule's target, as the target names it; ``""`` if an earlier version of Cronmend read the schedule."""
    unclear: str = ""
    """Why its runs can't be told from those of other schedules, as a clause; ``""`` if they can."""
    target: Target | None = None
    """None in a row of an earlier version: the schedule is read again."""
    look_alikes: tuple[str, ...] = ()
    """The schedules that its job's state has as present ones whose runs look like its own."""

    @property
    def live(self) -> LiveSchedule:
        """The schedule, as far as its slots depend on it."""
        return LiveSchedule(
            job=self.job,
            arn="",
            enabled=self.enabled,
            expression=self.expression,
            timezone=self.timezone,
            cluster_arn=self.cluster_arn,
            parameters={},
            target_input="",
            start=self.start,
            end=self.end,
            created=self.created,
            flexible=timedelta(minutes=self.flexible),
        )

    def is_current(self, version: str) -> bool:
        """Whether the schedule still has the version that was read. No if AWS doesn't say which it has: ``""``."""
        return version != "" and self.version == version


class LastCheck(Struct, frozen=True):
    """The latest check of all schedules that came to its end."""

    at: datetime
    clusters: tuple[str, ...]
    """The ARNs of the clusters that were watched."""
    resumed_at: datetime | None = None
    """When checks began again after a gap; None if there was none."""


class RecordedRun(Struct, frozen=True):
    """A stopped run, as far as it matters for its slot."""

    created_at: datetime
    started_by: str
    slot: str = ""
    """The slot that it named, or that a re-run was made for, ISO 8601; ``""`` if it has none."""
    stopped_at: datetime | None = None
    """Not stored with it: the key of its row has it."""


def recorded(run: RunRecord) -> RecordedRun | None:
    """None if it isn't known when the run was created."""
    return RecordedRun(run.created_at, run.started_by, run.slot) if run.created_at else None
