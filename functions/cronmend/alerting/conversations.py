"""Conversations: in each channel, one for all failures with one cause. Pure.

A conversation's first report is sent at once. Failures that join it later are sent together when it is *flushed*: as an
update of the first message, or as one more message. ``members`` has what people know about each incident in it.
"""

from collections.abc import Callable, Sequence
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from cronmend.model.alert_wakeups import FlushTimer
from cronmend.model.incident import Incident, IncidentState
from cronmend.model.report import ALERTS, ENDINGS, Message, MessageKind, Report

WINDOW = timedelta(minutes=5)
"""How long a conversation groups further failures before it is flushed, unless the template says otherwise."""
ROUNDS = 288
"""A conversation that failures have joined for a whole day ends: the next failure opens a new one."""
UPDATE_INTERVAL = timedelta(seconds=5)
"""The least time between two updates of a message."""
BURST = 10
"""How many conversations a channel may open, and how many quiet lines it gets, in a minute; the rest are sent together.
"""

FOLLOWED = ALERTS | {MessageKind.PROGRESS, MessageKind.REMINDER, MessageKind.ESCALATION}
"""Kinds that are about an open incident: once it is over, they mean nothing."""

UNOFFERED = "not offered to a channel yet"
"""In place of a channel's answer."""

_MANY = "many"
_ENDINGS = "endings"


class DeliveryState(StrEnum):
    """The state of a message's delivery to one channel."""

    SENT = "sent"
    JOINED = "joined"
    """It is part of a conversation; people know about it once that conversation's message has shown it."""
    WAITING = "waiting"
    """The channel didn't accept it: it is sent again at ``due``."""
    DROPPED = "dropped"
    """It is not sent; ``reason`` gives the reason."""
    FAILED = "failed"
    """It isn't sent again unless a person requests it."""

    @property
    def words(self) -> str:
        """What the channel did with the message."""
        return _WORDS[self]


_WORDS = {
    DeliveryState.SENT: "sent",
    DeliveryState.JOINED: "added to a conversation",
    DeliveryState.WAITING: "refused, to be sent again",
    DeliveryState.DROPPED: "not sent",
    DeliveryState.FAILED: "couldn't be delivered",
}


class Delivery(Struct, frozen=True):
    state: DeliveryState
    at: datetime
    reason: str = ""
    tries: int = 0
    """How often the channel has failed to accept it."""
    due: datetime | None = None
    escalate_at: datetime | None = None
    """When the alert escalates if no one acknowledges it; None if this delivery starts no escalation."""

    @property
    def is_final(self) -> bool:
        return self.state is not DeliveryState.WAITING

    def answer(self, clock: Callable[[datetime], str]) -> str:
        """What the channel did with the message, when it is tried again in the words of ``clock``, and why."""
        again = f" at {clock(self.due)}" if self.due and not self.is_final else ""
        return ": ".join(filter(None, (f"{self.state.words}{again}", self.reason)))


class MessageRef(Struct, frozen=True):
    """A message that can be updated and replied to, by Slack's own names."""

    channel: str
    ts: str


class Conversation(Struct, frozen=True):
    """Failures with one cause in one channel. ``key`` is the cause, or names something else that its members share."""

    channel: str
    key: str
    opened_at: datetime
    message: Message
    """The message that opened it, with the latest report of its incident."""
    place: MessageRef | None = None
    sending_until: datetime | None = None
    """Until when one call may send the first message. If that time has passed, the call was cut off, and people may
    have the message."""
    jobs_shown: int = 0
    """How many incidents its message shows; 0 if nothing was sent yet."""
    sent_at: datetime | None = None
    """When something in it was last sent."""
    rounds: int = 0
    starts_at: datetime | None = None
    """Nothing is sent before this time, because of quiet hours, a mute or the digest."""
    shown_at: datetime | None = None
    """When its message was last written."""
    due: datetime | None = None
    """When it is flushed next; None if there is nothing to send. An earlier timer has no effect."""
    rewritten: str = ""
    """The latest message whose report is shown in place of the first one's, as ``<incident>#<change>``."""
    answered: str = ""
    """The latest message with a reply in the thread, in the same form."""
    ended_at: datetime | None = None
    """When the thread's last line was sent; None while one of the incidents is open."""
    failures: int = 0
    """How often in a row the channel failed to accept it."""
    is_open: bool = True
    """Whether further failures with its cause join it."""
    version: int = 0

    @property
    def id(self) -> str:
        return f"{self.channel}#{self.key}#{self.opened_at.isoformat()}"

    @property
    def is_first_sent(self) -> bool:
        return self.jobs_shown > 0


class Health(Struct, frozen=True):
    """Whether a channel still delivers."""

    channel: str
    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""


def flush_of(conversation: Conversation) -> tuple[FlushTimer, ...]:
    """The timer that flushes it; empty if it isn't due."""
    due = conversation.due
    return (FlushTimer(conversation.message.job, conversation.id, due),) if due else ()


def key_of(report: Report, starts_at: datetime | None) -> str:
    """What a report is grouped by. A report that has to wait is never grouped with one that was already sent."""
    return _later(_ENDINGS if report.kind in ENDINGS else report.cause, starts_at)


def overflow_group(starts_at: datetime | None) -> str:
    """The key of the conversation for failures with too many causes for one conversation each."""
    return _later(_MANY, starts_at)


def is_overflow(conversation: Conversation) -> bool:
    return conversation.key.partition("@")[0] == _MANY


def _later(key: str, starts_at: datetime | None) -> str:
    return f"{key}@{starts_at:%Y%m%dT%H%M%S}" if starts_at else key


def is_same(conversation: Conversation, report: Report) -> bool:
    """Whether the report has the conversation's cause, so that it adds none that people can't see."""
    return is_overflow(conversation) or report.cause in {"", conversation.message.report.cause}


def is_of_endings(conversation: Conversation) -> bool:
    return conversation.message.report.kind in ENDINGS


def shown(conversation: Conversation, incidents: int, place: MessageRef | None, now: datetime) -> Conversation:
    """The conversation after its message was written with this many ``incidents``."""
    written = replace(conversation, place=place, jobs_shown=max(1, incidents), shown_at=now)
    return replace(written, sending_until=None, starts_at=None, failures=0)


def updated(conversation: Conversation, report: Report) -> Conversation:
    """The conversation with a newer report of the incident that opened it."""
    return replace(conversation, message=replace(conversation.message, report=report))


def is_opened_by(conversation: Conversation, message: Message) -> bool:
    """Whether the message is the one that opened the conversation, delivered again."""
    opener = conversation.message
    return (opener.incident, opener.change) == (message.incident, message.change)


def has_started_with(conversation: Conversation, message: Message) -> bool:
    """Whether this message was sent as the conversation's first."""
    return conversation.is_first_sent and is_opened_by(conversation, message)


def of_message(found: Sequence[Conversation], message: Message) -> Conversation | None:
    """The incident's conversation that the message belongs to.

    The one of its end, if it is over; the one that the message opened; for an alert, the one of its cause; the latest.
    """
    report, latest_first = message.report, list(reversed(found))
    ranked = (
        *(each for each in latest_first if is_of_endings(each)),
        *(each for each in latest_first if is_opened_by(each, message)),
        *(each for each in latest_first if report.kind in ALERTS and each.message.report.cause == report.cause),
        *latest_first,
    )
    return next(iter(ranked), None)


def name_of(message: Message) -> str:
    return f"{message.incident}#{message.change}"


def is_broadcast(kind: MessageKind) -> bool:
    """Whether a reply in a thread also shows in the channel."""
    return kind in {MessageKind.GAVE_UP, MessageKind.HALF_DONE, MessageKind.REMINDER, MessageKind.ESCALATION}


def is_broken_again(incident: Incident | None, past: str) -> bool:
    """Whether people know about a newer open incident of the job. A message that the past one is over would then read
    as if the job had recovered. While the incident's own alert is held, people may know that a run of it hangs."""
    if incident is None or incident.id == past or not incident.is_open:
        return False
    return incident.state is IncidentState.ALERTED or bool(incident.notified)


def has_ended(incident: Incident | None, message: Message) -> bool:
    """Whether the message's incident is over: it is not the job's latest ``incident``, or that isn't open any more."""
    if message.report.kind not in FOLLOWED or incident is None:
        return False
    return incident.id != message.incident or not incident.is_open
