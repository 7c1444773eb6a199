"""Carry out the decision on a message at one channel, and store what people have seen there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cronmend.alerting.conversations import (
    WINDOW,
    Conversation,
    Delivery,
    DeliveryState,
    Member,
    all_healed,
    form,
    has_begun_with,
    is_opened_by,
    last_word,
    shown,
    updated,
)
from cronmend.alerting.decide import (
    COVERED,
    decide,
    decide_in_group,
    is_quiet_line,
    needs_no_conversation,
    opening,
)
from cronmend.alerting.moves import Act, Covered, Group, Offer, Open, Reply, Rewrite, Send, SendFirst, Terms
from cronmend.errors import Throttled
from cronmend.model.alert_wakeups import FlushTimer
from cronmend.model.report import ALERTS, Message, Report
from cronmend.ports.alerting import AlertTimers, Channel, Conversations, Members, RateLimit, Threaded

PATIENCE = timedelta(seconds=10)
"""The longest time that one call waits to send to a channel; after it, a timer tries again."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """``refresh`` is a conversation to update once for the whole batch."""

    delivery: Delivery
    refresh: Conversation | None = None
    opened: bool = False


@dataclass(frozen=True, slots=True)
class ConversationWriter:
    conversations: Conversations
    members: Members
    rate_limit: RateLimit
    timers: AlertTimers
    pause: Callable[[float], None]
    """Sleeps for seconds."""
    window: timedelta = WINDOW
    """How long a conversation collects further failures before it is flushed."""

    def send(self, channel: Channel, message: Message, terms: Terms, now: datetime) -> SendResult:
        """Send the message, or add it to a conversation that is sent as one message.

        Raises:
            Retryable: the channel may accept it later.
            Permanent: the channel won't accept it.
        """
        offer = self._collect(Offer(channel.name, message, terms, now, channel.groups, isinstance(channel, Threaded)))
        move = decide(offer)
        return self._in_group(channel, offer, move) if isinstance(move, Group) else self._act(channel, offer, move)

    def knows(self, channel: str, incident: str) -> bool:
        """Whether people were notified of the incident in this channel."""
        return self.conversations.of_incident(channel, incident) is not None

    def is_opened(self, channel: str, message: Message) -> bool:
        """Whether the message opened the conversation that its incident is in."""
        known = self.conversations.of_incident(channel, message.incident)
        return known is not None and is_opened_by(known, message)

    def _collect(self, offer: Offer) -> Offer:
        """Add what people have seen of the incident. An ending is stored first, whatever is sent afterwards."""
        if needs_no_conversation(offer):
            return offer
        if known := self.conversations.of_incident(offer.channel, offer.message.incident):
            if offer.is_ending and not has_begun_with(known, offer.message):
                self._join(known, offer)
            offer = replace(offer, conversation=known, members=self._some_members(known))
        lines = self.rate_limit.opened(f"{offer.channel}/over", offer.now) if is_quiet_line(offer) else 0
        return replace(offer, lines=lines)

    def _some_members(self, known: Conversation) -> tuple[Member, ...]:
        """Two members show whether the incident is alone. All are needed only before the first message is sent."""
        two = self.members.of(known, most=2)
        return self.members.of(known) if not known.is_first_sent and all_healed(two) else two

    def _act(self, channel: Channel, offer: Offer, move: Act) -> SendResult:
        result = SendResult(Delivery(move.state, offer.now, move.reason))
        match move:
            case Covered():
                return replace(result, refresh=move.refresh)
            case Send():
                self._send(channel, offer, move)
            case Reply():
                self._send(channel, offer, Send(move.reason, move.conversation.place))
                self._rewrite(channel, move.conversation, move.report, offer.now)
            case Rewrite():
                self._rewrite(channel, move.conversation, move.report, offer.now)
            case SendFirst():
                self.show(channel, move.conversation, self.members.of(move.conversation), offer.now)
                return replace(result, opened=True)
        return result

    def _send(self, channel: Channel, offer: Offer, move: Send) -> None:
        self._take_turn(channel, offer.now)
        channel.send(offer.report, move.thread)
        if move.after:
            self.conversations.save(move.after, offer.now)

    def _rewrite(self, channel: Channel, conversation: Conversation, report: Report, now: datetime) -> None:
        if isinstance(channel, Threaded) and conversation.place:
            self._take_turn(channel, now)
            place = channel.update(report, conversation.place)
            newer = replace(updated(conversation, report), place=place)
            self.conversations.save(shown(newer, self.members.of(conversation, most=2), now), now)

    def _in_group(self, channel: Channel, offer: Offer, group: Group) -> SendResult:
        current = self._current(channel, offer, group.key)
        counts = group.counted and current is None
        opened = self.rate_limit.opened(channel.name, offer.now) if counts else 0
        move = decide_in_group(offer, group, current, opened)
        if isinstance(move, Group):
            return self._in_group(channel, offer, move)
        if isinstance(move, Open):
            return self._open(channel, offer, move)
        self._join(move.conversation, offer)
        if isinstance(move, SendFirst):
            return self._act(channel, offer, move)
        again = self.conversations.by_id(move.conversation.id)
        if again is None or not again.is_open:
            return self._open(channel, offer, opening(offer, move.conversation.key))
        return SendResult(Delivery(move.state, offer.now, move.reason), refresh=again)

    def _current(self, channel: Channel, offer: Offer, key: str) -> Conversation | None:
        """The open conversation. If all its jobs have healed, a new failure ends it and opens another."""
        current = self.conversations.current(channel.name, key)
        if current and offer.report.kind in ALERTS and current.is_first_sent and self._is_over(current):
            self.conversations.save(replace(current, is_open=False), offer.now)
            return None
        return current

    def _is_over(self, conversation: Conversation) -> bool:
        two = self.members.of(conversation, most=2)
        return bool(two) and all_healed(two) and all_healed(self.members.of(conversation))

    def _open(self, channel: Channel, offer: Offer, move: Open) -> SendResult:
        """Set the timer before the conversation is stored, so that no message that joins it can be lost."""
        opened, now = move.conversation, offer.now
        self.flush_at(opened, opened.starts_at or now + self.window)
        mine = self.conversations.save(opened, now)
        if mine is None:
            current = self.conversations.current(channel.name, opened.key)
            if current is None:
                raise Throttled(
                    f"{channel.name}: the conversation closed while it was being opened", timedelta(seconds=5)
                )
            self._join(current, offer)
            return SendResult(Delivery(DeliveryState.JOINED, now, COVERED), refresh=current)
        self._join(mine, offer)
        if mine.starts_at is None:
            self.show(channel, mine, self.members.of(mine), now)
        return SendResult(Delivery(move.state, now, move.reason), opened=True)

    def _join(self, conversation: Conversation, offer: Offer) -> None:
        member = Member(offer.message.job, offer.message.incident, healed=offer.is_ending)
        self.members.join(conversation, member, offer.now)

    def show(
        self, channel: Channel, conversation: Conversation, members: tuple[Member, ...], now: datetime
    ) -> Conversation:
        """Send or update the conversation's message as it is now, and save what people see.

        Raises:
            Retryable, Permanent: the channel failed.
        """
        report = form(conversation, members)
        self._take_turn(channel, now)
        if isinstance(channel, Threaded) and conversation.place:
            place = channel.update(report, conversation.place)
            if last := last_word(conversation, members):
                channel.send(last, conversation.place)
        else:
            place = channel.send(report)
        newer = shown(replace(conversation, place=place, sent_at=now), members, now)
        return self.conversations.save(newer, now) or newer

    def _take_turn(self, channel: Channel, now: datetime) -> None:
        """Wait until no other call is writing to the channel."""
        if not channel.gap:
            return
        wait = self.rate_limit.slot(channel.name, channel.gap, now) - now
        if wait > PATIENCE:
            raise Throttled(f"{channel.name}: other messages are sent first", wait)
        if wait > timedelta(0):
            self.pause(wait.total_seconds())

    def flush_at(self, conversation: Conversation, at: datetime) -> None:
        self.timers.set(FlushTimer(conversation.message.job, conversation.id, at))
