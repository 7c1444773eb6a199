"""A run has stopped: say why, decide what follows, write it once, set the timers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from cronmend import identity, incidents
from cronmend.care.gather import Gatherer, next_slot
from cronmend.care.write import write
from cronmend.diagnose import diagnose
from cronmend.model import Category, Identity, Missing, Mode, StoppedTask
from cronmend.policies import JobPolicy
from cronmend.ports import Books, Commit, Records, Timers
from cronmend.records import Attempt, Change, JobBook, RunRecord
from cronmend.treat import Limits, Situation, plan


@dataclass(frozen=True, slots=True)
class StoppedCare:
    """Handles the end of a run, whatever is delivered twice or breaks off in between."""

    gatherer: Gatherer
    books: Books
    records: Records
    timers: Timers
    policy: Callable[[str], JobPolicy]
    mode: Mode
    limits: Limits

    def handle(self, task: StoppedTask, now: datetime) -> RunRecord:
        """The record of the run: written now, or found where this event has been handled before."""
        record = self.records.run(task.task_id) or self._recorded(task, now)
        for timer in record.timers:
            self.timers.set(timer)
        return record

    def _recorded(self, task: StoppedTask, now: datetime) -> RunRecord:
        attempt = self._attempt(task)
        who = self.gatherer.identity(task, attempt.job if attempt else "")
        policy = self.policy(who.job)
        task = replace(task, job_container=task.job_container or policy.container)
        diagnosis = diagnose(self.gatherer.evidence(task, who.schedule, now))
        outcome = incidents.Outcome(task, who, diagnosis, attempt, now)
        change, commit = write(self.books, who.job, now, lambda book: self._change(book, outcome, policy))
        record = self.records.run(task.task_id) if commit is Commit.KNOWN else change.run
        if record is None:
            raise ValueError(f"run {task.task_id} is known to the ledger, but its record is not there")
        return record

    def _attempt(self, task: StoppedTask) -> Attempt | None:
        if not task.started_by.startswith(identity.OWN):
            return None
        return self.records.attempt(task.started_by.removeprefix(identity.OWN))

    def _change(self, book: JobBook, outcome: incidents.Outcome, policy: JobPolicy) -> Change:
        if outcome.diagnosis.category is Category.SUCCESS:
            return incidents.after_success(book, outcome)
        incident = book.incident if book.incident and book.incident.is_open else None
        situation = Situation(
            now=outcome.now,
            policy=policy.rerun,
            mode=self.mode,
            reruns=incident.reruns if incident else 0,
            next_slot=next_slot(outcome.identity.schedule, outcome.now),
            held_until=incident.held_until if incident else None,
            forbidden=_forbidden(outcome.identity),
            limits=self.limits.of(policy.attempts, policy.deadline),
        )
        return incidents.after_failure(book, outcome, plan(outcome.diagnosis, outcome.task, situation))


def _forbidden(who: Identity) -> str:
    if not who.certain:
        return who.reason
    if isinstance(who.schedule, Missing):
        return who.schedule.reason
    return "" if who.schedule.enabled else f"the schedule {who.job} is disabled"
