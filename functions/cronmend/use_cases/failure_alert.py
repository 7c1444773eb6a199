"""Deliver a message from the ledger to every channel of its route, at least once.

A failing channel doesn't delay other messages: a timer sends the message to it again. If a channel keeps failing, the
message is put in the dead-letter queue and sent to the route's fallback channels.
"""

from collections.abc import Callable, Iterable
from copy import replace
from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.alerting import reports
from cronmend.alerting.conversations import FOLLOWED, WINDOW, Conversation, has_ended, is_broken_again, key_of
from cronmend.alerting.members import Member
from cronmend.alerting.moves import Terms
from cronmend.alerting.routes import SNS, Route, Routes
from cronmend.alerting.timing import AT_ONCE, starts_at
from cronmend.errors import NotFound
from cronmend.healing import transitions
from cronmend.jobs.policies import JobPolicy
from cronmend.model.alert_wakeups import AlertTimer, DeliverTimer, EscalateTimer, FlushTimer, RedriveRequest
from cronmend.model.incident import Change, Incident, JobState
from cronmend.model.mutes import latest_end
from cronmend.model.report import ALERTS, ENDINGS, Message, MessageKind, Report
from cronmend.ports.alerting import (
    AlertLookups,
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
from cronmend.use_cases.alerting.batch import NotedTogether, ReadMutes, read_once
from cronmend.use_cases.alerting.canary import send_tests
from cronmend.use_cases.alerting.conversation import ConversationWriter
from cronmend.use_cases.alerting.delivery import Deliverer
from cronmend.use_cases.alerting.flush import Flusher
from cronmend.use_cases.alerting.promised_timers import PromisedTimers
from cronmend.use_cases.alerting.rendering import Renderer
from cronmend.use_cases.commit import commit


class AlertingPorts(Struct, frozen=True):
    """All ports that ``failure_alert`` uses."""

    channel: Callable[[str], Channel | None]
    """The channel with a name from a route; None if the stack has no such channel."""
    outbox: Outbox
    lookups: AlertLookups
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


class DeliverMessages(Struct, frozen=True):
    """``deliver`` and ``wake`` return the conversations that the caller has to pass to ``refresh``; then ``settle``."""

    deliverer: Deliverer
    flusher: Flusher
    lookups: AlertLookups
    mutes: ReadMutes
    job_states: JobStates
    timers: AlertTimers
    promises: AlertPromises
    routes: Routes
    policy: Callable[[str], JobPolicy]
    store: Callable[[], None] = lambda: None
    """What the messages of a batch store together."""

    @classmethod
    def over(
        cls, ports: AlertingPorts, routes: Routes, policy: Callable[[str], JobPolicy], group_for: timedelta = WINDOW
    ) -> "DeliverMessages":
        """Build it from the ports. ``group_for`` is how long a conversation collects failures before it is flushed."""
        known, timers = ports.conversations, PromisedTimers(ports.promises, ports.timers)
        renderer = Renderer(known, ports.rate_limit, ports.job_states, timers, ports.pause)
        writer = ConversationWriter(known, ports.rate_limit, ports.lookups, renderer, group_for)
        deliverer = Deliverer(ports.channel, ports.outbox, ports.health, ports.dead_letters, timers, writer)
        flusher = Flusher(known, renderer, deliverer, group_for)
        lookups, states, promises = ports.lookups, ports.job_states, ports.promises
        return cls(deliverer, flusher, lookups, ports.mutes.all, states, timers, promises, routes, policy)

    def of_batch(self) -> "DeliverMessages":
        """The same for one batch of messages, or one timer, which ask and store once what its messages share."""
        health = NotedTogether(self.deliverer.health)
        deliverer = replace(self.deliverer, health=health)
        flusher = replace(self.flusher, deliverer=deliverer)
        return replace(self, deliverer=deliverer, flusher=flusher, mutes=read_once(self.mutes), store=health.store)

    def deliver(self, message: Message, now: datetime, *, again: bool = False) -> tuple[Conversation, ...]:
        """Send the message to the channels that don't have it; with ``again``, also to those that failed for good.

        Raises:
            Retryable: the ledger or the timers didn't answer; a second call repeats nothing that was done.
        """
        message = self._decorated(message)
        terms = self._on_route(message, now)
        before = self.lookups.before(message, *self._groups(message, terms))
        terms = self._with_state(terms, message, lambda: before.job_state)
        results = self.deliverer.deliver(message, terms, before, now, again=again)
        if at := min((each.delivery.escalate_at for each in results if each.delivery.escalate_at), default=None):
            self.timers.set(EscalateTimer(message.job, message.incident, terms.route.name, message.change, at))
            self.deliverer.outbox.note(message, {}, offered=True)
        return tuple(changed for each in results for changed in each.refresh)

    def wake(self, wakeup: AlertTimer | RedriveRequest, now: datetime) -> tuple[str, tuple[Conversation, ...]]:
        """Handle a timer or a request; the returned sentence is for the log.

        Raises:
            NotFound: the message is older than the ledger's records.
            Retryable: as ``deliver``.
        """
        match wakeup:
            case FlushTimer():
                return self.flusher.flush(wakeup.conversation, wakeup.at, self._terms, self._message_of, now), ()
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

    def settle(self, done: AlertTimer | RedriveRequest | None = None) -> None:
        """Store what was collected, and forget the timer, after all is done: until then, ``reconcile`` finds it."""
        self.store()
        if done and not isinstance(done, RedriveRequest):
            self.promises.handled(done)

    def refresh(self, changed: Iterable[Conversation], now: datetime) -> None:
        """Update each conversation once for all messages of a batch."""
        self.flusher.refresh(changed, self._terms, self._message_of, now)

    def canary(self, now: datetime) -> dict[str, str]:
        """Send a test message to each channel of each route; the error of each, ``""`` if it was delivered."""
        routes = [*self.routes.routes.values(), self.routes.get("")]
        return send_tests(self.deliverer, routes, reports.canary(now), now)

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

    def _groups(self, message: Message, terms: Terms) -> tuple[str, tuple[str, ...]]:
        """The key of the conversation that an alert may join, and the channels that may have it."""
        if message.report.kind not in ALERTS:
            return "", ()
        grouping = (name for name in terms.route.channels if (each := self.deliverer.channel(name)) and each.groups)
        return key_of(message.report, terms.starts_at), tuple(grouping)

    def _terms(self, message: Message, now: datetime) -> Terms:
        return self._with_state(self._on_route(message, now), message, lambda: self.job_states.read(message.job))

    def _on_route(self, message: Message, now: datetime) -> Terms:
        report = message.report
        # CloudWatch itself notifies the topic of an alarm, also if this function fails.
        notified = SNS if report.kind is MessageKind.ALARM else ""
        route, default = self._route(message).without(notified), self.routes.get("").without(notified)
        muted_until = None if report.kind in AT_ONCE else latest_end(self.mutes(now), report.job)
        available = self._available(route, default)
        lacking = () if set(available.channels) & set(route.channels) else route.channels
        return Terms(available, starts_at(report, route, muted_until, now), lacking=lacking)

    def _available(self, route: Route, default: Route) -> Route:
        """The route with channels that the stack has: its own, else its fallback's, else those of the default route."""
        for names in (route.channels, route.fallback, default.channels, default.fallback):
            if found := tuple(name for name in names if self.deliverer.channel(name)):
                return replace(route, channels=found)
        return route

    def _with_state(self, terms: Terms, message: Message, read: Callable[[], JobState]) -> Terms:
        """What the job's state says of the message's incident. It outlives every other record."""
        kind = message.report.kind
        if kind not in FOLLOWED | ENDINGS:
            return terms
        incident = read().incident
        if kind in ENDINGS:
            return replace(terms, is_broken_again=is_broken_again(incident, message.incident))
        terms = replace(terms, is_over=has_ended(incident, message))
        if kind is MessageKind.REMINDER and incident and not terms.is_over:
            return replace(terms, acknowledged_by=incident.acknowledged_by, whole=self._whole(incident))
        return terms

    def _whole(self, incident: Incident) -> Report:
        """The alert of the incident as it is now, with all that the job's state keeps of its latest failure."""
        report = reports.of_incident(incident, MessageKind.ALERT)
        return self._decorated(Message(incident.id, incident.job, MessageKind.ALERT.value, report)).report

    def _message_of(self, member: Member) -> Message | None:
        """The message with which a member joined a conversation; from the job's state if that has expired."""
        if kept := self.deliverer.find(member.job, member.incident, member.change):
            return self._decorated(kept)
        incident = self.job_states.read(member.job).open_incident
        if incident is None or incident.id != member.incident:
            return None
        return Message(incident.id, incident.job, member.change, self._whole(incident))

    def _escalate(self, timer: EscalateTimer, now: datetime) -> str:
        """The escalation is written to the ledger like any other message, so a crash can't lose it."""
        message, route = self.deliverer.find(timer.job, timer.incident, timer.change), self.routes.get(timer.route)
        if not route.escalate_to:
            return f"no escalation: route {timer.route} no longer has one"
        if muted := latest_end(self.mutes(now), timer.job):
            self.timers.set(replace(timer, at=muted + route.escalate_after, postponed=timer.postponed + 1))
            return f"{timer.job} is muted: the escalation waits until the mute ends"

        def decide(job_state: JobState) -> Change | None:
            incident = job_state.open_incident
            if incident is None or incident.id != timer.incident or incident.acknowledged_by:
                return None
            report = message.report if message else reports.of_incident(incident, MessageKind.ALERT)
            return transitions.escalated(job_state, report, route.escalate_to, route.escalate_after)

        change_made, _ = commit(self.job_states, timer.job, now, decide)
        if change_made.messages:
            return f"no one has acknowledged the alert: route {route.escalate_to} is notified"
        return "no escalation: the incident is over or acknowledged"
