"""Deliver a message from the ledger to every channel of its route, at least once.

A failing channel doesn't delay other messages: a timer sends the message to it again. If a channel keeps failing, the
message is put in the dead-letter queue and sent to the route's fallback channels.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cronmend.alerting import reports
from cronmend.alerting.conversations import WINDOW, Conversation
from cronmend.alerting.moves import Terms
from cronmend.alerting.routes import Route, Routes
from cronmend.alerting.timing import AT_ONCE, starts_at
from cronmend.errors import NotFound
from cronmend.healing import transitions
from cronmend.jobs.policies import JobPolicy
from cronmend.model.alert_wakeups import AlertTimer, DeliverTimer, EscalateTimer, FlushTimer, RedriveRequest
from cronmend.model.incident import Change, JobState
from cronmend.model.report import ALERTS, ENDINGS, Message, MessageKind
from cronmend.ports.alerting import (
    AlertTimers,
    Channel,
    ChannelHealth,
    ConversationStore,
    DeadLetters,
    Mutes,
    Outbox,
    RateLimit,
)
from cronmend.ports.healing import JobStates
from cronmend.ports.promises import AlertPromises
from cronmend.use_cases.alerting.conversation import ConversationWriter
from cronmend.use_cases.alerting.delivery import Deliverer
from cronmend.use_cases.alerting.flush import Flusher
from cronmend.use_cases.alerting.promised_timers import PromisedTimers
from cronmend.use_cases.commit import commit


@dataclass(frozen=True, slots=True)
class AlertingPorts:
    """All ports that ``failure_alert`` uses."""

    channel: Callable[[str], Channel | None]
    """The channel with a name from a route; None if the stack has no such channel."""
    outbox: Outbox
    conversations: ConversationStore
    rate_limit: RateLimit
    mutes: Mutes
    health: ChannelHealth
    dead_letters: DeadLetters
    job_states: JobStates
    timers: AlertTimers
    promises: AlertPromises
    pause: Callable[[float], None]
    """Sleeps for seconds."""


@dataclass(frozen=True, slots=True)
class DeliverMessages:
    """``deliver`` and ``wake`` return the conversations that the caller has to pass to ``refresh``; then ``settle``."""

    deliverer: Deliverer
    flusher: Flusher
    mutes: Mutes
    job_states: JobStates
    timers: AlertTimers
    promises: AlertPromises
    routes: Routes
    policy: Callable[[str], JobPolicy]

    @classmethod
    def over(
        cls, ports: AlertingPorts, routes: Routes, policy: Callable[[str], JobPolicy], group_for: timedelta = WINDOW
    ) -> "DeliverMessages":
        """Build it from the ports. ``group_for`` is how long a conversation collects failures before it is flushed."""
        known, timers = ports.conversations, PromisedTimers(ports.promises, ports.timers)
        writer = ConversationWriter(known, known, ports.rate_limit, timers, ports.pause, group_for)
        deliverer = Deliverer(ports.channel, ports.outbox, ports.health, ports.dead_letters, timers, writer)
        flusher = Flusher(known, known, writer, deliverer)
        return cls(deliverer, flusher, ports.mutes, ports.job_states, timers, ports.promises, routes, policy)

    def deliver(self, message: Message, now: datetime, *, again: bool = False) -> tuple[Conversation, ...]:
        """Send the message to the channels that don't have it; with ``again``, also to those that failed for good.

        Raises:
            Retryable: the ledger or the timers didn't answer; a second call repeats nothing that was done.
        """
        message = self._decorated(message)
        terms = self._terms(message, now)
        results = self.deliverer.deliver(message, terms, self._second(message, terms.route), now, again=again)
        if terms.route.escalate_to and message.report.kind in ALERTS and self._has_opened(message, terms):
            self._escalate_later(message, terms, now)
        return tuple(each.refresh for each in results if each.refresh)

    def wake(self, wakeup: AlertTimer | RedriveRequest, now: datetime) -> tuple[str, tuple[Conversation, ...]]:
        """Handle a timer or a request; the returned sentence is for the log.

        Raises:
            NotFound: the message is older than the ledger's records.
            Retryable: as ``deliver``.
        """
        match wakeup:
            case FlushTimer():
                return self.flusher.flush(wakeup.conversation, self._terms, now), ()
            case EscalateTimer():
                return self._escalate(wakeup, now), ()
            case DeliverTimer() | RedriveRequest():
                return self._offer_again(wakeup, now)

    def _offer_again(
        self, wakeup: DeliverTimer | RedriveRequest, now: datetime
    ) -> tuple[str, tuple[Conversation, ...]]:
        message = self.deliverer.find(wakeup.job, wakeup.incident, wakeup.change)
        if message is None:
            raise NotFound(f"the ledger holds no message {wakeup.change} of {wakeup.job}: its records have expired")
        changed = self.deliver(message, now, again=isinstance(wakeup, RedriveRequest))
        return f"the message {wakeup.change} of {wakeup.job} was sent again", changed

    def settle(self, done: Iterable[Message | AlertTimer | RedriveRequest]) -> None:
        """Forget what was promised, after all of it is done: until then, ``reconcile`` finds it."""
        for each in done:
            if isinstance(each, Message | DeliverTimer | RedriveRequest):
                self.promises.offered(each.job, each.incident, each.change)
            if isinstance(each, DeliverTimer | FlushTimer | EscalateTimer):
                self.promises.handled(each)

    def refresh(self, changed: Iterable[Conversation], now: datetime) -> None:
        """Update each conversation once for all messages of a batch."""
        self.flusher.refresh(changed, self._terms, now)

    def canary(self, now: datetime) -> dict[str, str]:
        """Send a test message to each channel of each route; the error of each, ``""`` if it was delivered."""
        routes = (*self.routes.routes.values(), self.routes.get(""))
        names = dict.fromkeys(name for route in routes for name in (*route.channels, *route.fallback))
        channels = (channel for name in names if (channel := self.deliverer.channel(name)))
        return {channel.name: self.deliverer.send_test(channel, reports.canary(now), now) for channel in channels}

    def _decorated(self, message: Message) -> Message:
        """The message with the job's owner, runbook and severity, and whom its route mentions."""
        policy = self.policy(message.job)
        report = reports.decorated(message.report, policy.owner, policy.runbook, policy.severity)
        decorated = replace(message, report=report)
        return replace(decorated, report=replace(report, mention=self._route(decorated).mention))

    def _route(self, message: Message) -> Route:
        """Takes a decorated message, since the severity may decide."""
        report, named = message.report, self.policy(message.job).alert
        own = self.routes.get(message.route) if message.route else None
        return own or self.routes.of(message.job, report.severity, report.category, named)

    def _terms(self, message: Message, now: datetime) -> Terms:
        report, route = message.report, self._route(message)
        muted_until = None if report.kind in AT_ONCE else self.mutes.until(report.job, now)
        return Terms(route, starts_at(report, route, muted_until, now), self._acknowledged_by(message))

    def _acknowledged_by(self, message: Message) -> str | None:
        if message.report.kind is not MessageKind.REMINDER:
            return None
        incident = self.job_states.read(message.job).incident
        return incident.acknowledged_by if incident and incident.id == message.incident else None

    def _second(self, message: Message, route: Route) -> tuple[str, ...]:
        """The channels of the escalation route, if this message ends the incident: they get the end, too."""
        is_ending = message.report.kind in ENDINGS and route.escalate_to
        return self.routes.get(route.escalate_to).channels if is_ending else ()

    def _has_opened(self, message: Message, terms: Terms) -> bool:
        """Whether the message opened a conversation, now or in an earlier call that ended before its timer was set."""
        return any(self.deliverer.writer.is_opened(name, message) for name in terms.route.channels)

    def _escalate_later(self, message: Message, terms: Terms, now: datetime) -> None:
        at = (terms.starts_at or now) + terms.route.escalate_after
        self.timers.set(EscalateTimer(message.job, message.incident, terms.route.name, message.change, at))

    def _escalate(self, timer: EscalateTimer, now: datetime) -> str:
        """The escalation is written to the ledger like any other message, so a crash can't lose it."""
        message = self.deliverer.find(timer.job, timer.incident, timer.change)
        route = self.routes.get(timer.route)
        if message is None or not route.escalate_to:
            return f"no escalation: the message {timer.change} or the escalation of route {timer.route} is gone"
        if muted := self.mutes.until(timer.job, now):
            self.timers.set(replace(timer, at=muted + route.escalate_after, postponed=timer.postponed + 1))
            return f"{timer.job} is muted: the escalation waits until the mute ends"

        def decide(job_state: JobState) -> Change | None:
            incident = job_state.incident
            over = incident is None or incident.id != timer.incident or not incident.is_open
            if over or incident is None or incident.acknowledged_by:
                return None
            return transitions.escalated(job_state, message.report, route.escalate_to, route.escalate_after)

        change_made, _ = commit(self.job_states, timer.job, now, decide)
        if change_made.messages:
            return f"no one has acknowledged the alert: route {route.escalate_to} is notified"
        return "no escalation: the incident is over or acknowledged"
