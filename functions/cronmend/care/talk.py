"""One channel's conversations: what is sent now and what joins."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cronmend import conversations as talks
from cronmend import reports
from cronmend.care.voice import Voice
from cronmend.channels import Channel, Conversations, Pace, Threaded
from cronmend.conversations import Conversation, Delivery, Fate, Place
from cronmend.errors import Throttled
from cronmend.messages import ALERTS, ENDINGS, Message, MessageKind, Report
from cronmend.routes import Healed, Route

_ADDS_NOTHING = "people see it in the conversation"


@dataclass(frozen=True, slots=True)
class Told:
    """``conversation`` is one whose form has to be written anew, once for all that a batch brings."""

    delivery: Delivery
    conversation: Conversation | None = None
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    conversations: Conversations
    pace: Pace
    voice: Voice

    def tell(self, channel: Channel, message: Message, route: Route, starts_at: datetime | None, now: datetime) -> Told:
        """Send the message, or join it to what people are told together.

        Raises:
            Retryable: the channel may take it later.
            Permanent: it won't.
        """
        if not channel.gathers:
            self.voice.send(channel, message.report, now)
            return _told(Fate.SENT, now)
        known = self.conversations.of_incident(channel.name, message.incident)
        if known and not known.is_first_sent:
            return self._before_the_first(channel, known, message, now)
        if known:
            return self._further(channel, known, message, route, starts_at, now)
        return self._anew(channel, message, route, starts_at, now)

    def _before_the_first(self, channel: Channel, known: Conversation, message: Message, now: datetime) -> Told:
        """It waits for its time, or for the call that opened it."""
        report = message.report
        if report.kind in ENDINGS:
            self.voice.join(known, message, healed=True)
            return _told(Fate.JOINED, now, "it was over before anybody was told")
        return self._spoken_first(channel, known, message, now) or _told(Fate.JOINED, now, _ADDS_NOTHING)

    def _spoken_first(self, channel: Channel, known: Conversation, message: Message, now: datetime) -> Told | None:
        """An earlier call ended between opening the conversation and sending what opened it."""
        waits = known.starts_at is not None and known.starts_at > now
        mine = talks.is_about(known, message) and known.message.change == message.change
        if known.is_first_sent or waits or not mine:
            return None
        self.voice.speak(channel, known, now)
        return _told(Fate.SENT, now, opened=True)

    def _further(
        self,
        channel: Channel,
        known: Conversation,
        message: Message,
        route: Route,
        starts_at: datetime | None,
        now: datetime,
    ) -> Told:
        """People know of the incident."""
        report = message.report
        if report.kind in ENDINGS:
            return self._ended(channel, known, message, route, starts_at, now)
        if report.kind is MessageKind.REMINDER:
            return self._reminded(channel, known, report, route, now)
        if report.kind is MessageKind.ESCALATION:
            self.voice.send(channel, report, now, known.place)
            return _told(Fate.SENT, now)
        if report.kind in ALERTS and not talks.is_same(known, report):
            return self._first(channel, message, starts_at, now)
        return self._added(channel, known, report, now)

    def _added(self, channel: Channel, known: Conversation, report: Report, now: datetime) -> Told:
        """One job's news goes to its own conversation; where several share one, it would only be noise."""
        if not self.voice.is_alone(known):
            return _told(Fate.JOINED, now, _ADDS_NOTHING)
        if isinstance(channel, Threaded) and known.place:
            return self._replied(channel, known, report, known.place, now)
        if report.kind is MessageKind.PROGRESS:
            return _told(Fate.DROPPED, now, "a message of this channel can't be updated")
        self.voice.send(channel, report, now)
        self.conversations.save(replace(talks.updated(known, report), spoke_at=now))
        return _told(Fate.SENT, now)

    def _anew(
        self, channel: Channel, message: Message, route: Route, starts_at: datetime | None, now: datetime
    ) -> Told:
        """Nobody was told of the incident in this channel."""
        report = message.report
        if report.kind in {MessageKind.PROGRESS, MessageKind.REMINDER}:
            return _told(Fate.DROPPED, now, "nobody was told of what it goes on with")
        if report.kind in ENDINGS and route.healed is Healed.NONE:
            return _told(Fate.DROPPED, now, "the route wants no word of what has healed")
        if report.kind in ENDINGS:
            return self._over(channel, message, starts_at, now)
        if report.cause:
            return self._first(channel, message, starts_at, now)
        self.voice.send(channel, report, now)
        return _told(Fate.SENT, now)

    def _over(self, channel: Channel, message: Message, starts_at: datetime | None, now: datetime) -> Told:
        """A few quiet lines a minute are sent as they come; what is more is told in one."""
        if starts_at or self.pace.opened(f"{channel.name}/over", now) > talks.BURST:
            return self._first(channel, message, starts_at, now)
        self.voice.send(channel, message.report, now)
        return _told(Fate.SENT, now)

    def _ended(
        self,
        channel: Channel,
        known: Conversation,
        message: Message,
        route: Route,
        starts_at: datetime | None,
        now: datetime,
    ) -> Told:
        """The thread ends as it began; a channel without threads gets one more line, together with others."""
        self.voice.join(known, message, healed=True)
        if not isinstance(channel, Threaded) or known.place is None:
            if route.healed is Healed.NONE:
                return _told(Fate.DROPPED, now, "the route wants no word of what has healed")
            return self._over(channel, message, starts_at, now)
        if not self.voice.is_alone(known):
            return _told(Fate.JOINED, now, _ADDS_NOTHING, conversation=known)
        if route.healed is Healed.NONE:
            self.voice.rewrite(channel, known, reports.with_status(known.message.report, message.report.status), now)
            return _told(Fate.JOINED, now, "the message says so; the route wants no further word")
        return self._replied(channel, known, message.report, known.place, now)

    def _reminded(self, channel: Channel, known: Conversation, report: Report, route: Route, now: datetime) -> Told:
        """Every failure is counted; people are told again only after the route's time."""
        if route.remind_after is None or (known.spoke_at and now - known.spoke_at < route.remind_after):
            if isinstance(channel, Threaded) and known.place and self.voice.is_alone(known):
                self.voice.rewrite(channel, known, reports.with_status(known.message.report, report.status), now)
            return _told(Fate.DROPPED, now, "it is counted; people are reminded later")
        self.voice.send(channel, report, now, known.place)
        self.conversations.save(replace(known, spoke_at=now))
        return _told(Fate.SENT, now)

    def _replied(self, channel: Channel, known: Conversation, report: Report, place: Place, now: datetime) -> Told:
        """The first message says how it stands now, the thread how it came to that."""
        newer = report if report.kind in ALERTS else reports.with_status(known.message.report, report.status)
        self.voice.send(channel, report, now, place)
        self.voice.rewrite(channel, known, newer, now)
        return _told(Fate.SENT, now)

    def _first(self, channel: Channel, message: Message, starts_at: datetime | None, now: datetime) -> Told:
        """Join the conversation of the cause, or open it: the timer first, so that nothing joined is ever lost."""
        current = self.conversations.current(channel.name, talks.key_of(message.report, starts_at))
        if current and message.report.kind in ALERTS and current.is_first_sent and self.voice.is_over(current):
            self.conversations.save(replace(current, is_open=False))
            current = None
        if current is None:
            many = message.report.kind not in ENDINGS and self.pace.opened(channel.name, now) > talks.BURST
            key = talks.crowd(starts_at) if many else talks.key_of(message.report, starts_at)
            current = self.conversations.current(channel.name, key) if many else None
            if current is None:
                return self._opened(channel, message, key, starts_at, now)
        self.voice.join(current, message)
        if first := self._spoken_first(channel, current, message, now):
            return first
        if (again := self.conversations.by_id(current.id)) and again.is_open:
            return _told(Fate.JOINED, now, _ADDS_NOTHING, conversation=again)
        return self._opened(channel, message, current.key, starts_at, now)

    def _opened(self, channel: Channel, message: Message, key: str, starts_at: datetime | None, now: datetime) -> Told:
        opening = Conversation(channel.name, key, now, message, starts_at=starts_at)
        self.voice.settle_at(opening, starts_at or now + self.voice.window)
        mine = self.conversations.save(opening)
        if mine is None:
            current = self.conversations.current(channel.name, key)
            if current is None:
                raise Throttled(f"{channel.name}: a conversation was closed as it was opened", timedelta(seconds=5))
            self.voice.join(current, message)
            return _told(Fate.JOINED, now, _ADDS_NOTHING, conversation=current)
        self.voice.join(mine, message)
        if starts_at:
            return _told(Fate.JOINED, now, f"it waits until {starts_at:%Y-%m-%d %H:%M} UTC", opened=True)
        self.voice.speak(channel, mine, now)
        return _told(Fate.SENT, now, opened=True)


def _told(
    state: Fate,
    now: datetime,
    reason: str = "",
    conversation: Conversation | None = None,
    *,
    opened: bool = False,
) -> Told:
    return Told(Delivery(state, now, reason), conversation, opened)
