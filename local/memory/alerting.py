"""The state of alerting in memory. It rejects the same writes as the ledger, and tests can inspect it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from cronmend.alerting.conversations import Conversation, Delivery, Health, Member, MessageRef, Mute
from cronmend.errors import CronmendError
from cronmend.model.alert_wakeups import AlertTimer
from cronmend.model.report import Message, Report


@dataclass
class MemoryOutbox:
    messages: list[Message] = field(default_factory=list)
    noted: dict[tuple[str, str, str], dict[str, Delivery]] = field(default_factory=dict)

    def message(self, job: str, incident: str, change: str) -> Message | None:
        wanted = (job, incident, change)
        return next((each for each in self.messages if (each.job, each.incident, each.change) == wanted), None)

    def deliveries(self, message: Message) -> Mapping[str, Delivery]:
        return dict(self.noted.get((message.job, message.incident, message.change), {}))

    def note(self, message: Message, channel: str, delivery: Delivery) -> None:
        self.noted.setdefault((message.job, message.incident, message.change), {})[channel] = delivery


@dataclass
class MemoryConversations:
    """Conversations and their members."""

    rows: dict[str, Conversation] = field(default_factory=dict)
    pointers: dict[tuple[str, str], str] = field(default_factory=dict)
    joined: dict[str, dict[str, Member]] = field(default_factory=dict)
    incidents: dict[tuple[str, str], str] = field(default_factory=dict)

    def current(self, channel: str, key: str) -> Conversation | None:
        found = self.rows.get(self.pointers.get((channel, key), ""))
        return found if found and found.is_open else None

    def of_incident(self, channel: str, incident: str) -> Conversation | None:
        return self.rows.get(self.incidents.get((channel, incident), ""))

    def by_id(self, conversation_id: str) -> Conversation | None:
        return self.rows.get(conversation_id)

    def save(self, conversation: Conversation, now: datetime) -> Conversation | None:
        known = self.rows.get(conversation.id)
        if (known.version if known else 0) != conversation.version:
            return None
        if conversation.version == 0 and self.current(conversation.channel, conversation.key):
            return None
        written = replace(conversation, version=conversation.version + 1)
        self.rows[written.id] = written
        if conversation.version == 0:
            self.pointers[written.channel, written.key] = written.id
        return written

    def join(self, conversation: Conversation, member: Member, now: datetime) -> None:
        self.joined.setdefault(conversation.id, {})[member.job] = member
        self.incidents[conversation.channel, member.incident] = conversation.id

    def of(self, conversation: Conversation, most: int | None = None) -> tuple[Member, ...]:
        return tuple(self.joined.get(conversation.id, {}).values())[:most]


@dataclass
class MemoryRateLimit:
    taken: dict[str, datetime] = field(default_factory=dict)
    openings: dict[tuple[str, str], int] = field(default_factory=dict)

    def slot(self, channel: str, gap: timedelta, now: datetime) -> datetime:
        before = self.taken.get(channel)
        self.taken[channel] = max(now, before + gap) if before else now
        return self.taken[channel]

    def opened(self, channel: str, now: datetime) -> int:
        minute = channel, f"{now:%Y-%m-%dT%H:%M}"
        self.openings[minute] = self.openings.get(minute, 0) + 1
        return self.openings[minute]


@dataclass
class MemoryMutes:
    mutes: dict[str, Mute] = field(default_factory=dict)

    def until(self, job: str, now: datetime) -> datetime | None:
        return max((mute.until for mute in self.all(now) if fnmatchcase(job, mute.jobs)), default=None)

    def all(self, now: datetime) -> Sequence[Mute]:
        return [mute for mute in self.mutes.values() if mute.until > now]

    def set(self, mute: Mute) -> None:
        self.mutes[mute.jobs] = mute

    def lift(self, jobs: str) -> bool:
        return self.mutes.pop(jobs, None) is not None


@dataclass
class MemoryHealth:
    channels: dict[str, Health] = field(default_factory=dict)

    def note(self, channel: str, at: datetime, error: str = "") -> None:
        known = self.channels.get(channel, Health(channel))
        changed = {"failed_at": at} if error else {"delivered_at": at}
        self.channels[channel] = replace(known, **changed, error=error)  # type: ignore[arg-type] # one of two known fields

    def all(self) -> Sequence[Health]:
        return list(self.channels.values())


@dataclass
class MemoryDeadLetters:
    messages: list[tuple[str, str, str]] = field(default_factory=list)
    """Job, channel and reason."""

    def put(self, message: Message, channel: str, reason: str) -> None:
        self.messages.append((message.job, channel, reason))


@dataclass
class Sent:
    """A message, a reply in a thread, or an update of a message."""

    report: Report
    thread: MessageRef | None = None
    replaced: MessageRef | None = None


@dataclass
class MemoryChannel:
    """Like SNS or a webhook: a sent message can't be changed. ``failures`` are its next answers."""

    name: str
    groups: bool = True
    gap: timedelta = timedelta(0)
    sent: list[Sent] = field(default_factory=list)
    failures: list[CronmendError] = field(default_factory=list)

    @property
    def reports(self) -> list[Report]:
        return [each.report for each in self.sent]

    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        self._fail()
        self.sent.append(Sent(report, thread))
        return None

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


@dataclass
class MemoryThreads(MemoryChannel):
    """Like a Slack bot: messages can be updated, and have replies."""

    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        self._fail()
        self.sent.append(Sent(report, thread))
        return MessageRef("C1", str(len(self.sent)))

    def update(self, report: Report, place: MessageRef) -> MessageRef | None:
        self._fail()
        self.sent.append(Sent(report, replaced=place))
        return place


def by_name(*channels: MemoryChannel) -> Callable[[str], MemoryChannel | None]:
    known = {channel.name: channel for channel in channels}
    return known.get


@dataclass
class MemoryAlertPromises:
    """Args: unoffered: of the ledger, so that its messages are forgotten there."""

    unoffered: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    timers: dict[str, AlertTimer] = field(default_factory=dict)
    """By name."""

    def keep(self, timer: AlertTimer) -> None:
        self.timers[timer.name] = timer

    def handled(self, timer: AlertTimer) -> None:
        self.timers.pop(timer.name, None)

    def offered(self, job: str, incident: str, change: str) -> None:
        self.unoffered.pop((job, incident, change), None)
