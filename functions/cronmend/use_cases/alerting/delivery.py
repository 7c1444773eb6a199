"""One message, one channel: it takes it, it may take it later, or it never will."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.alerting.routes import Healed, Route, first_showing
from cronmend.errors import Permanent, Retryable, Throttled
from cronmend.model.report import ENDINGS, Message, MessageKind, Report
from cronmend.model.wakeups import DeliverTimer
from cronmend.ports.alerting import AlertTimers, Channel, ChannelHealth, DeadLetters, Mutes, Outbox
from cronmend.ports.healing import JobStates
from cronmend.use_cases.alerting.conversation import Talk, Told

TRIES = 10
"""With the waits between them a channel may be away for more than an hour."""
FALLBACK_AFTER = 3
"""Tries after which the fallback is told as well."""
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=15)
_AT_ONCE = frozenset({MessageKind.CIRCUIT, MessageKind.CANARY, MessageKind.ESCALATION})
"""Kinds that no quiet hours and no mute keep back."""


def backoff(tries: int) -> timedelta:
    """Until a channel that has failed so often is asked again."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * float(2**tries))


@dataclass(frozen=True, slots=True)
class Deliverer:
    channel: Callable[[str], Channel | None]
    """By the name that a route gives it; None where the stack has no such."""
    outbox: Outbox
    talk: Talk
    mutes: Mutes
    health: ChannelHealth
    dead_letters: DeadLetters
    job_states: JobStates
    timers: AlertTimers

    def offer(self, channel: Channel, message: Message, route: Route, before: Delivery | None, now: datetime) -> Told:
        """What became of it; a channel's failure is an outcome, not an exception."""
        tries = before.tries if before and not before.is_final else 0
        if channel.gathers and (silent := self._silent(message, route)):
            return self._noted(channel, message, Told(Delivery(DeliveryState.DROPPED, now, silent)))
        starts_at = self.starts_at(message.report, route, now) if channel.gathers else None
        try:
            told = self.talk.tell(channel, message, route, starts_at, now)
        except Throttled as error:
            waiting = Delivery(DeliveryState.WAITING, now, str(error), tries, now + error.after)
            return self._again(channel, message, route, waiting)
        except Retryable as error:
            waiting = Delivery(DeliveryState.WAITING, now, str(error), tries + 1, now + backoff(tries))
            return self._again(channel, message, route, waiting)
        except Permanent as error:
            return self.failed(channel, message, route, Delivery(DeliveryState.FAILED, now, str(error), tries + 1))
        if told.delivery.state is DeliveryState.SENT:
            self.health.note(channel.name, now)
        return self._noted(channel, message, told)

    def failed(self, channel: Channel, message: Message, route: Route, delivery: Delivery) -> Told:
        """It will not be offered again by itself: the dead letters call a person, and the fallback is told."""
        self.health.note(channel.name, delivery.at, delivery.reason)
        self._fall_back(message, route, delivery.at)
        known = self.outbox.deliveries(message).get(channel.name)
        if known is None or known.state is not DeliveryState.FAILED:
            self.dead_letters.put(message, channel.name, delivery.reason)
        return self._noted(channel, message, Told(delivery))

    def _again(self, channel: Channel, message: Message, route: Route, waiting: Delivery) -> Told:
        """The timer first: a note that it waits would be untrue without one."""
        if waiting.tries >= TRIES:
            return self.failed(channel, message, route, replace(waiting, state=DeliveryState.FAILED, due=None))
        due = waiting.due or waiting.at
        self.timers.set(DeliverTimer(message.job, message.incident, message.change, due))
        if waiting.tries:
            self.health.note(channel.name, waiting.at, waiting.reason)
        if waiting.tries == FALLBACK_AFTER:
            self._fall_back(message, route, waiting.at)
        return self._noted(channel, message, Told(waiting))

    def _fall_back(self, message: Message, route: Route, now: datetime) -> None:
        """Once: a fallback that fails too has none of its own."""
        known = self.outbox.deliveries(message)
        for name in route.fallback:
            if name not in known and name not in route.channels and (channel := self.channel(name)):
                self.offer(channel, message, replace(route, fallback=()), None, now)

    def _noted(self, channel: Channel, message: Message, told: Told) -> Told:
        self.outbox.note(message, channel.name, told.delivery)
        return told

    def _silent(self, message: Message, route: Route) -> str:
        """Why nobody is told, or an empty string."""
        if not route.sends(message.report.severity):
            return f"the route sends nothing less severe than {route.least}"
        if message.report.kind is MessageKind.REMINDER:
            incident = self.job_states.read(message.job).incident
            if incident and incident.id == message.incident and incident.acknowledged_by:
                return f"{incident.acknowledged_by} has taken it on"
        return ""

    def starts_at(self, report: Report, route: Route, now: datetime) -> datetime | None:
        """Until when it has to wait; None where it may go out now."""
        if report.kind in _AT_ONCE:
            return None
        muted, quiet = self.mutes.until(report.job, now), route.waits(report.severity, now)
        digest = _next_digest(route, now) if report.kind in ENDINGS and route.healed is Healed.DIGEST else None
        return max((each for each in (muted, quiet, digest) if each), default=None)


def _next_digest(route: Route, now: datetime) -> datetime:
    zone = ZoneInfo(route.timezone)
    today = now.astimezone(zone).date()
    days = (datetime.combine(today + timedelta(days=ahead), route.digest_at) for ahead in (0, 1, 2))
    return next(at for day in days if (at := first_showing(day, zone)) > now)
