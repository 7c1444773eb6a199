"""What may become of a message at one channel, each move with its reason, and what the decision is made from."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from cronmend.alerting.conversations import Conversation, DeliveryState, MessageRef
from cronmend.alerting.facts import Member
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
    is_over: bool = False
    """Whether the job's state says that the incident is over; looked up for what follows an open one."""
    whole: Report | None = None
    """For a reminder: the alert as the job's state gives it, for a channel that doesn't know the incident."""
    lacking: tuple[str, ...] = ()
    """Channels that the route names and the stack lacks, if it has none of the route's."""


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
    member: Member | None = None
    """The incident in that conversation, with what people know of it."""
    members: tuple[Member, ...] = ()
    """Of the conversation: two show whether the incident is alone in it, all of them whether it is over."""
    is_closed: bool = False
    """Whether a channel that gets every message was sent the incident's end."""
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
    """It is not sent."""

    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.DROPPED


@dataclass(frozen=True, slots=True)
class Covered:
    """A conversation shows it, or will; nothing is sent for it alone."""

    reason: str
    state: DeliveryState = DeliveryState.JOINED
    refresh: Conversation | None = None
    """What people see of it has to be brought up to date after the batch."""
    opened: bool = False
    """Whether it is the message that the conversation started with."""


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
    """The conversation's message shows ``report``, which notifies no one."""

    conversation: Conversation
    report: Report
    reason: str
    state: DeliveryState = DeliveryState.JOINED


@dataclass(frozen=True, slots=True)
class Reply:
    """The conversation's message shows ``report``, and then its thread says what has happened."""

    conversation: Conversation
    report: Report
    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.SENT


@dataclass(frozen=True, slots=True)
class Revise:
    """The conversation waits for its time; ``conversation`` is what it then starts with."""

    conversation: Conversation
    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.JOINED


@dataclass(frozen=True, slots=True)
class SendFirst:
    """The conversation has members, but no message of it was sent: an earlier call ended, or the channel failed."""

    conversation: Conversation
    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.SENT


@dataclass(frozen=True, slots=True)
class Group:
    """It belongs in the open conversation of this key: ``decide_in_group`` says how."""

    key: str
    counted: bool = False
    """Whether a conversation that opens for it counts towards the most of a minute."""
    report: Report | None = None
    """What opens the conversation, if not the message's own report."""


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


type Act = Drop | Covered | Send | Rewrite | Reply | Revise | SendFirst
type Move = Act | Group
type GroupMove = Join | SendFirst | Open | Group
