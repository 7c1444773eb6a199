"""The index of promises in memory, computed from what the other stores hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cronmend.healing.due_times import due_of_attempt, due_of_job
from cronmend.model.promises import Promise, PromiseKind
from cronmend.ports.healing import Holds
from cronmend.ports.promises import Promised
from local.memory.alerting import MemoryAlertPromises
from local.memory.ledger import MemoryLedger

LAST = datetime.max.replace(tzinfo=UTC)


@dataclass
class MemoryPromises:
    """Args: cluster_arn: the cluster of the holds."""

    ledger: MemoryLedger
    alerts: MemoryAlertPromises
    holds: Holds
    cluster_arn: str
    settled: set[Promise] = field(default_factory=set)
    queries: int = 0

    def overdue(self, before: datetime, most: int) -> Sequence[Promise]:
        self.queries += 1
        return sorted((promise for promise, _ in self._all(before)), key=lambda each: each.due)[:most]

    def read(self, promise: Promise) -> Promised | None:
        return next((promised for known, promised in self._all(LAST) if known == promise), None)

    def settle(self, promise: Promise) -> None:
        self.settled.add(promise)

    def _all(self, before: datetime) -> Iterator[tuple[Promise, Promised]]:
        """Those that are due by then."""
        for promise, promised in (*self._of_jobs(before), *self._of_alerts(before)):
            if promise not in self.settled:
                yield promise, promised

    def _of_jobs(self, before: datetime) -> Iterator[tuple[Promise, Promised]]:
        for job_state in self.ledger.job_states.values():
            if (due := due_of_job(job_state)) and due <= before:
                yield Promise(PromiseKind.JOB, (f"JOB#{job_state.job}", "BOOK"), due), job_state
        for attempt in self.ledger.attempts.values():
            if (due := due_of_attempt(attempt)) and due <= before:
                yield Promise(PromiseKind.ATTEMPT, (f"ATTEMPT#{attempt.key}", "ATTEMPT"), due), attempt
        for hold in (each for each in self.holds.of(self.cluster_arn) if each.until <= before):
            yield Promise(PromiseKind.HOLD, (f"HOLD#{self.cluster_arn}", hold.job), hold.until), hold

    def _of_alerts(self, before: datetime) -> Iterator[tuple[Promise, Promised]]:
        for message in self.ledger.messages:
            due = self.ledger.unoffered.get((message.job, message.incident, message.change))
            if due and due <= before:
                row = f"JOB#{message.job}", f"MESSAGE#{message.incident}#{message.change}"
                yield Promise(PromiseKind.MESSAGE, row, due), message
        for timer in (each for each in self.alerts.timers.values() if each.at <= before):
            yield Promise(PromiseKind.TIMER, (f"JOB#{timer.job}", f"TIMER#{timer.name}"), timer.at), timer
