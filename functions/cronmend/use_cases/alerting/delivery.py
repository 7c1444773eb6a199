"""Deliver one message to its channels: each accepts it now, may accept it later, or never will."""

from collections.abc import Callable, Iterable, Mapping
from copy import replace
from datetime import datetime, timedelta
from functools import cache, partial

from msgspec import Struct, field

from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.alerting.moves import Before, Offer, Terms
from cronmend.errors import Permanent, RateLimited, Retryable, Throttled
from cronmend.model.alert_wakeups import DeliverTimer
from cronmend.model.incident import LEAD
from cronmend.model.report import ALERTS, ENDINGS, Message, Report
from cronmend.ports.alerting import AlertTimers, Channel, DeadLetters, HealthNotes, Outbox, Threaded
from cronmend.use_cases.alerting.conversation import ConversationWriter, Known, SendResult

TRIES = 10
"""With the waits between them, a channel may be down for more than an hour."""
FALLBACK_AFTER = 3
"""After this many tries, the fallback gets the message as well."""
MOVED = "the route no longer names this channel"
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=15)
"""A channel that asks for a longer wait isn't given it: the fallback and the alarm must not wait for a day."""


def backoff(tries: int) -> timedelta:
    """How long to wait before the next try."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * float(2**tries))


def wait_after(error: Retryable, tries: int) -> timedelta:
    """How long to wait before the next try; at least as long as the channel asks, within the longest wait."""
    if isinstance(error, Throttled) and is_turn(error):
        return error.after
    asked = error.after if isinstance(error, RateLimited) else timedelta(0)
    return min(_LONGEST_WAIT, max(asked, backoff(tries)))


def is_turn(error: Exception) -> bool:
    """Whether it is a wait for messages that Cronmend sends first, which isn't a failed try of the channel."""
    return isinstance(error, Throttled) and not isinstance(error, RateLimited)


class Turn(Struct, frozen=True):
    """A message that is offered to its channels, one after the other."""

    message: Message
    terms: Terms
    now: datetime
    known: Callable[[], Known]
    before: Before | None
    unnoted: dict[str, SendResult] = field(default_factory=dict)
    """By channel: not stored yet. They are stored together, before the next channel is offered the message if a second
    offer wouldn't find all of them in the conversations."""

    @property
    def is_at_risk(self) -> bool:
        return not all(each.is_remembered for each in self.unnoted.values())

    @property
    def knowing(self) -> Iterable[str]:
        """The channels to which the end of an incident goes, besides those of the route."""
        return sorted(self.known()) if self.message.report.kind in ENDINGS else ()


class Deliverer(Struct, frozen=True):
    channel: Callable[[str], Channel | None]
    """The channel with a name from a route; None if the stack has no such channel."""
    outbox: Outbox
    health: HealthNotes
    dead_letters: DeadLetters
    timers: AlertTimers
    writer: ConversationWriter

    def deliver(
        self, message: Message, terms: Terms, before: Before, now: datetime, *, again: bool = False
    ) -> list[SendResult]:
        """Send the message to the route's channels; an incident's end also to those that were sent its failure.

        Skips channels that have the message and, unless ``again``, those that failed for good. The results are of all
        channels, skipped ones included. Unless one of them starts an escalation, whose timer comes first, the message
        promises nothing more: what joined a conversation is in the promise of its timer.
        """
        known, results = before.deliveries, list[SendResult]()
        turn = self._turn(message, terms, now, before)
        wanted = tuple(dict.fromkeys((*terms.route.channels, *turn.knowing)))
        for name in terms.lacking:
            results += self._lacks(name, message, terms, known.get(name), now)
        for name in dict.fromkeys((*wanted, *known)):
            self._note_at_risk(turn)
            delivery = known.get(name)
            if delivery and not _is_due(delivery, now, again):
                results.append(SendResult(delivery))
            elif name in wanted or name in terms.route.fallback:
                results += self._offer(name, turn, delivery)
            elif name not in terms.lacking:
                results.append(self._noted(name, message, SendResult(Delivery(DeliveryState.DROPPED, now, MOVED))))
        self._note(turn, offered=not any(each.delivery.escalate_at for each in results))
        return results

    def find(self, job: str, incident: str, change: str) -> Message | None:
        return self.outbox.message(job, incident, change)

    def failing(self, message: Message, channel: str) -> Delivery | None:
        """The delivery of a message that the channel didn't take, or not yet; None if it did, or wasn't offered it."""
        known = self.outbox.deliveries(message).get(channel)
        return known if known and known.state in {DeliveryState.WAITING, DeliveryState.FAILED} else None

    def send_test(self, channel: Channel, report: Report, now: datetime) -> str:
        """Send a report outside of any conversation, and store the result as the channel's health."""
        try:
            channel.send(report)
        except (Retryable, Permanent) as error:
            self.note_failure(channel.name, error, now)
            return str(error)
        self.health.accepted({channel.name: now})
        return ""

    def note_failure(self, channel: str, error: Exception, now: datetime) -> None:
        self.health.failed(channel, now, str(error))

    def fail(self, channel: str, message: Message, terms: Terms, delivery: Delivery) -> list[SendResult]:
        """Give up: keep the message in the dead-letter queue, whose alarm notifies people, and use the fallback."""
        self.health.failed(channel, delivery.at, delivery.reason)
        results = self.fall_back(message, terms, channel, delivery.at)
        known = self.outbox.deliveries(message).get(channel)
        if known is None or known.state is not DeliveryState.FAILED:
            self.dead_letters.put(message, channel, delivery.reason)
        return [self._noted(channel, message, SendResult(delivery)), *results]

    def fall_back(self, message: Message, terms: Terms, failed: str, now: datetime) -> list[SendResult]:
        """Send to the fallback channels once; a fallback that fails has no fallback of its own."""
        known, route, results = self.outbox.deliveries(message), terms.route, list[SendResult]()
        alone = self._turn(message, replace(terms, route=replace(route, fallback=()), lacking=()), now)
        instead = route.channels if failed in terms.lacking else ()
        for name in (*instead, *(each for each in route.fallback if each not in route.channels)):
            self._note_at_risk(alone)
            if name not in known and self.channel(name):
                results += self._offer(name, alone, None)
        self._note(alone)
        return results

    def _turn(self, message: Message, terms: Terms, now: datetime, before: Before | None = None) -> Turn:
        return Turn(message, terms, now, cache(partial(self.writer.store.of_incident, message.incident)), before)

    def _lacks(
        self, name: str, message: Message, terms: Terms, before: Delivery | None, now: datetime
    ) -> Iterable[SendResult]:
        """The route's own channel isn't there, and another one is used instead: the health of the channel says so."""
        if before is not None:
            return [SendResult(before)]
        reason = f"{lacks(name)}; the message was sent to {', '.join(terms.route.channels)} instead"
        self.health.failed(name, now, reason)
        return [self._noted(name, message, SendResult(Delivery(DeliveryState.FAILED, now, reason)))]

    def _offer(self, name: str, turn: Turn, before: Delivery | None) -> list[SendResult]:
        """Returns a channel's failure as a result, not as an exception."""
        channel, tries = self.channel(name), before.tries if before and not before.is_final else 0
        try:
            if channel is None:
                raise Permanent(lacks(name))
            result = self.writer.send(channel, self._offer_of(channel, turn), turn.known)
        except (Retryable, Permanent) as error:
            self._note(turn)
            return self._refused(name, turn, error, tries)
        if result.delivery.state is DeliveryState.SENT:
            self.health.accepted({name: turn.now})
        result = turn.unnoted[name] = _escalating(result, turn.message, turn.terms)
        return [result]

    def _offer_of(self, channel: Channel, turn: Turn) -> Offer:
        is_closed = turn.terms.is_over and not channel.groups and self._has_end(turn.message, channel.name)
        threads = isinstance(channel, Threaded)
        offer = Offer(channel.name, turn.message, turn.terms, turn.now, channel.groups, threads)
        return replace(offer, is_closed=is_closed, before=turn.before)

    def _refused(self, name: str, turn: Turn, error: Retryable | Permanent, tries: int) -> list[SendResult]:
        message, terms, now = turn.message, turn.terms, turn.now
        if isinstance(error, Retryable):
            return self._later(name, message, terms, _waiting(error, tries, now))
        tries += self.channel(name) is not None
        return self.fail(name, message, terms, Delivery(DeliveryState.FAILED, now, str(error), tries))

    def _has_end(self, message: Message, channel: str) -> bool:
        """Whether the channel was sent the end of the message's incident."""
        return any(
            each.report.kind in ENDINGS and _is_sent(deliveries, channel)
            for each, deliveries in self.outbox.of_incident(message.job, message.incident)
        )

    def _later(self, name: str, message: Message, terms: Terms, waiting: Delivery) -> list[SendResult]:
        """Set the timer first: without one, a stored state "waiting" would never end."""
        if waiting.tries >= TRIES:
            return self.fail(name, message, terms, replace(waiting, state=DeliveryState.FAILED, due=None))
        due = waiting.due or waiting.at
        self.timers.set(DeliverTimer(message.job, message.incident, message.change, due))
        if waiting.tries:
            self.health.failed(name, waiting.at, waiting.reason)
        results = self.fall_back(message, terms, name, waiting.at) if waiting.tries == FALLBACK_AFTER else []
        return [self._noted(name, message, SendResult(waiting)), *results]

    def _noted(self, channel: str, message: Message, result: SendResult) -> SendResult:
        self.outbox.note(message, {channel: result.delivery})
        return result

    def _note_at_risk(self, turn: Turn) -> None:
        if turn.is_at_risk:
            self._note(turn)

    def _note(self, turn: Turn, *, offered: bool = False) -> None:
        if turn.unnoted or offered:
            unnoted = {name: each.delivery for name, each in turn.unnoted.items()}
            self.outbox.note(turn.message, unnoted, offered=offered)
            turn.unnoted.clear()


def _waiting(error: Retryable, tries: int, now: datetime) -> Delivery:
    due = now + wait_after(error, tries)
    return Delivery(DeliveryState.WAITING, now, str(error), tries + (not is_turn(error)), due)


def lacks(channel: str) -> str:
    return f"the stack has no channel {channel}"


def _escalating(result: SendResult, message: Message, terms: Terms) -> SendResult:
    """The time of the escalation is stored together with the fact that the alert was sent."""
    if not (result.opened and terms.route.escalate_to and message.report.kind in ALERTS):
        return result
    at = (terms.starts_at or result.delivery.at) + terms.route.escalate_after
    return replace(result, delivery=replace(result.delivery, escalate_at=at))


def _is_sent(deliveries: Mapping[str, Delivery], channel: str) -> bool:
    return channel in deliveries and deliveries[channel].state is DeliveryState.SENT


def _is_due(before: Delivery, now: datetime, again: bool) -> bool:
    if before.state is DeliveryState.WAITING:
        return before.due is None or before.due <= now + LEAD
    return again and before.state is DeliveryState.FAILED
