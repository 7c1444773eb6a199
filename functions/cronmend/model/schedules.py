"""Schedules as EventBridge Scheduler holds them, and which of them a run belongs to."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from cronmend.model.categories import ScheduleState
from cronmend.model.runs import Missing


class LiveSchedule(Struct, frozen=True):
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
    """When the schedule was created: a rate without a start date counts from then."""
    flexible: timedelta = timedelta(0)
    """The schedule's own run may start up to this long after its slot."""
    description: str = ""
    dead_letters: str = ""
    """The ARN of its dead-letter queue; ``""`` if it has none."""
    role: str = ""
    """The ARN of the role that EventBridge runs the task with; ``""`` if it has none."""
    held_until: datetime | None = None
    """When Cronmend enables it again at the latest; None if Cronmend didn't disable it."""

    @property
    def name(self) -> str:
        return self.job.rsplit("/", 1)[-1]

    @property
    def state(self) -> ScheduleState:
        """One that Cronmend holds counts as enabled: it continues after the deploy."""
        return ScheduleState.ENABLED if self.enabled or self.held_until else ScheduleState.DISABLED


class LookAlike(Struct, frozen=True):
    """A schedule whose runs can't be told from those of a job that doesn't name itself in them."""

    job: str
    until: datetime | None = None
    """Runs that were created later aren't its own: it was deleted or changed. None if no check has found that."""


class Identity(Struct, frozen=True):
    """Which job a run belongs to. Only a job that is certain may be re-run."""

    job: str
    certain: bool
    reason: str
    schedule: LiveSchedule | Missing
