"""What triggers ``failure_alert`` besides the ledger's stream: timers, and a person's request.

A module of its own, so that the other functions don't load it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from cronmend.model.wakeups import HealingTimer, timer_name


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
        return timer_name(self.kind, f"{self.incident}/{self.change}", last=int(self.at.timestamp()))


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
        return timer_name(self.kind, self.conversation, last=int(self.at.timestamp()))


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
        return timer_name(self.kind, f"{self.incident}/{self.route}/{self.change}", last=self.postponed)


@dataclass(frozen=True, slots=True)
class RedriveRequest:
    """A person has a message offered again to the channels that had failed for good."""

    kind: ClassVar[str] = "redrive"
    job: str
    incident: str
    change: str


type AlertTimer = DeliverTimer | FlushTimer | EscalateTimer
type Timer = HealingTimer | AlertTimer
