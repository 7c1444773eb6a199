"""Deliver one message to its channels: each accepts it now, may accept it later, or never will."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.alerting.moves import Terms
from cronmend.errors import Permanent, RateLimited, Retryable, Throttled
from cronmend.model.alert_wakeups import DeliverTimer
from cronmend.model.incident import LEAD
from cronmend.model.report import Message, Report
from cronmend.ports.alerting import AlertTimers, Channel, ChannelHealth, DeadLetters, Outbox
from cronmend.use_cases.alerting.conversation import ConversationWriter, SendResult

TRIES = 10
"""With the waits between them, a channel may be down for more than an hour."""
FALLBACK_AFTER = 3
"""After this many tries, the fallback gets the message as well."""
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=15)
"""A channel that asks for a longer wait isn't given it: the fallback and the alarm must not wait for a day."""


def backoff(tries: int) -> timedelta:
    """How long to wait before the next try."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * float(2**tries))


def wait_after(error: Retryable, tries: int) -> timedelta:
    """How long to wait before the next try; at least as long as the channel asks, within the longest wait."""
    asked = error.after if isinstance(error, RateLimited) else timedelta(0)
    return min(_LONGEST_WAIT, max(asked, backoff(tries)))


@dataclass(frozen=True, slots=True)
class Deliverer:
    channel: Callable[[str], Channel | None]
    """The channel with a name from a route; None if the stack has no such channel."""
    outbox: Outbox
    health: ChannelHealth
    dead_letters: DeadLetters
    timers: AlertTimers
    writer: ConversationWriter

    def deliver(
        self, message: Message, terms: Terms, second: Sequence[str], now: datetime, *, again: bool = False
    ) -> list[SendResult]:
        """Send the message to the route's channels, and to those in ``second`` that were notified of the incident.

        Skips channels that have the message and, unless ``again``, those that failed for good.
        """
        known, results = self.outbox.deliveries(message), []
        knowing = (name for name in second if self.writer.knows(name, message.incident))
        for name in dict.fromkeys((*terms.route.channels, *knowing, *known)):
            before = known.get(name)
            if (before is None or _is_due(before, now, again)) and (channel := self.channel(name)):
                results.append(self._offer(channel, message, terms, before, now))
        return results

    def find(self, job: str, incident: str, change: str) -> Message | None:
        return self.outbox.message(job, incident, change)

    def send_test(self, channel: Channel, report: Report, now: datetime) -> str:
        """Send a report outside of any conversation, and store the result as the channel's health."""
        try:
            channel.send(report)
        except (Retryable, Permanent) as error:
            self.note_failure(channel, error, now)
            return str(error)
        self.health.note(channel.name, now)
        return ""

    def note_failure(self, channel: Channel, error: Exception, now: datetime) -> None:
        self.health.note(channel.name, now, str(error))

    def fail(self, channel: Channel, message: Message, terms: Terms, delivery: Delivery) -> SendResult:
        """Give up: keep the message in the dead-letter queue, whose alarm notifies people, and use the fallback."""
        self.health.note(channel.name, delivery.at, delivery.reason)
        self._fall_back(message, terms, delivery.at)
        known = self.outbox.deliveries(message).get(channel.name)
        if known is None or known.state is not DeliveryState.FAILED:
            self.dead_letters.put(message, channel.name, delivery.reason)
        return self._noted(channel, message, SendResult(delivery))

    def _offer(
        self, channel: Channel, message: Message, terms: Terms, before: Delivery | None, now: datetime
    ) -> SendResult:
        """Returns a channel's failure as a result, not as an exception."""
        tries = before.tries if before and not before.is_final else 0
        try:
            result = self.writer.send(channel, message, terms, now)
        except Retryable as error:
            return self._later(channel, message, terms, _waiting(error, tries, now))
        except Permanent as error:
            return self.fail(channel, message, terms, Delivery(DeliveryState.FAILED, now, str(error), tries + 1))
        if result.delivery.state is DeliveryState.SENT:
            self.health.note(channel.name, now)
        return self._noted(channel, message, result)

    def _later(self, channel: Channel, message: Message, terms: Terms, waiting: Delivery) -> SendResult:
        """Set the timer first: without one, a stored state "waiting" would never end."""
        if waiting.tries >= TRIES:
            return self.fail(channel, message, terms, replace(waiting, state=DeliveryState.FAILED, due=None))
        due = waiting.due or waiting.at
        self.timers.set(DeliverTimer(message.job, message.incident, message.change, due))
        if waiting.tries:
            self.health.note(channel.name, waiting.at, waiting.reason)
        if waiting.tries == FALLBACK_AFTER:
            self._fall_back(message, terms, waiting.at)
        return self._noted(channel, message, SendResult(waiting))

    def _fall_back(self, message: Message, terms: Terms, now: datetime) -> None:
        """Send to the fallback channels once; a fallback that fails has no fallback of its own."""
        known, route = self.outbox.deliveries(message), terms.route
        for name in route.fallback:
            if name not in known and name not in route.channels and (channel := self.channel(name)):
                self._offer(channel, message, replace(terms, route=replace(route, fallback=())), None, now)

    def _noted(self, channel: Channel, message: Message, result: SendResult) -> SendResult:
        self.outbox.note(message, channel.name, result.delivery)
        return result


def _waiting(error: Retryable, tries: int, now: datetime) -> Delivery:
    """A wait for messages that Cronmend sends first isn't a failed try of the channel."""
    if isinstance(error, Throttled) and not isinstance(error, RateLimited):
        return Delivery(DeliveryState.WAITING, now, str(error), tries, now + error.after)
    return Delivery(DeliveryState.WAITING, now, str(error), tries + 1, now + wait_after(error, tries))


def _is_due(before: Delivery, now: datetime, again: bool) -> bool:
    if before.state is DeliveryState.WAITING:
        return before.due is None or before.due <= now + LEAD
    return again and before.state is DeliveryState.FAILED
