"""What people have been sent, by channel: one conversation for all failures of one cause. Pure.

A conversation's first report is sent at once. Failures that join it later are sent together when it is *flushed*: in a
new form of the first message, or in one more message.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cronmend.alerting import reports
from cronmend.model.report import ALERTS, ENDINGS, Message, MessageKind, Report

WINDOW = timedelta(minutes=5)
"""How long a conversation groups further failures before it is flushed, unless the template says otherwise."""
ROUNDS = 288
"""A conversation that has been joined for a whole day ends: the next failure opens a new one."""
CALM = timedelta(seconds=5)
"""The least time between two new forms of a message that is updated."""
BURST = 10
"""Conversations that a channel may open within a minute, and quiet lines that it gets; the rest are sent together."""

_MANY = "many"
_ENDINGS = "endings"


class DeliveryState(StrEnum):
    """What became of a message at one channel."""

    SENT = "sent"
    JOINED = "joined"
    """It is told of within a conversation."""
    WAITING = "waiting"
    """The channel did not take it: it is offered again at ``due``."""
    DROPPED = "dropped"
    """Nobody has to be told, and ``reason`` says why."""
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
    """Failures of one cause in one channel: its ``key`` is the cause, or says what else its members have in common."""

    channel: str
    key: str
    opened_at: datetime
    message: Message
    """The one that opened it, with the latest report of its incident."""
    place: MessageRef | None = None
    jobs_shown: int = 0
    """How many jobs the form that people see tells of; 0 while nothing has been sent."""
    healed_shown: int = 0
    sent_at: datetime | None = None
    """When people were last sent something of it."""
    rounds: int = 0
    starts_at: datetime | None = None
    """Nothing is sent before: quiet hours, a mute or the hour of the digest."""
    shown_at: datetime | None = None
    """When the form that people see was last written."""
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
class Member:
    """A job in a conversation, by its incident."""

    job: str
    incident: str
    healed: bool = False


@dataclass(frozen=True, slots=True)
class Mute:
    """Silence for a job, or for all whose names match, that ends by itself."""

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
    """What a report is told together with; what has to wait is never mixed with what was sent already."""
    return _later(_ENDINGS if report.kind in ENDINGS else report.cause, starts_at)


def overflow_group(starts_at: datetime | None) -> str:
    """The key of the conversation for failures that have too many causes to get one each."""
    return _later(_MANY, starts_at)


def is_overflow(conversation: Conversation) -> bool:
    return conversation.key.partition("@")[0] == _MANY


def _later(key: str, starts_at: datetime | None) -> str:
    return f"{key}@{starts_at:%Y%m%dT%H%M%S}" if starts_at else key


def is_same(conversation: Conversation, report: Report) -> bool:
    """Whether the report adds nothing that the conversation does not tell."""
    return is_overflow(conversation) or report.cause in {"", conversation.message.report.cause}


def form(conversation: Conversation, members: tuple[Member, ...]) -> Report:
    """What people are to see of a conversation as it stands."""
    first = conversation.message.report
    if len(members) <= 1:
        return first
    jobs = tuple(sorted(each.job for each in members))
    healed = sum(each.healed for each in members)
    if first.kind in ENDINGS:
        return reports.of_endings(jobs)
    return reports.of_many(first, jobs, healed) if is_overflow(conversation) else reports.of_group(first, jobs, healed)


def is_news(conversation: Conversation, members: tuple[Member, ...]) -> bool:
    """Whether people see less than has happened. What has healed is told apart where a message can't be updated."""
    healed = conversation.place is not None and _healed(members) != conversation.healed_shown
    return len(members) > conversation.jobs_shown or healed


def is_pointless(conversation: Conversation, members: tuple[Member, ...]) -> bool:
    """Nothing was sent yet, and by now all of it is over."""
    alerts = conversation.message.report.kind in ALERTS
    return not conversation.is_first_sent and alerts and bool(members) and all_healed(members)


def shown(conversation: Conversation, members: tuple[Member, ...], now: datetime) -> Conversation:
    """After its form was written anew."""
    told, healed = max(1, len(members)), _healed(members)
    return replace(conversation, jobs_shown=told, healed_shown=healed, shown_at=now, starts_at=None, failures=0)


def updated(conversation: Conversation, report: Report) -> Conversation:
    """With a newer report of the incident that opened it."""
    return replace(conversation, message=replace(conversation.message, report=report))


def is_opened_by(conversation: Conversation, message: Message) -> bool:
    """Whether it is the very message that opened the conversation, come again."""
    opener = conversation.message
    return (opener.incident, opener.change) == (message.incident, message.change)


def last_word(conversation: Conversation, members: tuple[Member, ...]) -> Report | None:
    """What the thread says when the last of the conversation's jobs has recovered; None if that isn't news."""
    is_alert = conversation.message.report.kind in ALERTS
    if not is_alert or not all_healed(members) or conversation.healed_shown >= len(members):
        return None
    return reports.of_endings(tuple(sorted(each.job for each in members)))


def has_begun_with(conversation: Conversation, message: Message) -> bool:
    """Whether people were sent this very message as the conversation's first."""
    return conversation.is_first_sent and is_opened_by(conversation, message)


def all_healed(members: tuple[Member, ...]) -> bool:
    return all(each.healed for each in members)


def is_worth_a_look(kind: MessageKind) -> bool:
    """Whether an answer in a thread is shown in the channel too."""
    return kind in {MessageKind.GAVE_UP, MessageKind.HALF_DONE, MessageKind.REMINDER, MessageKind.ESCALATION}


def _healed(members: tuple[Member, ...]) -> int:
    return sum(each.healed for each in members)
