"""What wakes a function later: timers, and what a person asks for.

A timer's name follows from its content: the same thing planned twice has one name, and so is set once. Every name
has at most 64 of the characters that EventBridge Scheduler allows, whatever the job is called.
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
        return _name(self.kind, self.incident, self.attempt, self.rechecks)


@dataclass(frozen=True, slots=True)
class ReleaseTimer:
    """The deadline of a held alert."""

    kind: ClassVar[str] = "release"
    job: str
    incident: str
    at: datetime

    @property
    def name(self) -> str:
        return _name(self.kind, self.incident)


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
        return _name(self.kind, self.hold, last=self.postponed)


@dataclass(frozen=True, slots=True)
class DeliverTimer:
    """A channel did not take a message: it is offered to it again."""

    kind: ClassVar[str] = "deliver"
    job: str
    incident: str
    change: str
    at: datetime

    @property
    def name(self) -> str:
        """With the time: two channels that failed at once may be due at different times."""
        return _name(self.kind, f"{self.incident}/{self.change}", last=int(self.at.timestamp()))


@dataclass(frozen=True, slots=True)
class FlushTimer:
    """A conversation sends what has joined it since its last message."""

    kind: ClassVar[str] = "flush"
    job: str
    """The job whose failure opened the conversation."""
    conversation: str
    at: datetime

    @property
    def name(self) -> str:
        return _name(self.kind, self.conversation, last=int(self.at.timestamp()))


@dataclass(frozen=True, slots=True)
class EscalateTimer:
    """An alert should have been acknowledged by now."""

    kind: ClassVar[str] = "escalate"
    job: str
    incident: str
    route: str
    """The route that the alert took; it names the one to escalate to."""
    change: str
    """The alert."""
    at: datetime
    postponed: int = 0
    """How often the job was muted when it was due."""

    @property
    def name(self) -> str:
        return _name(self.kind, f"{self.incident}/{self.route}/{self.change}", last=self.postponed)


type HealingTimer = RerunTimer | ReleaseTimer | HoldTimer
"""Wakes ``rerun``."""
type AlertTimer = DeliverTimer | FlushTimer | EscalateTimer
"""Wakes ``failure_alert``."""
type Timer = HealingTimer | AlertTimer


@dataclass(frozen=True, slots=True)
class RedriveRequest:
    """A person has a message offered again to the channels that had failed for good."""

    kind: ClassVar[str] = "redrive"
    job: str
    incident: str
    change: str


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A person wants a job to run now. ``id`` is new for each request; ``force`` overrides the guards."""

    job: str
    id: str
    force: bool = False
    by: str = ""


def _name(kind: str, about: str, number: int = 0, last: int = 0) -> str:
    return f"{kind}-{stable_key(about, number)}-{last}"
