"""Conversations: in each channel, one for all failures of one cause. Pure.

A conversation's first report is sent at once. Failures that join it later are sent together when it is *flushed*: in a
new form of the first message, or in one more message. What people know of each incident in it is in ``facts``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cronmend.model.incident import Incident
from cronmend.model.report import ALERTS, ENDINGS, Message, MessageKind, Report

WINDOW = timedelta(minutes=5)
"""How long a conversation groups further failures before it is flushed, unless the template says otherwise."""
ROUNDS = 288
"""A conversation that has been joined for a whole day ends: the next failure opens a new one."""
CALM = timedelta(seconds=5)
"""The least time between two new forms of a message that is updated."""
BURST = 10
"""Conversations that a channel may open within a minute, and quiet lines that it gets; the rest are sent together."""

FOLLOWED = ALERTS | {MessageKind.PROGRESS, MessageKind.REMINDER, MessageKind.ESCALATION}
"""Kinds that say something of an open incident, and mean nothing once it is over."""

_MANY = "many"
_ENDINGS = "endings"


class DeliveryState(StrEnum):
    """What became of a message at one channel."""

    SENT = "sent"
    JOINED = "joined"
    """It is part of a conversation; people know of it once a form of that conversation has shown it."""
    WAITING = "waiting"
    """The channel did not take it: it is offered again at ``due``."""
    DROPPED = "dropped"
    """It is not sent, and ``reason`` says why."""
    FAILED = "failed"
    """It will not be offered again unless a person asks for it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    state: DeliveryState
    at: datetime
    reason: str = ""
    tries: int = 0
    """How often the channel has failed to take it."""
    due: datetime | None = None
    escalate_at: datetime | None = None
    """When the alert escalates if no one acknowledges it; None if this delivery starts no escalation."""

    @property
    def is_final(self) -> bool:
        return self.state is not DeliveryState.WAITING


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message that can be updated and answered, under Slack's own names."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """Failures of one cause in one channel: its ``key`` is the cause, or names what else its members have in common."""

    channel: str
    key: str
    opened_at: datetime
    message: Message
    """The one that opened it, with the latest report of its incident."""
    place: MessageRef | None = None
    sending_until: datetime | None = None
    """Until when one call may send its first message. If that is past, a call ended then, and people may have it."""
    jobs_shown: int = 0
    """How many incidents the form that people see shows; 0 while nothing has been sent."""
    sent_at: datetime | None = None
    """When people were last sent something of it."""
    rounds: int = 0
    starts_at: datetime | None = None
    """Nothing is sent before: quiet hours, a mute or the hour of the digest."""
    shown_at: datetime | None = None
    """When the form that people see was last written."""
    due: datetime | None = None
    """When it is flushed next; None if it owes people nothing. An earlier timer has no effect."""
    rewritten: str = ""
    """The last message whose report its own message shows, as ``<incident>#<change>``."""
    answered: str = ""
    """The last message that its thread has an answer for, in the same form."""
    ended_at: datetime | None = None
    """When its thread got its last line; None while one of its incidents is open."""
    failures: int = 0
    """How often in a row the channel did not take its form."""
    is_open: bool = True
    """Whether further failures of the cause join it."""
    version: int = 0

    @property
    def id(self) -> str:
        return f"{self.channel}#{self.key}#{self.opened_at.isoformat()}"

    @property
    def is_first_sent(self) -> bool:
        return self.jobs_shown > 0


@dataclass(frozen=True, slots=True)
class Mute:
    """No messages for a job, or for all jobs whose names match, until a time."""

    jobs: str
    """A job's id, or a pattern with ``*``."""
    until: datetime
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a channel still reaches people."""

    channel: str
    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""


def key_of(report: Report, starts_at: datetime | None) -> str:
    """What a report is grouped by; a report that has to wait is never mixed with one that was sent already."""
    return _later(_ENDINGS if report.kind in ENDINGS else report.cause, starts_at)


def overflow_group(starts_at: datetime | None) -> str:
    """The key of the conversation for failures that have too many causes to get one each."""
    return _later(_MANY, starts_at)


def is_overflow(conversation: Conversation) -> bool:
    return conversation.key.partition("@")[0] == _MANY


def _later(key: str, starts_at: datetime | None) -> str:
    return f"{key}@{starts_at:%Y%m%dT%H%M%S}" if starts_at else key


def is_same(conversation: Conversation, report: Report) -> bool:
    """Whether the report has the conversation's cause, so that it adds no cause that people don't see."""
    return is_overflow(conversation) or report.cause in {"", conversation.message.report.cause}


def is_of_endings(conversation: Conversation) -> bool:
    return conversation.message.report.kind in ENDINGS


def shown(conversation: Conversation, incidents: int, place: MessageRef | None, now: datetime) -> Conversation:
    """After its form was written, with so many ``incidents`` in it."""
    written = replace(conversation, place=place, jobs_shown=max(1, incidents), shown_at=now)
    return replace(written, sending_until=None, starts_at=None, failures=0)


def updated(conversation: Conversation, report: Report) -> Conversation:
    """With a newer report of the incident that opened it."""
    return replace(conversation, message=replace(conversation.message, report=report))


def is_opened_by(conversation: Conversation, message: Message) -> bool:
    """Whether it is the very message that opened the conversation, come again."""
    opener = conversation.message
    return (opener.incident, opener.change) == (message.incident, message.change)


def has_begun_with(conversation: Conversation, message: Message) -> bool:
    """Whether people were sent this very message as the conversation's first."""
    return conversation.is_first_sent and is_opened_by(conversation, message)


def name_of(message: Message) -> str:
    return f"{message.incident}#{message.change}"


def is_worth_a_look(kind: MessageKind) -> bool:
    """Whether an answer in a thread is shown in the channel too."""
    return kind in {MessageKind.GAVE_UP, MessageKind.HALF_DONE, MessageKind.REMINDER, MessageKind.ESCALATION}


def has_ended(incident: Incident | None, message: Message) -> bool:
    """Whether the message's incident is over: it is not the job's latest ``incident``, or that isn't open any more."""
    if message.report.kind not in FOLLOWED or incident is None:
        return False
    return incident.id != message.incident or not incident.is_open
