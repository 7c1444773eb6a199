"""The timers and requests that trigger ``rerun``. Those of ``failure_alert`` are in ``alert_wakeups.py``.

A timer's name is derived from its content, so a timer that is planned twice is set once. Every name has at most 64
characters, all of them allowed by EventBridge Scheduler, whatever the job's name is.
"""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from cronmend.model.keys import stable_key


class RerunTimer(Struct, frozen=True):
    """A planned re-run is due."""

    kind: ClassVar[str] = "rerun"
    job: str
    incident: str
    attempt: int
    at: datetime
    rechecks: int = 0
    """How often the attempt was due and postponed: a deploy was in progress, or AWS did not answer."""

    @property
    def name(self) -> str:
        return timer_name(self.kind, self.incident, self.attempt, self.rechecks)


class ReleaseTimer(Struct, frozen=True):
    """The deadline of a held alert."""

    kind: ClassVar[str] = "release"
    job: str
    incident: str
    at: datetime

    @property
    def name(self) -> str:
        """An incident may hold an alert again for another cause, until another time."""
        return timer_name(self.kind, self.incident, int(self.at.timestamp()))


class HoldTimer(Struct, frozen=True):
    """The latest end of a hold: the schedule is enabled again then."""

    kind: ClassVar[str] = "hold"
    job: str
    hold: str
    """The ID of the hold."""
    at: datetime
    postponed: int = 0
    """How often the timer was due while a later deploy had extended the hold."""

    @property
    def name(self) -> str:
        return timer_name(self.kind, self.hold, last=self.postponed)


type HealingTimer = RerunTimer | ReleaseTimer | HoldTimer


class RunRequest(Struct, frozen=True):
    """A person asks to run a job now. ``id`` is new for each request; ``force`` overrides guards."""

    job: str
    id: str
    force: bool = False
    by: str = ""
    slot: str = ""
    """The missed slot that the run is for, ISO 8601; ``""`` for none."""


def timer_name(kind: str, about: str, number: int = 0, last: int = 0) -> str:
    return f"{kind}-{stable_key(about, number)}-{last}"
