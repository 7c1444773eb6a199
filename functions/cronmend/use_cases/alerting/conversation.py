"""One channel's conversations: what is sent now and what joins."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cronmend.alerting import conversations as talks
from cronmend.alerting import reports
from cronmend.alerting.conversations import Conversation, Delivery, DeliveryState, Place
from cronmend.alerting.routes import Healed, Route
from cronmend.errors import Throttled
from cronmend.model.report import ALERTS, ENDINGS, Message, MessageKind, Report
from cronmend.ports.alerting import Channel, Conversations, RateLimit, Threaded
from cronmend.use_cases.alerting.channel_writer import Voice

_ADDS_NOTHING = "people see it in the conversation"
_OVER = "it was over before anybody was told"


@dataclass(frozen=True, slots=True)
class Told:
    """``conversation`` is one whose form has to be written anew, once for all that a batch brings."""

    delivery: Delivery
    conversation: Conversation | None = None
    opened: bool = False


@dataclass(frozen=True, slots=True)
class _Telling:
    """One message for one channel."""

    channel: Channel
    message: Message
    route: Route
    starts_at: datetime | None
    """Nothing may be sent before: quiet hours, a mute or the hour of the digest."""
    now: datetime

    @property
    def report(self) -> Report:
        return self.message.report

    def came_to(self, fate: DeliveryState, reason: str = "") -> Told:
        return Told(Delivery(fate, self.now, reason))

    def joined(self, conversation: Conversation | None = None) -> Told:
        return Told(Delivery(DeliveryState.JOINED, self.now, _ADDS_NOTHING), conversation)


@dataclass(frozen=True, slots=True)
class Talk:
    conversations: Conversations
    rate_limit: RateLimit
    voice: Voice

    def tell(self, channel: Channel, message: Message, route: Route, starts_at: datetime | None, now: datetime) -> Told:
        """Send the message, or join it to what people are told together.

        Raises:
            Retryable: the channel may take it later.
            Permanent: it won't.
        """
        it = _Telling(channel, message, route, starts_at, now)
        if not channel.gathers:
            return self._sent(it)
        known = self.conversations.of_incident(channel.name, message.incident)
        if known is None:
            return self._anew(it)
        if not known.is_first_sent:
            return self._before_the_first(it, known)
        if talks.is_opened_by(known, message):
            return it.came_to(DeliveryState.SENT, "the conversation has begun with it")
        return self._further(it, known)

    def _sent(self, it: _Telling, thread: Place | None = None) -> Told:
        self.voice.send(it.channel, it.report, it.now, thread)
        return it.came_to(DeliveryState.SENT)

    def _before_the_first(self, it: _Telling, known: Conversation) -> Told:
        """It waits for its time, or for the call that opened it."""
        if it.report.kind in ENDINGS:
            self.voice.join(known, it.message, healed=True)
            return it.came_to(DeliveryState.JOINED, _OVER)
        return self._spoken_first(it, known) or it.joined()

    def _spoken_first(self, it: _Telling, known: Conversation) -> Told | None:
        """An earlier call ended between opening the conversation and sending what opened it."""
        waits = known.starts_at is not None and known.starts_at > it.now
        if known.is_first_sent or waits or not talks.is_opened_by(known, it.message):
            return None
        if it.report.kind in ALERTS and self.voice.is_over(known):
            return it.came_to(DeliveryState.DROPPED, _OVER)
        self.voice.speak(it.channel, known, self.voice.members.of(known), it.now)
        return replace(it.came_to(DeliveryState.SENT), opened=True)

    def _further(self, it: _Telling, known: Conversation) -> Told:
        """People know of the incident."""
        kind = it.report.kind
        if kind in ENDINGS:
            return self._ended(it, known)
        if kind is MessageKind.REMINDER:
            return self._reminded(it, known)
        if kind is MessageKind.ESCALATION:
            return self._sent(it, known.place)
        if kind in ALERTS and (it.starts_at or not talks.is_same(known, it.report)):
            return self._first(it)
        return self._added(it, known)

    def _added(self, it: _Telling, known: Conversation) -> Told:
        """One job's news goes to its own conversation; where several share one, it would only be noise."""
        if not self.voice.is_alone(known):
            return it.joined()
        if isinstance(it.channel, Threaded) and known.place:
            return self._shown(it, known) if it.starts_at else self._replied(it, known, known.place)
        if it.report.kind is MessageKind.PROGRESS:
            return it.came_to(DeliveryState.DROPPED, "a message of this channel can't be updated")
        told = self._sent(it)
        self.conversations.save(replace(talks.updated(known, it.report), sent_at=it.now))
        return told

    def _anew(self, it: _Telling) -> Told:
        """Nobody was told of the incident in this channel."""
        if it.report.kind in {MessageKind.PROGRESS, MessageKind.REMINDER}:
            return it.came_to(DeliveryState.DROPPED, "nobody was told of what it goes on with")
        if it.report.kind in ENDINGS:
            return self._over(it)
        return self._first(it) if it.report.cause else self._sent(it)

    def _over(self, it: _Telling) -> Told:
        """A few quiet lines a minute are sent as they come; what is more is told in one."""
        if it.route.healed is Healed.NONE:
            return it.came_to(DeliveryState.DROPPED, "the route wants no word of what has healed")
        if it.starts_at or self.rate_limit.opened(f"{it.channel.name}/over", it.now) > talks.BURST:
            return self._first(it)
        return self._sent(it)

    def _ended(self, it: _Telling, known: Conversation) -> Told:
        """The thread ends as it began; a channel without threads gets one more line, together with others."""
        self.voice.join(known, it.message, healed=True)
        if not isinstance(it.channel, Threaded) or known.place is None:
            return self._over(it)
        if not self.voice.is_alone(known):
            return it.joined(known)
        return self._shown(it, known) if it.route.healed is Healed.NONE else self._replied(it, known, known.place)

    def _reminded(self, it: _Telling, known: Conversation) -> Told:
        """Every failure is counted; people are told again only after the route's time."""
        after = it.route.remind_after
        due = after is not None and (known.sent_at is None or it.now - known.sent_at >= after)
        if due and not it.starts_at:
            told = self._sent(it, known.place)
            self.conversations.save(replace(known, sent_at=it.now))
            return told
        if self.voice.is_alone(known):
            self._shown(it, known)
        return it.came_to(DeliveryState.DROPPED, "it is counted; people are reminded later")

    def _shown(self, it: _Telling, known: Conversation) -> Told:
        """The message says how it stands now; nobody is called."""
        self.voice.rewrite(it.channel, known, _newer(it.report, known), it.now)
        return it.came_to(DeliveryState.JOINED, "the message says so, and nobody is called")

    def _replied(self, it: _Telling, known: Conversation, place: Place) -> Told:
        """The first message says how it stands now, the thread how it came to that."""
        told = self._sent(it, place)
        self.voice.rewrite(it.channel, known, _newer(it.report, known), it.now)
        return told

    def _first(self, it: _Telling) -> Told:
        """Join the conversation of the cause, or open it: the timer first, so that nothing joined is ever lost."""
        key = talks.key_of(it.report, it.starts_at)
        current = self._current(it, key)
        if current is None and self._is_crowded(it):
            key = talks.overflow_group(it.starts_at)
            current = self._current(it, key)
        if current is None:
            return self._opened(it, key)
        self.voice.join(current, it.message)
        if first := self._spoken_first(it, current):
            return first
        if (again := self.conversations.by_id(current.id)) and again.is_open:
            return it.joined(again)
        return self._opened(it, current.key)

    def _is_crowded(self, it: _Telling) -> bool:
        return it.report.kind not in ENDINGS and self.rate_limit.opened(it.channel.name, it.now) > talks.BURST

    def _current(self, it: _Telling, key: str) -> Conversation | None:
        """The open conversation; one whose jobs have all healed ends before a new failure."""
        current = self.conversations.current(it.channel.name, key)
        if current and it.report.kind in ALERTS and current.is_first_sent and self.voice.is_over(current):
            self.conversations.save(replace(current, is_open=False))
            return None
        return current

    def _opened(self, it: _Telling, key: str) -> Told:
        opening = Conversation(it.channel.name, key, it.now, it.message, starts_at=it.starts_at)
        self.voice.settle_at(opening, it.starts_at or it.now + self.voice.window)
        mine = self.conversations.save(opening)
        if mine is None:
            current = self.conversations.current(it.channel.name, key)
            if current is None:
                raise Throttled(f"{it.channel.name}: a conversation closed as it was opened", timedelta(seconds=5))
            self.voice.join(current, it.message)
            return it.joined(current)
        self.voice.join(mine, it.message)
        if it.starts_at:
            waits = it.came_to(DeliveryState.JOINED, f"it waits until {it.starts_at:%Y-%m-%d %H:%M} UTC")
            return replace(waits, opened=True)
        self.voice.speak(it.channel, mine, self.voice.members.of(mine), it.now)
        return replace(it.came_to(DeliveryState.SENT), opened=True)


def _newer(report: Report, known: Conversation) -> Report:
    """An alert replaces the one before; anything else only says where that stands."""
    return report if report.kind in ALERTS else reports.with_status(known.message.report, report.status)
