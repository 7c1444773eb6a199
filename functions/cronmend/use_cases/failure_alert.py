"""A message stands in the ledger: deliver it to every channel of its route, at least once.

Nothing that a channel does holds up another message: what it does not take now is offered again by a timer,
what it never takes lies in the dead letters, and the route's fallback is told instead.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from cronmend.alerting import reports
from cronmend.alerting.conversations import Conversation, Delivery, DeliveryState
from cronmend.alerting.routes import Route, Routes
from cronmend.errors import NotFound, Permanent, Retryable
from cronmend.healing import transitions
from cronmend.jobs.policies import JobPolicy
from cronmend.model.incident import LEAD, Change, JobState
from cronmend.model.report import ALERTS, ENDINGS, Message
from cronmend.model.wakeups import Timer, TimerKind
from cronmend.ports.alerting import Channel, Conversations
from cronmend.ports.healing import JobStates, Timers
from cronmend.use_cases.alerting.delivery import TRIES, Deliverer, backoff
from cronmend.use_cases.alerting.flush import Flusher
from cronmend.use_cases.commit import commit


@dataclass(frozen=True, slots=True)
class DeliverMessages:
    """``deliver`` and ``wake`` answer with the conversations that ``refresh`` has to bring up to date."""

    deliverer: Deliverer
    flusher: Flusher
    conversations: Conversations
    job_states: JobStates
    timers: Timers
    routes: Routes
    policy: Callable[[str], JobPolicy]

    def deliver(self, message: Message, now: datetime, *, again: bool = False) -> tuple[Conversation, ...]:
        """Offer the message to the channels that don't have it; ``again`` also to those that have failed.

        Raises:
            Retryable: the ledger or the timers did not answer; a second call repeats nothing that was done.
        """
        message, route = self._decorated(message)
        known, told = self.deliverer.outbox.deliveries(message), []
        for name in dict.fromkeys((*route.channels, *self._called(message, route), *known)):
            before = known.get(name)
            if (before is None or _is_due(before, now, again)) and (channel := self.deliverer.channel(name)):
                told.append(self.deliverer.offer(channel, message, route, before, now))
        if route.escalate_to and message.report.kind in ALERTS and any(each.opened for each in told):
            self._escalate_later(message, route, now)
        return tuple(each.conversation for each in told if each.conversation)

    def wake(self, timer: Timer, now: datetime) -> tuple[str, tuple[Conversation, ...]]:
        """What a timer asked for; the sentence says what was done, for the log.

        Raises:
            NotFound: the message is older than the ledger's records.
            Retryable: as ``deliver``.
        """
        if timer.kind is TimerKind.SETTLE:
            return self._settle(timer, now), ()
        if timer.kind is TimerKind.ESCALATE:
            return self._escalate(timer, now), ()
        message = self.deliverer.outbox.message(timer.job, timer.incident, timer.what)
        if message is None:
            raise NotFound(f"the ledger holds no message {timer.what} of {timer.job}: its records have expired")
        told = self.deliver(message, now, again=timer.kind is TimerKind.REDRIVE)
        return f"the message {timer.what} of {timer.job} was offered again", told

    def refresh(self, told: Iterable[Conversation], now: datetime) -> None:
        """Once for all that a batch brought."""
        for conversation in {each.id: each for each in told}.values():
            if channel := self.deliverer.channel(conversation.channel):
                try:
                    self.flusher.refresh(channel, conversation, now)
                except (Retryable, Permanent) as error:
                    self._unshown(channel, conversation, error, now)

    def canary(self, now: datetime) -> dict[str, str]:
        """Prove each channel of each route with a message that says nothing has happened; the outcomes by channel."""
        routes = (*self.routes.routes.values(), self.routes.get(""))
        names = dict.fromkeys(name for route in routes for name in (*route.channels, *route.fallback))
        return {name: self._prove(channel, now) for name in names if (channel := self.deliverer.channel(name))}

    def _prove(self, channel: Channel, now: datetime) -> str:
        try:
            channel.send(reports.canary(now))
        except (Retryable, Permanent) as error:
            self.deliverer.health.note(channel.name, now, str(error))
            return str(error)
        self.deliverer.health.note(channel.name, now)
        return "delivered"

    def _decorated(self, message: Message) -> tuple[Message, Route]:
        """With what the job's owner says of it, and the route that follows."""
        policy = self.policy(message.job)
        report = reports.decorated(message.report, policy.owner, policy.runbook, policy.severity)
        named = self.routes.get(message.route) if message.route else None
        route = named or self.routes.of(message.job, report.severity, report.category, policy.alert)
        return replace(message, report=replace(report, mention=route.mention)), route

    def _called(self, message: Message, route: Route) -> tuple[str, ...]:
        """Who was called on a second route hears of the end, too."""
        if message.report.kind not in ENDINGS or not route.escalate_to:
            return ()
        second = self.routes.get(route.escalate_to).channels
        return tuple(name for name in second if self.conversations.of_incident(name, message.incident))

    def _escalate_later(self, message: Message, route: Route, now: datetime) -> None:
        what = f"{route.name}/{message.change}"
        at = (self.deliverer.starts_at(message.report, route, now) or now) + route.escalate_after
        self.timers.set(Timer(TimerKind.ESCALATE, message.job, message.incident, 0, at, what=what))

    def _escalate(self, timer: Timer, now: datetime) -> str:
        """Written to the ledger like every other message: a crash can't lose it."""
        name, _, change = timer.what.partition("/")
        message, route = self.deliverer.outbox.message(timer.job, timer.incident, change), self.routes.get(name)
        if message is None or not route.escalate_to:
            return f"nobody is to be called for {timer.what} any more"
        if muted := self.deliverer.mutes.until(timer.job, now):
            self.timers.set(replace(timer, at=muted + route.escalate_after, look=timer.look + 1))
            return f"{timer.job} is muted: nobody is called before that ends"

        def decide(job_state: JobState) -> Change | None:
            incident = job_state.incident
            over = incident is None or incident.id != timer.incident or not incident.is_open
            if over or incident is None or incident.acknowledged_by:
                return None
            return transitions.escalated(job_state, message.report, route.escalate_to, route.escalate_after)

        change_made, _ = commit(self.job_states, timer.job, now, decide)
        if change_made.messages:
            return f"nobody has acknowledged: the route {route.escalate_to} is called"
        return "it is over, or somebody has acknowledged"

    def _settle(self, timer: Timer, now: datetime) -> str:
        conversation = self.conversations.by_id(timer.incident)
        channel = self.deliverer.channel(conversation.channel) if conversation else None
        if conversation is None or channel is None:
            return f"there is no conversation {timer.incident} any more"
        try:
            return self.flusher.settle(channel, conversation, now)
        except (Retryable, Permanent) as error:
            return self._unshown(channel, conversation, error, now)

    def _unshown(self, channel: Channel, conversation: Conversation, error: Exception, now: datetime) -> str:
        """The channel did not take a conversation's form: again later or, past all tries, into the dead letters."""
        current = self.conversations.by_id(conversation.id) or conversation
        failures = current.failures + 1
        if isinstance(error, Permanent) or failures >= TRIES:
            _, route = self._decorated(current.message)
            self.deliverer.failed(
                channel, current.message, route, Delivery(DeliveryState.FAILED, now, str(error), failures)
            )
            self.conversations.save(replace(current, failures=failures, is_open=False))
            return f"{channel.name} can't show the conversation: {error}"
        self.flusher.voice.settle_at(current, now + backoff(failures))
        self.conversations.save(replace(current, failures=failures))
        self.deliverer.health.note(channel.name, now, str(error))
        return f"{channel.name} will be asked again to show the conversation: {error}"


def _is_due(before: Delivery, now: datetime, again: bool) -> bool:
    if before.state is DeliveryState.WAITING:
        return before.due is None or before.due <= now + LEAD
    return again and before.state is DeliveryState.FAILED
