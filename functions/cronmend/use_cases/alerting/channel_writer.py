"""What is done to a channel and to the memory of its conversations; what for is decided elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cronmend.alerting import conversations as talks
from cronmend.alerting import reports
from cronmend.alerting.conversations import Conversation, Member, Place
from cronmend.errors import Throttled
from cronmend.model.report import ALERTS, ENDINGS, Message, Report
from cronmend.model.wakeups import FlushTimer
from cronmend.ports.alerting import AlertTimers, Channel, Conversations, Members, RateLimit, Threaded

PATIENCE = timedelta(seconds=10)
"""The longest that one call waits for a channel's turn; what would wait longer is offered again later."""


@dataclass(frozen=True, slots=True)
class Voice:
    conversations: Conversations
    members: Members
    rate_limit: RateLimit
    timers: AlertTimers
    pause: Callable[[float], None]
    """Sleeps for seconds."""
    window: timedelta = talks.WINDOW
    """How long a conversation gathers before it says what has joined it."""

    def send(self, channel: Channel, report: Report, now: datetime, thread: Place | None = None) -> Place | None:
        self._turn(channel, now)
        return channel.send(report, thread)

    def _turn(self, channel: Channel, now: datetime) -> None:
        """Wait until the channel may be written to again, as every other call does."""
        if not channel.gap:
            return
        wait = self.rate_limit.slot(channel.name, channel.gap, now) - now
        if wait > PATIENCE:
            raise Throttled(f"{channel.name}: others are before it", wait)
        if wait > timedelta(0):
            self.pause(wait.total_seconds())

    def rewrite(self, channel: Channel, known: Conversation, report: Report, now: datetime) -> None:
        if isinstance(channel, Threaded) and known.place:
            self._turn(channel, now)
            place = channel.update(report, known.place)
            members = self.members.of(known, most=2)
            newer = talks.shown(replace(talks.updated(known, report), place=place), members, now)
            self.conversations.save(newer)

    def speak(
        self, channel: Channel, conversation: Conversation, members: tuple[Member, ...], now: datetime
    ) -> Conversation:
        """Send or rewrite its form as it stands, and remember what people see."""
        report = talks.form(conversation, members)
        self._turn(channel, now)
        if isinstance(channel, Threaded) and conversation.place:
            place = channel.update(report, conversation.place)
            if _has_just_ended(conversation, members):
                channel.send(reports.of_endings(tuple(sorted(each.job for each in members))), conversation.place)
        else:
            place = channel.send(report)
        newer = talks.shown(replace(conversation, place=place, sent_at=now), members, now)
        return self.conversations.save(newer) or newer

    def join(self, conversation: Conversation, message: Message, *, healed: bool = False) -> None:
        ended = healed or message.report.kind in ENDINGS
        self.members.join(conversation, Member(message.job, message.incident, ended))

    def settle_at(self, conversation: Conversation, at: datetime) -> None:
        self.timers.set(FlushTimer(conversation.message.job, conversation.id, at))

    def is_over(self, conversation: Conversation) -> bool:
        """Whether all that it tells of is healed: a failure after that is no part of it."""
        few = self.members.of(conversation, most=2)
        return bool(few) and talks.all_healed(few) and talks.all_healed(self.members.of(conversation))

    def is_alone(self, conversation: Conversation) -> bool:
        return len(self.members.of(conversation, most=2)) < 2


def _has_just_ended(conversation: Conversation, members: tuple[Member, ...]) -> bool:
    alert = conversation.message.report.kind in ALERTS
    return alert and talks.all_healed(members) and conversation.healed_shown < len(members)
