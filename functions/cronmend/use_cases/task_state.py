"""Handle a stopped run: diagnose it, plan the response, write both once, set the timers."""

from dataclasses import dataclass, replace
from datetime import datetime

from cronmend.diagnosis.steps import diagnose
from cronmend.errors import NewerForm, Retryable
from cronmend.healing import after_run
from cronmend.healing.outcome import Outcome
from cronmend.healing.plan import plan
from cronmend.jobs import identity, manual_command
from cronmend.model import Category, Diagnosis, Identity, StoppedTask
from cronmend.model.incident import Attempt, Change, JobState, RunRecord
from cronmend.ports.healing import JobStates, Records, Timers
from cronmend.ports.queues import OnError
from cronmend.redact import Redactor, redact
from cronmend.use_cases import unforeseen
from cronmend.use_cases.evidence import EvidenceCollector, Reads
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.use_cases.healing.failures import Failures


@dataclass(frozen=True, slots=True)
class HandleStoppedTask:
    """Safe to repeat: an event delivered twice, or a crash in between, has no other result."""

    collector: EvidenceCollector
    job_states: JobStates
    records: Records
    timers: Timers
    situations: SituationCollector
    on_error: OnError
    hide: Redactor = redact

    def handle(self, task: StoppedTask, now: datetime, received_at: datetime | None = None) -> RunRecord:
        """The record of the run: written now, or read if this event was handled before.

        Args:
            received_at: when the queue first delivered the event; None if no queue did.

        Raises:
            Retryable: the ledger doesn't answer, or a part of the evidence that is worth waiting for.
        """
        record = self.records.run(task.task_id) or self._recorded(task, now, Reads.of(task, received_at, now))
        for timer in record.timers:
            self.timers.set(timer)
        return record

    def _recorded(self, task: StoppedTask, now: datetime, reads: Reads) -> RunRecord:
        """An error that no code expected is an alert, too: it must not cost the one about the run."""
        attempt: Attempt | None = None
        who: Identity | None = None
        try:
            attempt = self._attempt(task)
            who = self.collector.identity(task, attempt.job if attempt else "", reads)
            return self._diagnosed(task, who, attempt, now, reads)
        except Retryable:
            raise
        except Exception as error:
            if isinstance(error, NewerForm) and reads.waits:
                raise  # During a deploy of Cronmend, the newer version gets the event next time.
            self.on_error(error, who.job if who else "")
            return self._undiagnosed(task, who or unforeseen.identity_of(task, error), attempt, error, now)

    def _diagnosed(
        self, task: StoppedTask, who: Identity, attempt: Attempt | None, now: datetime, reads: Reads
    ) -> RunRecord:
        policy = self.situations.policy(who.job)
        task = replace(task, job_container=task.job_container or policy.container)
        history = self.job_states.read(who.job).history
        evidence = self.collector.evidence(task, who.schedule, now, history, reads)
        diagnosis = _with_unread(diagnose(evidence, hide=self.hide), reads)
        command = manual_command.command(task, who, diagnosis.category)
        outcome = Outcome(task, who, diagnosis, attempt, now, log=evidence.place, policy=policy.rerun, by_hand=command)
        return self._failures.written(who.job, task.key, now, lambda job_state: self._change(job_state, outcome, reads))

    def _undiagnosed(
        self, task: StoppedTask, who: Identity, attempt: Attempt | None, error: Exception, now: datetime
    ) -> RunRecord:
        """The run fails with an unknown cause; if the job's state can't take that, only the alert is written."""
        outcome = Outcome(task, who, unforeseen.diagnosis_of(error), attempt, now)
        try:
            return self._failures.written(
                who.job,
                task.key,
                now,
                lambda job_state: after_run.after_failure(job_state, outcome, unforeseen.NO_RERUN),
            )
        except Retryable:
            raise
        except Exception as second:  # noqa: BLE001 # whatever it is, people hear of the run
            self.on_error(second, who.job)
        return self._failures.written(
            unforeseen.apart_from(who.job),
            task.key,
            now,
            lambda job_state: unforeseen.change_of(job_state, task, who.job, error, now),
        )

    def _attempt(self, task: StoppedTask) -> Attempt | None:
        if not task.started_by.startswith(identity.OWN):
            return None
        return self.records.attempt(task.started_by.removeprefix(identity.OWN))

    def _change(self, job_state: JobState, outcome: Outcome, reads: Reads) -> Change:
        if outcome.diagnosis.category is Category.SUCCESS:
            return after_run.after_success(job_state, outcome)
        return self._failures.change(job_state, outcome, plan, asks_ecs=not reads.unread)

    @property
    def _failures(self) -> Failures:
        return Failures(self.job_states, self.records, self.situations)


def _with_unread(diagnosis: Diagnosis, reads: Reads) -> Diagnosis:
    """The advice also names the evidence that AWS failed to return."""
    if not reads.unread:
        return diagnosis
    unread = f"Cronmend couldn't read all the evidence, so check it yourself: {'; '.join(dict.fromkeys(reads.unread))}."
    return replace(diagnosis, advice=" ".join(filter(None, (diagnosis.advice, unread))))
