"""What triggers ``rerun``: timers, and a person's request. Those of ``failure_alert`` are in ``alert_wakeups.py``.

A timer's name follows from its content: the same thing planned twice has one name, so it is set once. Every name has at
most 64 of the characters that EventBridge Scheduler allows, whatever the job is called.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from cronmend.model.keys import stable_key


@dataclass(frozen=True, slots=True)
class RerunTimer:
    """A planned re-run is due."""

    kind: ClassVar[str] = "rerun"
    job: str
    incident: str
    attempt: int
    at: datetime
    rechecks: int = 0
    """How often the attempt was due before: the deploy was still open, or AWS did not answer."""

    @property
    def name(self) -> str:
        return timer_name(self.kind, self.incident, self.attempt, self.rechecks)


@dataclass(frozen=True, slots=True)
class ReleaseTimer:
    """The deadline of a held alert."""

    kind: ClassVar[str] = "release"
    job: str
    incident: str
    at: datetime

    @property
    def name(self) -> str:
        return timer_name(self.kind, self.incident)


@dataclass(frozen=True, slots=True)
class HoldTimer:
    """The latest end of a hold: the schedule is enabled again."""

    kind: ClassVar[str] = "hold"
    job: str
    hold: str
    """The hold's id."""
    at: datetime
    postponed: int = 0
    """How often a later deploy had extended the hold when it was due."""

    @property
    def name(self) -> str:
        return timer_name(self.kind, self.hold, last=self.postponed)


type HealingTimer = RerunTimer | ReleaseTimer | HoldTimer


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A person wants a job to run now. ``id`` is new for each request; ``force`` overrides the guards."""

    job: str
    id: str
    force: bool = False
    by: str = ""


def timer_name(kind: str, about: str, number: int = 0, last: int = 0) -> str:
    return f"{kind}-{stable_key(about, number)}-{last}"
