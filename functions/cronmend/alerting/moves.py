"""The moves that can be decided for a message at one channel, each with its reason, and the input of that decision."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from msgspec import Struct, field

from cronmend.alerting.conversations import Conversation, Delivery, DeliveryState, MessageRef
from cronmend.alerting.members import Member
from cronmend.alerting.routes import Route
from cronmend.model.incident import JobState
from cronmend.model.report import ENDINGS, Message, Report


class Terms(Struct, frozen=True):
    """How the message's route delivers it."""

    route: Route
    starts_at: datetime | None = None
    """Nothing may be sent before this time, because of quiet hours, a mute or the digest."""
    acknowledged_by: str | None = None
    """Who acknowledged the incident; read only for a reminder."""
    is_over: bool = False
    """Whether the incident is over by the job's state; read only for messages about an open incident."""
    is_broken_again: bool = False
    """Whether the job has failed again since the incident ended, and people know it; read only for an ending."""
    whole: Report | None = None
    """For a reminder: the alert, from the job's state, for a channel that wasn't sent it."""
    lacking: tuple[str, ...] = ()
    """The route's channels, if the stack has none of them; else empty."""


class Before(Struct, frozen=True):
    """What the ledger has about a message before it is offered to its channels, read at once."""

    job_state: JobState
    deliveries: Mapping[str, Delivery]
    """By channel."""
    key: str = ""
    """The key of the conversation that the message may join."""
    latest: Mapping[str, str] = field(default_factory=dict)
    """The ID of the latest conversation with this key, by channel; ``""`` for a channel that never had one."""

    def latest_of(self, channel: str, key: str) -> str | None:
        """None if it wasn't read."""
        return self.latest.get(channel) if key == self.key else None


class Offer(Struct, frozen=True):
    """A message for one channel, and what people there have seen of its incident."""

    channel: str
    message: Message
    terms: Terms
    now: datetime
    groups: bool = True
    """Whether the channel sends related messages together."""
    threads: bool = True
    """Whether the channel's messages can be updated and replied to."""
    conversation: Conversation | None = None
    """The latest conversation with the incident."""
    member: Member | None = None
    """The incident in that conversation, with what people know about it."""
    members: tuple[Member, ...] = ()
    """Those of the conversation: two show whether the incident is alone in it, all of them whether everything in it is
    over."""
    is_closed: bool = False
    """Whether the incident's end was sent; only for a channel that gets every message."""
    before: Before | None = None
    """None for a channel that isn't the message's own: a fallback."""
    lines: int = 0
    """How many quiet lines the channel was sent in this minute, including this message if it is one."""

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
        """The message to update and reply to; None if there is none."""
        return self.conversation.place if self.threads and self.conversation else None


class Drop(Struct, frozen=True):
    """The message is not sent."""

    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.DROPPED


class Covered(Struct, frozen=True):
    """A conversation shows the message, or will. Nothing is sent for this message alone."""

    reason: str
    state: DeliveryState = DeliveryState.JOINED
    refresh: Conversation | None = None
    """A conversation whose message has to be updated after the batch."""
    opened: bool = False
    """Whether the conversation started with this message."""


class Send(Struct, frozen=True):
    """It is sent as a message of its own, in ``thread`` if that is set."""

    reason: str
    thread: MessageRef | None = None
    after: Conversation | None = None
    """The conversation after the message was sent; None if that changes nothing."""
    state: ClassVar[DeliveryState] = DeliveryState.SENT


class Rewrite(Struct, frozen=True):
    """The conversation's message is updated to ``report``, which notifies no one."""

    conversation: Conversation
    report: Report
    reason: str
    state: DeliveryState = DeliveryState.JOINED


class Reply(Struct, frozen=True):
    """The conversation's message is updated to ``report``, and then a reply in its thread says what happened."""

    conversation: Conversation
    report: Report
    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.SENT


class Revise(Struct, frozen=True):
    """The conversation isn't sent yet; ``conversation`` is what it will start with."""

    conversation: Conversation
    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.JOINED


class SendFirst(Struct, frozen=True):
    """The conversation has members, but no message of it was sent: an earlier call ended, or the channel failed."""

    conversation: Conversation
    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.SENT


class Group(Struct, frozen=True):
    """The message belongs in the open conversation with this key: ``decide_in_group`` decides how."""

    key: str
    counted: bool = False
    """Whether a conversation that it opens counts toward the limit per minute."""
    report: Report | None = None
    """The report that opens the conversation; None for the message's own."""


class Join(Struct, frozen=True):
    """The message joins an open conversation."""

    conversation: Conversation
    reason: str
    state: ClassVar[DeliveryState] = DeliveryState.JOINED


class Open(Struct, frozen=True):
    """The message opens a conversation, which is sent now or at its ``starts_at``."""

    conversation: Conversation
    reason: str
    state: DeliveryState = DeliveryState.SENT


type Act = Drop | Covered | Send | Rewrite | Reply | Revise | SendFirst
type Move = Act | Group
type GroupMove = Join | SendFirst | Open | Group
