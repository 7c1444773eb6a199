"""Healing and alerting over one ledger, with a clock, and with reconcile as the only thing that is sure to run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cronmend.errors import Retryable
from cronmend.model.alert_wakeups import DeliverTimer, EscalateTimer, FlushTimer, Timer
from cronmend.model.report import Message
from cronmend.model.wakeups import HoldTimer, ReleaseTimer, RerunTimer
from cronmend.use_cases.reconcile import Reconcile, Reconciled
from local.memory.promises import MemoryPromises
from tests.fakes import NOW, FakeTimers
from tests.samples import CLUSTER
from tests.use_cases.alerting.alerting_world import AlertingWorld
from tests.use_cases.healing.holding import world as holding
from tests.use_cases.world import World

PERIOD = timedelta(minutes=5)


@dataclass
class LostTimers[T: Timer](FakeTimers[T]):
    """EventBridge Scheduler that accepts every timer and fires none; while it is away, it accepts none."""

    away: bool = False

    def set(self, timer: T) -> None:
        if self.away:
            raise Retryable("CreateSchedule: AWS didn't answer")

    def bring_forward(self, timer: T) -> None:
        self.set(timer)


@dataclass
class Promised:
    """``stream`` says whether the ledger's stream delivers messages."""

    healing: World = field(default_factory=holding)
    alerting: AlertingWorld = field(default_factory=AlertingWorld)
    now: datetime = NOW
    failures: list[str] = field(default_factory=list)
    """Of woken functions."""

    def __post_init__(self) -> None:
        self.alerting.ledger = self.healing.ledger
        self.alerting.outbox.messages = self.healing.ledger.messages
        self.alerting.outbox.unoffered = self.healing.ledger.unoffered
        self.healing.timers, self.alerting.timers = LostTimers(), LostTimers()
        self.promises = MemoryPromises(self.healing.ledger, self.alerting.promises, self.healing.holds, CLUSTER)

    def scheduler_is_away(self, *, away: bool) -> None:
        self.healing.timers, self.alerting.timers = LostTimers(away=away), LostTimers(away=away)

    def tries(self, step: Callable[[], object]) -> None:
        """A function that fails: its tries are used up."""
        try:
            step()
        except Retryable as error:
            self.failures.append(str(error))

    def reconcile(self) -> Reconciled:
        return Reconcile(self.promises, self.healing.ledger, self).handle(self.now)

    def wake(self, timer: Timer) -> None:
        """As Lambda does: whoever wakes a function doesn't learn whether it fails."""
        self.tries(lambda: self._handle(timer))

    def _handle(self, timer: Timer) -> None:
        match timer:
            case RerunTimer() | ReleaseTimer() | HoldTimer():
                self.healing.wakes(timer, self.now)
            case DeliverTimer() | FlushTimer() | EscalateTimer():
                self.alerting.handles(timer, self.now)

    def streams(self) -> None:
        """The ledger's stream delivers the messages that are new."""
        for message in [each for each in self.alerting.outbox.messages if key(each) in self.healing.ledger.unoffered]:
            self.alerting.receives(message, at=self.now)

    def passes(self, time: timedelta, offset: timedelta = timedelta(0), *, stream: bool = True) -> None:
        """Time passes, and only reconcile runs, every five minutes; ``offset`` is the time until its first call."""
        end = self.now + time
        self.now += offset
        while self.now <= end:
            self.reconcile()
            if stream:
                self.streams()
            self.now += PERIOD
        self.now = end

    @property
    def started(self) -> int:
        return len(self.healing.tasks.started)

    def of_kind(self, kind: str) -> int:
        """How many messages of a kind were written."""
        return sum(message.report.kind == kind for message in self.healing.ledger.messages)


def key(message: Message) -> tuple[str, str, str]:
    return message.job, message.incident, message.change
