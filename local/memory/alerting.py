"""The state of alerting in memory. It rejects the same writes as the ledger, and tests can inspect it."""

from collections.abc import Callable, Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from cronmend.alerting.conversations import Conversation, Delivery, Health, MessageRef, flush_of
from cronmend.alerting.members import Member, WithMembers
from cronmend.errors import CronmendError, Gone
from cronmend.model.alert_wakeups import AlertTimer, FlushTimer
from cronmend.model.mutes import Mute
from cronmend.model.report import Message, Report


@dataclass
class MemoryOutbox:
    messages: list[Message] = field(default_factory=list)
    noted: dict[tuple[str, str, str], dict[str, Delivery]] = field(default_factory=dict)
    unoffered: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    """Of the ledger, so that its messages are forgotten there."""

    def message(self, job: str, incident: str, change: str) -> Message | None:
        wanted = (job, incident, change)
        return next((each for each in self.messages if (each.job, each.incident, each.change) == wanted), None)

    def deliveries(self, message: Message) -> Mapping[str, Delivery]:
        return dict(self.noted.get((message.job, message.incident, message.change), {}))

    def of_incident(self, job: str, incident: str) -> Sequence[tuple[Message, Mapping[str, Delivery]]]:
        found = (each for each in self.messages if (each.job, each.incident) == (job, incident))
        return [(each, self.deliveries(each)) for each in found]

    def note(self, message: Message, deliveries: Mapping[str, Delivery], *, offered: bool = False) -> None:
        name = message.job, message.incident, message.change
        self.noted.setdefault(name, {}).update(deliveries)
        if offered:
            self.unoffered.pop(name, None)


@dataclass
class MemoryRateLimit:
    taken: dict[str, datetime] = field(default_factory=dict)
    openings: dict[tuple[str, str], int] = field(default_factory=dict)

    def slot(self, channel: str, gap: timedelta, now: datetime, within: timedelta) -> datetime:
        before = self.taken.get(channel)
        mine = max(now, before + gap) if before else now
        if mine - now <= within:
            self.taken[channel] = mine
        return mine

    def opened(self, channel: str, now: datetime) -> int:
        minute = channel, f"{now:%Y-%m-%dT%H:%M}"
        self.openings[minute] = self.openings.get(minute, 0) + 1
        return self.openings[minute]

    def in_minute(self, channel: str, now: datetime) -> int:
        return self.openings.get((channel, f"{now:%Y-%m-%dT%H:%M}"), 0)


@dataclass
class MemoryConversations:
    """Conversations and their members, by incident."""

    rows: dict[str, Conversation] = field(default_factory=dict)
    pointers: dict[tuple[str, str], str] = field(default_factory=dict)
    joined: dict[str, dict[str, Member]] = field(default_factory=dict)
    rate_limit: MemoryRateLimit = field(default_factory=MemoryRateLimit)
    keep: Callable[[FlushTimer], object] = lambda _: None
    """Stores the promise of a timer."""

    def latest(self, channel: str, key: str) -> str:
        return self.pointers.get((channel, key), "")

    def current(self, channel: str, key: str) -> Conversation | None:
        found = self.rows.get(self.latest(channel, key))
        return found if found and found.is_open else None

    def of_incident(self, incident: str) -> Mapping[str, Sequence[Conversation]]:
        found: dict[str, list[Conversation]] = {}
        mine = (self.rows[each] for each, members in self.joined.items() if incident in members)
        for each in sorted(mine, key=lambda each: each.opened_at):
            found.setdefault(each.channel, []).append(each)
        return found

    def by_id(self, conversation_id: str) -> Conversation | None:
        return self.rows.get(conversation_id)

    def open(
        self, conversation: Conversation, member: Member, now: datetime, most: int | None = None
    ) -> Conversation | None:
        channel = conversation.channel
        if self.current(channel, conversation.key) or conversation.id in self.rows:
            return None
        if most is not None and self.rate_limit.in_minute(channel, now) >= most:
            return None
        if most is not None:
            self.rate_limit.opened(channel, now)
        written = self.rows[conversation.id] = replace(conversation, version=1)
        self.pointers[written.channel, written.key] = written.id
        for timer in flush_of(written):
            self.keep(timer)
        self.join(written, member, now)
        return written

    def save(self, conversation: Conversation, now: datetime, seen: Sequence[Member] = ()) -> Conversation | None:
        known = self.rows.get(conversation.id)
        if known is None or known.version != conversation.version:
            return None
        written = self.rows[conversation.id] = replace(conversation, version=conversation.version + 1)
        self.seen(written, seen, now)
        return written

    def join(self, conversation: Conversation, member: Member, now: datetime) -> None:
        members = self.joined.setdefault(conversation.id, {})
        known = members.get(member.incident)
        if known is None or member.healed:
            members[member.incident] = replace(member, fact=known.fact) if known else member

    def of(self, conversation: Conversation, most: int | None = None) -> tuple[Member, ...]:
        return tuple(islice(self.joined.get(conversation.id, {}).values(), most))

    def whole(self, conversation_id: str, most: int | None = None) -> WithMembers | None:
        found = self.rows.get(conversation_id)
        return WithMembers(found, self.of(found, most)) if found else None

    def member(self, conversation: Conversation, job: str, incident: str) -> Member | None:
        return self.joined.get(conversation.id, {}).get(incident)

    def seen(self, conversation: Conversation, members: Sequence[Member], now: datetime) -> None:
        stored = self.joined.setdefault(conversation.id, {})
        for each in members:
            stored[each.incident] = replace(stored.get(each.incident, each), fact=each.fact)


@dataclass
class MemoryMutes:
    mutes: dict[str, Mute] = field(default_factory=dict)

    def all(self, now: datetime) -> Sequence[Mute]:
        return [mute for mute in self.mutes.values() if mute.until > now]

    def set(self, mute: Mute) -> None:
        self.mutes[mute.jobs] = mute

    def lift(self, jobs: str) -> bool:
        return self.mutes.pop(jobs, None) is not None


@dataclass
class MemoryHealth:
    channels: dict[str, Health] = field(default_factory=dict)

    def accepted(self, channels: Mapping[str, datetime]) -> None:
        for channel, at in channels.items():
            known = self.channels.get(channel, Health(channel))
            self.channels[channel] = replace(known, delivered_at=at, error="")

    def failed(self, channel: str, at: datetime, error: str) -> None:
        known = self.channels.get(channel, Health(channel))
        self.channels[channel] = replace(known, failed_at=at, error=error)

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
    """Like a Slack bot: messages can be updated, and have replies. ``moves``: updates find no message."""

    moves: bool = False
    refs: list[MessageRef | None] = field(default_factory=list)
    """Where each of ``sent`` is."""

    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        self._fail()
        self.sent.append(Sent(report, thread))
        return self._at(MessageRef("C1", str(len(self.sent))))

    def update(self, report: Report, place: MessageRef) -> MessageRef:
        if self.moves:
            raise Gone("message_not_found")
        self._fail()
        self.sent.append(Sent(report, replaced=place))
        return self._at(place)

    def _at(self, place: MessageRef) -> MessageRef:
        self.refs.append(place)
        return place


def by_name(*channels: MemoryChannel) -> Callable[[str], MemoryChannel | None]:
    known = {channel.name: channel for channel in channels}
    return known.get


@dataclass
class MemoryAlertPromises:
    timers: dict[str, AlertTimer] = field(default_factory=dict)
    """By name."""

    def keep(self, timer: AlertTimer) -> None:
        self.timers[timer.name] = timer

    def handled(self, timer: AlertTimer) -> None:
        self.timers.pop(timer.name, None)
