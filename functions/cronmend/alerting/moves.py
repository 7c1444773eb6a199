"""What may become of a message at one channel, each move with its reason, and what the decision is made from."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from cronmend.alerting.conversations import Conversation, DeliveryState, Member, MessageRef
from cronmend.alerting.routes import Route
from cronmend.model.report import ENDINGS, Message, Report


@dataclass(frozen=True, slots=True)
class Terms:
    """How the message's route wants it delivered."""

    route: Route
    starts_at: datetime | None = None
    """Nothing may be sent before: quiet hours, a mute or the hour of the digest."""
    acknowledged_by: str | None = None
    """Who has acknowledged the incident; looked up for a reminder only."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A message for one channel, and what people have seen of its incident there."""

    channel: str
    message: Message
    terms: Terms
    now: datetime
    groups: bool = True
    """Whether the channel sends related messages together."""
    threads: bool = True
    """Whether the channel's messages can be updated and answered."""
    conversation: Conversation | None = None
    """The latest one that the incident is in."""
    members: tuple[Member, ...] = ()
    """Of the conversation: two show whether the incident is alone in it, all of them whether it is over."""
    lines: int = 0
    """How many quiet lines the channel has had in this minute, this message included, if it is one."""

    @property
    def report(self) -> Report:
        return self.message.report

    @property
    def is_ending(self) -> bool:
        return self.report.kind in ENDINGS

    @property
    def waits(self) -> bool:
        return self.terms.starts_at is not None

    @property
    def is_alone(self) -> bool:
        return len(self.members) < 2

    @property
    def thread(self) -> MessageRef | None:
        """The message to update and answer, if there is one."""
        return self.conversation.place if self.threads and self.conversation else None


@dataclass(frozen=True, slots=True)
class Drop:
    """Nobody has to be told."""

    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.DROPPED


@dataclass(frozen=True, slots=True)
class Covered:
    """A conversation shows it, or will; nothing is sent for it alone."""

    reason: str
    state: DeliveryState = DeliveryState.JOINED
    refresh: Conversation | None = None
    """What people see of it has to be brought up to date after the batch."""


@dataclass(frozen=True, slots=True)
class Send:
    """A message of its own, in a thread if one is named."""

    reason: str
    thread: MessageRef | None = None
    after: Conversation | None = None
    """The conversation as it is once the message has been sent; None if that changes nothing."""
    state: ClassVar[DeliveryState] = DeliveryState.SENT


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The conversation's message shows ``report``; nobody is notified of it."""

    conversation: Conversation
    report: Report
    reason: str
    state: DeliveryState = DeliveryState.JOINED


@dataclass(frozen=True, slots=True)
class Reply:
    """The thread says what has happened, and the conversation's message shows ``report``."""

    conversation: Conversation
    report: Report
    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.SENT


@dataclass(frozen=True, slots=True)
class SendFirst:
    """The conversation is open, but an earlier call ended before its first message was sent."""

    conversation: Conversation
    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.SENT


@dataclass(frozen=True, slots=True)
class Group:
    """It belongs in the open conversation of this key: ``decide_in_group`` says how."""

    key: str
    counted: bool = False
    """Whether a conversation that opens for it counts towards the most of a minute."""


@dataclass(frozen=True, slots=True)
class Join:
    """It joins an open conversation."""

    conversation: Conversation
    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.JOINED


@dataclass(frozen=True, slots=True)
class Open:
    """It opens a conversation: sent now, or at the conversation's time."""

    conversation: Conversation
    reason: str
    state: DeliveryState = DeliveryState.SENT


type Act = Drop | Covered | Send | Rewrite | Reply | SendFirst
type Move = Act | Group
type GroupMove = Join | SendFirst | Open | Group
