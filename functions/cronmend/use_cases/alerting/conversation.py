"""Carry out the decision on a message at one channel, and store which incidents are in which conversation."""

from collections.abc import Callable, Mapping, Sequence
from copy import replace
from datetime import timedelta

from msgspec import Struct

from cronmend.alerting import reports
from cronmend.alerting.conversations import (
    BURST,
    UPDATE_INTERVAL,
    WINDOW,
    Conversation,
    Delivery,
    DeliveryState,
    flush_of,
    has_ended,
    is_of_endings,
    of_message,
)
from cronmend.alerting.decide import (
    COVERED,
    OVER,
    decide,
    decide_in_group,
    is_quiet_line,
    needs_no_conversation,
    opening,
)
from cronmend.alerting.members import Member, WithMembers, all_over_by, as_seen
from cronmend.alerting.moves import Act, Covered, Group, Offer, Open, Reply, Revise, Rewrite, Send, SendFirst
from cronmend.errors import Gone, Throttled
from cronmend.model.incident import Incident, JobState
from cronmend.model.report import ALERTS, Message, MessageKind, Stage
from cronmend.ports.alerting import AlertLookups, Channel, ConversationStore, RateLimit
from cronmend.use_cases.alerting.rendering import LEASE, Renderer, whole_second

type Known = Mapping[str, Sequence[Conversation]]
"""The conversations that an incident is in, of each channel, oldest first."""


class SendResult(Struct, frozen=True):
    """``refresh``: conversations to update once for the whole batch; ``opened``: the message opened one."""

    delivery: Delivery
    refresh: tuple[Conversation, ...] = ()
    opened: bool = False

    @property
    def is_remembered(self) -> bool:
        """Whether offering the message again would send nothing, even if this delivery was never stored."""
        return self.opened or self.delivery.state is not DeliveryState.SENT


class ConversationWriter(Struct, frozen=True):
    store: ConversationStore
    rate_limit: RateLimit
    lookups: AlertLookups
    renderer: Renderer
    window: timedelta = WINDOW
    """How long a conversation collects further failures before it is flushed."""

    def send(self, channel: Channel, offer: Offer, known: Callable[[], Known]) -> SendResult:
        """Send the message, or add it to a conversation that is sent as one message.

        Args:
            known: reads the conversations that the incident is in, of each channel.

        Raises:
            Retryable: the channel may accept it later.
            Permanent: the channel won't accept it.
        """
        if early := needs_no_conversation(offer):
            return self._act(channel, offer, early)
        found = known().get(offer.channel, ())
        offer = self._collect(offer, found)
        move = decide(offer)
        result = self._in_group(channel, offer, move) if isinstance(move, Group) else self._act(channel, offer, move)
        return self._ended(offer, found, result) if offer.is_ending else result

    def _collect(self, offer: Offer, found: Sequence[Conversation]) -> Offer:
        """Add what people know about the incident. An end is stored first, no matter what is sent afterwards."""
        for each in found if offer.is_ending else ():
            if not is_of_endings(each):
                self.store.join(each, _member(offer), offer.now)
        if known := of_message(found, offer.message):
            member = self.store.member(known, offer.message.job, offer.message.incident)
            offer = replace(offer, conversation=known, member=member, members=self._some_members(known))
        lines = self.rate_limit.opened(f"{offer.channel}/over", offer.now) if is_quiet_line(offer) else 0
        return replace(offer, lines=lines)

    def _some_members(self, known: Conversation) -> tuple[Member, ...]:
        """Two members show whether the incident is alone. All are needed only before the first message is sent."""
        return self.store.of(known, most=2 if known.is_first_sent else None)

    def _act(self, channel: Channel, offer: Offer, move: Act) -> SendResult:
        result, now = SendResult(Delivery(move.state, offer.now, move.reason)), offer.now
        match move:
            case Covered():
                refresh = (self.renderer.arm(move.refresh, now + 2 * UPDATE_INTERVAL, now),) if move.refresh else ()
                return replace(result, refresh=refresh, opened=move.opened)
            case Send():
                self._send(channel, offer, move)
            case Reply():
                self.renderer.reply(channel, move.conversation, move.report, offer.message, now)
            case Rewrite():
                self.renderer.rewrite(channel, move.conversation, move.report, offer.message, now)
            case Revise():
                message = move.conversation.message
                self.renderer.changed(move.conversation, lambda each: replace(each, message=message), now)
            case SendFirst():
                self.renderer.show_first(channel, move.conversation, now)
                return replace(result, opened=True)
        return result

    def _send(self, channel: Channel, offer: Offer, move: Send) -> None:
        try:
            self.renderer.send(channel, offer.report, move.thread, offer.now)
        except Gone:
            if offer.conversation is None:
                raise
            self._send_again(channel, offer.conversation, offer)
        if after := move.after:
            self.renderer.changed(
                after, lambda each: replace(each, message=after.message, sent_at=after.sent_at), offer.now
            )

    def _send_again(self, channel: Channel, known: Conversation, offer: Offer) -> None:
        """The thread is gone: send the whole conversation again, and answer there."""
        again = self.renderer.show(channel, known, self.store.of(known), offer.now)
        self.renderer.send(channel, offer.report, again.place, offer.now)

    def _ended(self, offer: Offer, found: Sequence[Conversation], result: SendResult) -> SendResult:
        """Store the end in each conversation of the incident, not only in the latest one."""
        refresh = list(result.refresh)
        for each in found:
            member = self.store.member(each, offer.message.job, offer.message.incident)
            if member is None or not member.is_stale:
                continue
            if each.place is None:
                self.store.seen(each, (as_seen(member, offer.now, None),), offer.now)
            elif each not in (of_message(found, offer.message), *refresh):
                # Its thread gets no last line: the incident's end is in the thread of the latest conversation.
                quiet = self.renderer.changed(each, lambda one: replace(one, ended_at=offer.now), offer.now)
                refresh.append(self.renderer.arm(quiet, offer.now + 2 * UPDATE_INTERVAL, offer.now))
        return replace(result, refresh=tuple(refresh))

    def _in_group(self, channel: Channel, offer: Offer, group: Group, opened: int = 0) -> SendResult:
        """Args: opened: how many conversations the channel would have opened in this minute, if it may open no more."""
        if group.report:
            offer = replace(offer, message=replace(offer.message, report=group.report))
        current = self._current(channel, offer, group.key)
        move = decide_in_group(offer, group, current, opened)
        if isinstance(move, Group):
            return self._in_group(channel, offer, move)
        if isinstance(move, Open):
            return self._open(channel, offer, move, group)
        again = self._joined(move.conversation, offer)
        if isinstance(again, SendResult):
            return again
        if isinstance(move, SendFirst):
            return self._act(channel, offer, move)
        if again is None or not again.is_open:
            return self._open(channel, offer, opening(offer, move.conversation.key), Group(group.key))
        return SendResult(Delivery(move.state, offer.now, move.reason), refresh=(again,))

    def _current(self, channel: Channel, offer: Offer, key: str) -> Conversation | None:
        """The open conversation. If all its jobs have healed, a new failure ends it and opens another."""
        latest = offer.before.latest_of(channel.name, key) if offer.before else None
        latest = self.store.latest(channel.name, key) if latest is None else latest
        found = self.store.whole(latest, most=2) if latest else None
        if found is None or not found.conversation.is_open:
            return None
        current = found.conversation
        if offer.report.kind in ALERTS and current.is_first_sent and self._is_over(found, offer.message):
            self.renderer.changed(current, lambda each: replace(each, is_open=False), offer.now)
            return None
        return current

    def _is_over(self, found: WithMembers, newer: Message) -> bool:
        """Counting what the job's newer failure ended, though the message about that end may be delivered later."""
        two, conversation = found.members, found.conversation
        return bool(two) and all_over_by(two, newer) and all_over_by(self.store.of(conversation), newer)

    def _open(self, channel: Channel, offer: Offer, move: Open, group: Group) -> SendResult:
        """The promise of its timer is stored with it, so that no message that joins it can be lost."""
        now = offer.now
        due = whole_second(move.conversation.starts_at or now + self.window)
        opened = replace(move.conversation, due=due, sending_until=None if offer.waits else now + LEASE)
        mine = self.store.open(opened, _member(offer), now, BURST if group.counted else None)
        if mine is None:
            return self._joined_instead(channel, offer, group)
        for timer in flush_of(mine):
            self.renderer.timers.start(timer)
        if self._is_over_by_now(mine, offer, self.renderer.job_states.read(offer.message.job)):
            self.renderer.changed(mine, lambda each: replace(each, sending_until=None), now)
            return SendResult(Delivery(DeliveryState.DROPPED, now, OVER))
        if mine.starts_at is None:
            self.renderer.show_claimed(channel, mine, None, now, (_member(offer),))
        return SendResult(Delivery(move.state, now, move.reason), opened=True)

    def _joined_instead(self, channel: Channel, offer: Offer, group: Group) -> SendResult:
        """Another invocation has opened the conversation, or the channel may open no more in this minute."""
        current = self.store.current(channel.name, group.key)
        opened = self.rate_limit.in_minute(channel.name, offer.now) if current is None and group.counted else 0
        if opened >= BURST:
            return self._in_group(channel, offer, group, opened + 1)
        if current is None:
            raise Throttled(f"{channel.name}: other conversations were opened meanwhile", timedelta(seconds=5))
        again = self._joined(current, offer)
        if isinstance(again, SendResult):
            return again
        return SendResult(Delivery(DeliveryState.JOINED, offer.now, COVERED), refresh=(current,))

    def _joined(self, conversation: Conversation, offer: Offer) -> Conversation | SendResult | None:
        """The conversation, read after the join; the result if the incident was over by then."""
        self.store.join(conversation, _member(offer), offer.now)
        again, job_state = self.lookups.after_join(conversation.id, offer.message.job)
        if self._is_over_by_now(conversation, offer, job_state):
            return SendResult(Delivery(DeliveryState.DROPPED, offer.now, OVER))
        return again

    def _is_over_by_now(self, conversation: Conversation, offer: Offer, job_state: JobState) -> bool:
        """``job_state`` was read after the join: an end that comes later finds the incident in the conversation."""
        incident = job_state.incident
        if not has_ended(incident, offer.message):
            return False
        stage, status = _end_of(incident, offer.message)
        over = replace(_member(offer), healed=True, stage=stage, status=status)
        self.store.join(conversation, over, offer.now)
        return True


def _member(offer: Offer) -> Member:
    message, report = offer.message, offer.report
    return Member(
        message.job, message.incident, offer.is_ending, message.change, stage=report.stage, status=report.status
    )


def _end_of(incident: Incident | None, message: Message) -> tuple[Stage, str]:
    """How the message's incident ended; for an incident that isn't the job's latest, only that it did."""
    if incident is None or incident.id != message.incident:
        return Stage.OVER, "over"
    return reports.standing(incident, MessageKind(incident.state.value))
