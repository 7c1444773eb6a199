"""The timers and requests that trigger ``failure_alert``, besides the ledger's stream.

A module of its own, so that the other functions don't load it.
"""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from cronmend.model.wakeups import HealingTimer, timer_name


class DeliverTimer(Struct, frozen=True):
    """Send a message again to a channel that failed."""

    kind: ClassVar[str] = "deliver"
    job: str
    incident: str
    change: str
    at: datetime

    @property
    def name(self) -> str:
        """Includes the time: two channels that failed together may be due at different times."""
        return timer_name(self.kind, f"{self.incident}/{self.change}", last=int(self.at.timestamp()))


class FlushTimer(Struct, frozen=True):
    """Send what has joined a conversation since its last message."""

    kind: ClassVar[str] = "flush"
    job: str
    """The job whose failure opened the conversation."""
    conversation: str
    at: datetime

    @property
    def name(self) -> str:
        return timer_name(self.kind, self.conversation, last=int(self.at.timestamp()))


class EscalateTimer(Struct, frozen=True):
    """The time by which an alert should be acknowledged."""

    kind: ClassVar[str] = "escalate"
    job: str
    incident: str
    route: str
    """The alert's route; its settings name the route to escalate to."""
    change: str
    """Names the alert among the incident's messages."""
    at: datetime
    postponed: int = 0
    """How often the timer was due while the job was muted."""

    @property
    def name(self) -> str:
        return timer_name(self.kind, f"{self.incident}/{self.route}/{self.change}", last=self.postponed)


class RedriveRequest(Struct, frozen=True):
    """A person asks to resend a message to the channels that failed for good."""

    kind: ClassVar[str] = "redrive"
    job: str
    incident: str
    change: str


type AlertTimer = DeliverTimer | FlushTimer | EscalateTimer
type Timer = HealingTimer | AlertTimer
