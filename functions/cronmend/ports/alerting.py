"""Ports of alerting: channels, stored messages and conversations, mutes, health and timers."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from cronmend.alerting.conversations import Conversation, Delivery, Health, MessageRef
from cronmend.alerting.members import Member
from cronmend.model.alert_wakeups import AlertTimer
from cronmend.model.mutes import Mute
from cronmend.model.report import Message, Report


class Channel(Protocol):
    name: str
    groups: bool
    """Whether people read it, so that related messages are sent together; a machine gets every message."""
    gap: timedelta
    """The least time between two messages; zero if the channel has no limit that matters."""

    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        """Deliver, in the thread if the channel has threads; returns where the message is.

        Raises:
            Retryable: the channel may accept it later; RateLimited says when.
            Gone: the thread's message, or its channel, is gone; a new message may be accepted.
            Permanent: the channel won't accept it.
        """
        ...


@runtime_checkable
class Threaded(Protocol):
    """A channel whose messages can be updated."""

    def update(self, report: Report, place: MessageRef) -> MessageRef:
        """Replace a message; returns where it is. Raises as ``send`` does; Gone if the message isn't there."""
        ...


class StoredMessages(Protocol):
    def message(self, job: str, incident: str, change: str) -> Message | None: ...

    def of_incident(self, job: str, incident: str) -> Sequence[tuple[Message, Mapping[str, Delivery]]]:
        """The incident's messages that have not expired, each with its deliveries by channel."""
        ...


class Deliveries(Protocol):
    def deliveries(self, message: Message) -> Mapping[str, Delivery]:
        """The state of the message's delivery, by channel."""
        ...

    def note(self, message: Message, deliveries: Mapping[str, Delivery]) -> None:
        """Store these of the message's deliveries, by channel, with one write."""
        ...


class Outbox(StoredMessages, Deliveries, Protocol):
    """The messages in the ledger, with the state of each delivery."""


class Conversations(Protocol):
    def current(self, channel: str, key: str) -> Conversation | None:
        """The open conversation that further failures with its cause join."""
        ...

    def by_id(self, conversation_id: str) -> Conversation | None: ...

    def save(self, conversation: Conversation, now: datetime) -> Conversation | None:
        """The conversation as stored; None if another call wrote it since it was read."""
        ...


class Members(Protocol):
    def join(self, conversation: Conversation, member: Member, now: datetime) -> None:
        """Add the member. One that is there already keeps its fact, and only gets the end of its incident."""
        ...

    def of(self, conversation: Conversation, most: int | None = None) -> tuple[Member, ...]: ...


class Facts(Protocol):
    def member(self, conversation: Conversation, job: str, incident: str) -> Member | None:
        """The incident in the conversation, with what people know of it."""
        ...

    def seen(self, conversation: Conversation, members: Sequence[Member], now: datetime) -> None:
        """Store what people know of the members by now."""
        ...


class IncidentConversations(Protocol):
    """Conversations by the incidents in them."""

    def open(self, conversation: Conversation, member: Member, now: datetime) -> Conversation | None:
        """Store a new conversation with its first member; None if one of its key is open."""
        ...

    def of_incident(self, incident: str) -> Mapping[str, Sequence[Conversation]]:
        """The conversations that contain the incident, open or not, oldest first, of each channel that has any."""
        ...


class ConversationStore(Conversations, Members, Facts, IncidentConversations, Protocol):
    """These ports, which one adapter implements."""


class RateLimit(Protocol):
    def slot(self, channel: str, gap: timedelta, now: datetime, within: timedelta) -> datetime:
        """Reserve a time from which the caller may send; no other caller gets the same one.

        A time that is further away than ``within`` is only returned: reserved by a caller that won't wait for it, it
        would put off all others, and each retry would reserve one more.
        """
        ...

    def opened(self, channel: str, now: datetime) -> int:
        """Count one more conversation that is about to open; returns the count of this minute."""
        ...


class Mutes(Protocol):
    def all(self, now: datetime) -> Sequence[Mute]: ...

    def set(self, mute: Mute) -> None: ...

    def lift(self, jobs: str) -> bool:
        """False if there was no such mute."""
        ...


class HealthNotes(Protocol):
    def note(self, channel: str, at: datetime, error: str = "") -> None:
        """Store that the channel accepted a message or, with an error, failed."""
        ...


class ChannelHealth(HealthNotes, Protocol):
    def all(self) -> Sequence[Health]: ...


class DeadLetters(Protocol):
    def put(self, message: Message, channel: str, reason: str) -> None:
        """Keep an undelivered message; the queue's alarm notifies people."""
        ...


class AlertTimers(Protocol):
    def set(self, timer: AlertTimer) -> None:
        """Trigger ``failure_alert`` at the timer's time. Setting the same timer twice has no further effect."""
        ...
