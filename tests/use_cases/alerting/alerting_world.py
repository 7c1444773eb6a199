"""Alerting with the ports in memory, built as wiring/failure_alert.py does for AWS, and messages to deliver."""

from collections.abc import Callable, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cronmend.alerting.conversations import Conversation, Delivery
from cronmend.alerting.routes import Route, RouteRule, Routes
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category, Diagnosis
from cronmend.model.alert_wakeups import AlertTimer, RedriveRequest
from cronmend.model.incident import Incident, IncidentState, JobState
from cronmend.model.report import ALERTS, ENDINGS, Message, MessageKind, Report, Stage
from cronmend.use_cases.failure_alert import AlertingPorts, DeliverMessages
from local.memory.alert_lookups import MemoryLookups
from local.memory.alerting import (
    MemoryAlertPromises,
    MemoryChannel,
    MemoryConversations,
    MemoryDeadLetters,
    MemoryHealth,
    MemoryMutes,
    MemoryOutbox,
    MemoryRateLimit,
    MemoryThreads,
    by_name,
)
from local.memory.ledger import MemoryLedger
from tests.fakes import NOW, FakeTimers
from tests.samples import CLUSTER

SLACK, SNS = Route("default", channels=("slack",)), Route("default", channels=("sns",))
WITH_FALLBACK = replace(SLACK, fallback=("sns",))


@dataclass
class AlertingWorld:
    """One route to a bot in Slack (its messages can be updated) and a topic (its messages can't)."""

    route: Route = field(default_factory=lambda: Route("default", channels=("slack", "sns")))
    others: tuple[Route, ...] = ()
    severity: str = "error"
    rules: tuple[RouteRule, ...] = ()
    named: str = ""
    """The route that every job names."""
    slack: MemoryThreads = field(default_factory=lambda: MemoryThreads("slack"))
    sns: MemoryChannel = field(default_factory=lambda: MemoryChannel("sns"))
    second: MemoryChannel = field(default_factory=lambda: MemoryChannel("slack:C2"))
    machine: MemoryChannel = field(default_factory=lambda: MemoryChannel("events", groups=False))
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    conversations: MemoryConversations = field(default_factory=MemoryConversations)
    rate_limit: MemoryRateLimit = field(default_factory=MemoryRateLimit)
    mutes: MemoryMutes = field(default_factory=MemoryMutes)
    health: MemoryHealth = field(default_factory=MemoryHealth)
    dead_letters: MemoryDeadLetters = field(default_factory=MemoryDeadLetters)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    timers: FakeTimers[AlertTimer] = field(default_factory=FakeTimers)
    promises: MemoryAlertPromises = field(default_factory=MemoryAlertPromises)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.conversations.keep, self.conversations.rate_limit = self.promises.keep, self.rate_limit

    @property
    def use_case(self) -> DeliverMessages:
        ports = AlertingPorts(
            channel=by_name(self.slack, self.sns, self.second, self.machine),
            outbox=self.outbox,
            lookups=MemoryLookups(self.ledger, self.outbox, self.conversations),
            conversations=self.conversations,
            rate_limit=self.rate_limit,
            mutes=self.mutes,
            health=self.health,
            dead_letters=self.dead_letters,
            job_states=self.ledger,
            timers=self.timers,
            promises=self.promises,
            pause=self.pauses.append,
        )
        routes = Routes({each.name: each for each in (self.route, *self.others)}, self.rules)
        return DeliverMessages.over(ports, routes, self.of)

    def of(self, job: str) -> JobPolicy:
        return JobPolicy(job, severity=self.severity, alert=self.named)

    def receives(self, *messages: Message, at: datetime = NOW) -> None:
        """Handle a batch of the stream."""
        changed, batch = list[Conversation](), self.use_case.of_batch()
        for message in messages:
            if message not in self.outbox.messages:
                self.outbox.messages.append(message)
            changed += batch.deliver(message, at)
        batch.refresh(changed, at)
        batch.settle()

    def fires(self, until: datetime) -> None:
        """Fire every timer that is due by then, in order, including those that they set."""
        while due := [timer for timer in self.timers.due() if timer.at <= until]:
            self.fire(due[0])

    def fire(self, timer: AlertTimer) -> str:
        self.timers.timers = {name: each for name, each in self.timers.timers.items() if each != timer}
        return self.handles(timer, timer.at)

    def redrives(self, message: Message, at: datetime) -> str:
        """Resend a message, as a person would."""
        return self.handles(RedriveRequest(message.job, message.incident, message.change), at)

    def handles(self, wakeup: AlertTimer | RedriveRequest, at: datetime) -> str:
        batch = self.use_case.of_batch()
        done, changed = batch.wake(wakeup, at)
        batch.refresh(changed, at)
        batch.settle(wakeup)
        return done

    def delivery(self, message: Message, channel: str) -> Delivery:
        return self.outbox.deliveries(message)[channel]

    def opens(self, message: Message, state: IncidentState = IncidentState.ALERTED) -> None:
        """Store the message's incident in the ledger."""
        incident = Incident(
            message.incident,
            message.job,
            CLUSTER,
            "webapp",
            NOW,
            state,
            Diagnosis(Category.UNKNOWN, "rule", "it failed"),
        )
        self.ledger.job_states[message.job] = JobState(message.job, 1, incident=incident)

    def while_it_joins(self, happens: Callable[[], None]) -> None:
        """Something happens right after each failure that joins a conversation."""
        join = self.conversations.join

        def overtaken(*args: object) -> None:
            join(*args)  # type: ignore[arg-type]
            happens()

        self.conversations.join = overtaken  # type: ignore[method-assign,assignment]

    def is_acknowledged(self, message: Message) -> None:
        job_state = self.ledger.job_states[message.job]
        assert job_state.incident
        self.ledger.job_states[message.job] = replace(
            job_state, incident=replace(job_state.incident, acknowledged_by="jane")
        )


def message(
    number: int = 1,
    kind: MessageKind = MessageKind.ALERT,
    cause: str = "missing-column",
    status: str = "",
    change: str = "",
) -> Message:
    """A message about the incident of job ``number``."""
    job, incident = f"site/job-{number}", f"incident-{number}"
    name = job.rsplit("/", 1)[-1]
    report = Report(
        kind,
        job,
        f"{name}: {kind.value}",
        Category.SCHEMA_MISMATCH,
        "nothing more",
        incident=incident,
        cause=cause,
        status=status or kind.value,
        excerpt=("boom",) if kind in ALERTS else (),
        stage=Stage(kind.value) if kind in ENDINGS else Stage.FAILED,
        quiet=kind in ENDINGS,
    )
    return Message(incident, job, change or f"{kind.value}-{status}", report)


def kinds(channel: MemoryChannel) -> Sequence[str]:
    """The kinds of the messages people saw, with ``>`` for a reply in a thread and ``~`` for an update."""
    marks = ((">" if each.thread else "~" if each.replaced else "") for each in channel.sent)
    return [f"{mark}{each.report.kind.value}" for mark, each in zip(marks, channel.sent, strict=True)]


def jobs_in(report: Report) -> set[str]:
    """The jobs that a message names, also one about several."""
    return {report.job, *report.jobs} - {f"{len(report.jobs)} jobs"}


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)
