"""Write a failure and what follows from it: the same record, incident, plan and alert for every way to fail."""

from collections.abc import Callable
from copy import replace
from datetime import datetime
from functools import partial

from msgspec import Struct

from cronmend.alerting.news import with_progress
from cronmend.errors import CronmendError
from cronmend.healing import after_run, order
from cronmend.healing.outcome import Outcome
from cronmend.healing.situation import Situation
from cronmend.jobs.fargate_sizes import larger
from cronmend.model import Diagnosis, Identity, Plan, Size, StoppedTask, UnreportedRun
from cronmend.model.incident import Change, Commit, JobState, RunRecord
from cronmend.model.keys import stable_key
from cronmend.ports.healing import JobStates, Records, Timers
from cronmend.use_cases.commit import commit
from cronmend.use_cases.healing.collector import SituationCollector

type Decide = Callable[[Diagnosis, Situation], Plan]


class Failures(Struct, frozen=True):
    """Records failed runs, each once."""

    job_states: JobStates
    records: Records
    situations: SituationCollector

    def written(
        self,
        job: str,
        key: str,
        now: datetime,
        decide: Callable[[JobState], Change],
        known: JobState | None = None,
    ) -> RunRecord:
        """The record of the run: the one of this change, or one that another invocation wrote meanwhile.

        Args:
            key: that of the record.
            known: the job's state as it was read a moment ago; None to read it now.
        """
        change, written = commit(self.job_states, job, now, decide, known)
        record = change.run
        if record and written is Commit.KNOWN:
            record = self.records.run(key, record.job, record.stopped_at)
        if record is None:
            raise ValueError(f"the ledger refused run {key} as already written, but has no record of it")
        return record

    def change(self, job_state: JobState, outcome: Outcome, decide: Decide, *, asks_ecs: bool = True) -> Change:
        """What a failure does to its job's incident.

        Args:
            decide: what follows from the diagnosis.
            asks_ecs: whether ECS is asked for an active run, which delays a re-run.
        """
        situation = self._situation(job_state, outcome)
        if not asks_ecs:
            situation = replace(situation, active_run=_not_asked)
        outcome = replace(outcome, bound=situation.limits.attempts(outcome.diagnosis.category))
        planned = decide(outcome.diagnosis, situation)
        return with_progress(job_state, after_run.after_failure(job_state, outcome, planned), outcome.now)

    def unreported(
        self, run: UnreportedRun, who: Identity, diagnosis: Diagnosis, now: datetime, decide: Decide
    ) -> RunRecord:
        """The record of a failure that no stopped task reports: written now, or read if it is on record already.

        Args:
            decide: what follows from the diagnosis.

        Raises:
            Retryable: the ledger doesn't answer.
        """
        if record := self.records.run(run.key):
            return record
        outcome = Outcome(run, who, diagnosis, None, now, policy=self.situations.policy(who.job).rerun)
        return self.written(who.job, run.key, now, lambda job_state: self.change(job_state, outcome, decide))

    def _situation(self, job_state: JobState, outcome: Outcome) -> Situation:
        """The situation after this failure is added to the job's incident."""
        incident = after_run.continued(job_state, outcome)
        seen = order.seen(job_state, outcome.task)
        situation = self.situations.situation(
            replace(seen, incident=incident), outcome.identity.schedule, outcome.now, stopped=outcome.task.task_arn
        )
        return replace(
            situation,
            active_run=partial(_known_active_run, situation),
            key=stable_key(incident.id, incident.reruns + 2),
            larger=self._larger(incident.size, outcome),
            held_until=incident.held_until,
            attributed=outcome.identity.certain,
            repeats=_repeats(job_state, outcome),
        )

    def _larger(self, tried: Size | None, outcome: Outcome) -> Size | None:
        """Only one step per incident: a memory leak would use any size."""
        task, policy = outcome.task, self.situations.policy(outcome.identity.job)
        if not policy.memory_step or tried or not isinstance(task, StoppedTask) or task.size is None:
            return None
        return larger(task.size, self.situations.limits.max_memory)


class RecordUnreported(Struct, frozen=True):
    """Record a failure that no stopped task reports, and set the timers of its plan."""

    failures: Failures
    timers: Timers

    def handle(
        self, run: UnreportedRun, who: Identity, diagnosis: Diagnosis, now: datetime, decide: Decide
    ) -> RunRecord:
        """As :meth:`Failures.unreported`. Safe to repeat, like the handling of a stopped task."""
        record = self.failures.unreported(run, who, diagnosis, now, decide)
        for timer in record.timers:
            self.timers.set(timer)
        return record


def _repeats(job_state: JobState, outcome: Outcome) -> bool:
    known = job_state.open_incident
    return outcome.attempt is not None and known is not None and known.category is outcome.diagnosis.category


def _not_asked() -> str:
    """AWS is slow or away; it is asked again when the re-run is due."""
    return ""


def _known_active_run(situation: Situation) -> str:
    """Ignores an error, so that the failure is recorded; ECS is asked again when the re-run is due."""
    try:
        return situation.active_run()
    except CronmendError:
        return ""
