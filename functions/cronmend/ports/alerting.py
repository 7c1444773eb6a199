"""Ports of alerting: channels, stored messages and conversations, mutes, health and timers."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from cronmend.alerting.conversations import Conversation, Delivery, Health, MessageRef
from cronmend.alerting.members import Member, WithMembers
from cronmend.alerting.moves import Before
from cronmend.model.alert_wakeups import AlertTimer
from cronmend.model.incident import JobState
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

    def note(self, message: Message, deliveries: Mapping[str, Delivery], *, offered: bool = False) -> None:
        """Store these of the message's deliveries, by channel, with one write.

        Args:
            offered: whether every channel has the message now, or a timer of its own for it: nothing is promised then.
        """
        ...


class Outbox(StoredMessages, Deliveries, Protocol):
    """The messages in the ledger, with the state of each delivery."""


class AlertLookups(Protocol):
    """Reads of several items at once."""

    def before(self, message: Message, key: str, channels: Sequence[str]) -> Before:
        """What is known about the message, and which conversation with the key was the latest in each channel.

        Args:
            key: ``""`` if the message joins no conversation.
        """
        ...

    def after_join(self, conversation_id: str, job: str) -> tuple[Conversation | None, JobState]: ...


class Conversations(Protocol):
    def current(self, channel: str, key: str) -> Conversation | None:
        """The open conversation that further failures with its cause join."""
        ...

    def latest(self, channel: str, key: str) -> str:
        """The ID of the latest conversation with this key, open or not; ``""`` if there was none."""
        ...

    def by_id(self, conversation_id: str) -> Conversation | None: ...

    def save(self, conversation: Conversation, now: datetime, seen: Sequence[Member] = ()) -> Conversation | None:
        """The conversation as stored; None if another call wrote it since it was read.

        Args:
            seen: members with what people know of them by now, stored together with it.
        """
        ...


class Members(Protocol):
    def join(self, conversation: Conversation, member: Member, now: datetime) -> None:
        """Add the member. One that is there already keeps its fact, and only gets the end of its incident."""
        ...

    def of(self, conversation: Conversation, most: int | None = None) -> tuple[Member, ...]: ...

    def whole(self, conversation_id: str, most: int | None = None) -> WithMembers | None:
        """The conversation with its members, at most ``most`` of them, read at once."""
        ...


class Facts(Protocol):
    def member(self, conversation: Conversation, job: str, incident: str) -> Member | None:
        """The incident in the conversation, with what people know of it."""
        ...

    def seen(self, conversation: Conversation, members: Sequence[Member], now: datetime) -> None:
        """Store what people know of the members by now."""
        ...


class IncidentConversations(Protocol):
    """Conversations by the incidents in them."""

    def open(
        self, conversation: Conversation, member: Member, now: datetime, most: int | None = None
    ) -> Conversation | None:
        """Store a new conversation with its first member and its timer's promise; None if one of its key is open.

        Args:
            most: how many conversations the channel may open in this minute, this one included: None if it has opened
                so many by now. Without it, the conversation doesn't count.
        """
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
        """Count one more conversation; returns the count of this minute."""
        ...

    def in_minute(self, channel: str, now: datetime) -> int:
        """The count of this minute."""
        ...


class Mutes(Protocol):
    def all(self, now: datetime) -> Sequence[Mute]: ...

    def set(self, mute: Mute) -> None: ...

    def lift(self, jobs: str) -> bool:
        """False if there was no such mute."""
        ...


class HealthNotes(Protocol):
    def accepted(self, channels: Mapping[str, datetime]) -> None:
        """Store when each of these channels accepted a message, with one write."""
        ...

    def failed(self, channel: str, at: datetime, error: str) -> None: ...


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
