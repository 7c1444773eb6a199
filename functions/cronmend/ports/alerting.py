"""What alerting asks of the outside: channels, and what is remembered of them. Ports, as in ``ports/healing.py``."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from cronmend.alerting.conversations import Conversation, Delivery, Health, Member, MessageRef, Mute
from cronmend.model.alert_wakeups import AlertTimer
from cronmend.model.report import Message, Report


class Channel(Protocol):
    name: str
    groups: bool
    """Whether people read it, so that related messages are sent together; a machine gets every message."""
    gap: timedelta
    """The least time between two messages; zero where there is no bound worth minding."""

    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        """Deliver, in the thread if the channel has threads; returns where the message is.

        Raises:
            Retryable: it may be taken later; Throttled says when.
            Permanent: it will not be taken, whoever asks.
        """
        ...


@runtime_checkable
class Threaded(Protocol):
    """A channel whose messages can be updated."""

    def update(self, report: Report, place: MessageRef) -> MessageRef | None:
        """Replace a message; if it is gone, send it again. Raises as ``send`` does."""
        ...


class Outbox(Protocol):
    """The messages that the ledger holds, and what became of each."""

    def message(self, job: str, incident: str, change: str) -> Message | None: ...

    def deliveries(self, message: Message) -> Mapping[str, Delivery]:
        """By channel."""
        ...

    def note(self, message: Message, channel: str, delivery: Delivery) -> None: ...


class Conversations(Protocol):
    def current(self, channel: str, key: str) -> Conversation | None:
        """The one that further failures of its cause join."""
        ...

    def of_incident(self, channel: str, incident: str) -> Conversation | None:
        """The latest one that the incident is in, open or not."""
        ...

    def by_id(self, conversation_id: str) -> Conversation | None: ...

    def save(self, conversation: Conversation, now: datetime) -> Conversation | None:
        """As it is in the ledger now; None if another call wrote it, or opened one, since it was read."""
        ...


class Members(Protocol):
    def join(self, conversation: Conversation, member: Member, now: datetime) -> None:
        """Again for the same job is once."""
        ...

    def of(self, conversation: Conversation, most: int | None = None) -> tuple[Member, ...]: ...


class ConversationStore(Conversations, Members, Protocol):
    """Both, as one adapter holds them."""


class RateLimit(Protocol):
    def slot(self, channel: str, gap: timedelta, now: datetime) -> datetime:
        """The moment from which the channel may send; nobody else is given the same."""
        ...

    def opened(self, channel: str, now: datetime) -> int:
        """Counts one more conversation that wants to open; answers how many have in this minute."""
        ...


class Mutes(Protocol):
    def until(self, job: str, now: datetime) -> datetime | None:
        """The latest end of those that cover the job; None where none does."""
        ...

    def all(self, now: datetime) -> Sequence[Mute]: ...

    def set(self, mute: Mute) -> None: ...

    def lift(self, jobs: str) -> bool:
        """False where there was none of that name."""
        ...


class ChannelHealth(Protocol):
    def note(self, channel: str, at: datetime, error: str = "") -> None:
        """It took a message or, with an error, did not."""
        ...

    def all(self) -> Sequence[Health]: ...


class DeadLetters(Protocol):
    def put(self, message: Message, channel: str, reason: str) -> None:
        """Keep for a person what could not be delivered; the queue's alarm calls one."""
        ...


class AlertTimers(Protocol):
    def set(self, timer: AlertTimer) -> None:
        """Wake ``failure_alert`` at the timer's time. Setting the same timer twice is setting it once."""
        ...
