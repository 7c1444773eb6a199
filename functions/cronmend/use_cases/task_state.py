"""Handle a stopped run: diagnose it, plan the response, write both once, set the timers."""

from copy import replace
from datetime import datetime

from msgspec import Struct

from cronmend.diagnosis.steps import diagnose
from cronmend.errors import NewerForm, Retryable
from cronmend.healing import after_run
from cronmend.healing.outcome import Outcome
from cronmend.healing.plan import plan
from cronmend.jobs import identity, look_alikes, manual_command
from cronmend.model import Category, Diagnosis, Identity, StoppedTask
from cronmend.model.incident import Attempt, Change, Found, JobState, RunRecord
from cronmend.ports.healing import JobStates, RecordLookups, Timers
from cronmend.ports.queues import OnError
from cronmend.redact import Redactor, redact
from cronmend.use_cases import expected_logs, unforeseen
from cronmend.use_cases.evidence import EvidenceCollector
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.use_cases.healing.failures import Failures
from cronmend.use_cases.reads import Reads


class HandleStoppedTask(Struct, frozen=True):
    """Safe to repeat: an event delivered twice, or a crash in between, has no other result."""

    collector: EvidenceCollector
    job_states: JobStates
    records: RecordLookups
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
        found = self._found(task)
        record = found.run or self._recorded(task, found, now, Reads.of(task, received_at, now))
        for timer in record.timers:
            self.timers.set(timer)
        return record

    def _found(self, task: StoppedTask) -> Found:
        """Each alone if they can't be used together: a state that no code can read must not hide the run's record."""
        try:
            return self.records.look_up(identity.likely_job(task), task.key, _attempt_of(task), _listed_at(task))
        except Retryable:
            raise
        except Exception:  # noqa: BLE001 # whatever it is, it is raised again when the state is needed
            return Found(run=self.records.run(task.key, identity.likely_job(task), _listed_at(task)))

    def _of_job(self, job: str, task: StoppedTask) -> tuple[JobState, RunRecord | None]:
        """The state of a job that the task didn't name, and the record of its run, if it is in the job's list."""
        if (listed_at := _listed_at(task)) is None:
            return self.job_states.read(job), None
        found = self.records.look_up(job, task.key, stopped_at=listed_at)
        return found.job_state or JobState(job), found.run

    def _recorded(self, task: StoppedTask, found: Found, now: datetime, reads: Reads) -> RunRecord:
        """An error that no code expected is an alert, too: it must not cost the one about the run."""
        attempt = found.attempt
        who: Identity | None = None
        try:
            if attempt is None and (key := _attempt_of(task)):
                attempt = self.records.attempt(key)
            who = self.collector.identity(task, attempt.job if attempt else "", reads)
            known, record = found.job_state, None
            if known is None or known.job != who.job:
                known, record = self._of_job(who.job, task)
            if (another := look_alikes.among(task, who, known)) != who and not record:
                who = another
                known, record = self._of_job(who.job, task)
            return record or self._diagnosed(task, who, attempt, known, now, reads)
        except Retryable:
            raise
        except Exception as error:
            if isinstance(error, NewerForm) and reads.waits:
                raise  # During a deploy of Cronmend, the newer version gets the event next time.
            self.on_error(error, who.job if who else "")
            return self._undiagnosed(task, who or unforeseen.identity_of(task, error), attempt, error, now)

    def _diagnosed(
        self,
        task: StoppedTask,
        who: Identity,
        attempt: Attempt | None,
        known: JobState,
        now: datetime,
        reads: Reads,
    ) -> RunRecord:
        policy = self.situations.policy(who.job)
        task = replace(task, job_container=task.job_container or policy.container)
        evidence = self.collector.evidence(task, who.schedule, now, known.history, reads)
        diagnosis = _with_unread(diagnose(evidence, hide=self.hide), reads)
        place = evidence.place
        if diagnosis.category is Category.SUCCESS and policy.expected_log.is_checked:
            diagnosis, place = expected_logs.checked(
                self.collector, task, diagnosis, policy.expected_log, reads, self.hide
            )
        diagnosis = self.collector.with_deploy_during(task, diagnosis)
        command = manual_command.command(task, who, diagnosis.category)
        outcome = Outcome(task, who, diagnosis, attempt, now, log=place, policy=policy.rerun, by_hand=command)
        outcome = replace(outcome, grace=policy.grace or outcome.grace)
        return self._failures.written(
            who.job, task.key, now, lambda job_state: self._change(job_state, task, outcome, reads), known
        )

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

    def _change(self, job_state: JobState, task: StoppedTask, outcome: Outcome, reads: Reads) -> Change:
        if outcome.diagnosis.category is Category.SUCCESS:
            outcome = replace(outcome, failed_since=self._failed_since(job_state, task))
            return after_run.after_success(job_state, outcome)
        return self._failures.change(job_state, outcome, plan, asks_ecs=not reads.unread)

    def _failed_since(self, job_state: JobState, task: StoppedTask) -> datetime | None:
        """When the latest run failed that is on record without its job, and has all that shows the job of this one.

        A success waits longer for AWS than a failure does, so it may be recorded after a newer one.
        """
        unattributed = identity.unattributed(task, job_state.job)
        if not job_state.open_incident or unattributed == job_state.job:
            return None
        incident = self.job_states.read(unattributed).incident
        return incident.failed.created_at if incident and incident.failed else None

    @property
    def _failures(self) -> Failures:
        return Failures(self.job_states, self.records, self.situations)


def may_wait(task: StoppedTask) -> bool:
    """Whether no alert or re-run depends on the event: the run succeeded, and Cronmend didn't start it."""
    return task.exited_with_0 and not _attempt_of(task)


def _attempt_of(task: StoppedTask) -> str:
    """The key of the attempt that started the run; ``""`` if Cronmend didn't start it."""
    return task.started_by.removeprefix(identity.OWN) if task.started_by.startswith(identity.OWN) else ""


def _listed_at(task: StoppedTask) -> datetime | None:
    """When the run stopped, if it may have succeeded: then its record may be in its job's list alone."""
    return task.stopped_at if task.exited_with_0 else None


def _with_unread(diagnosis: Diagnosis, reads: Reads) -> Diagnosis:
    """The advice also names the evidence that AWS failed to return."""
    if not reads.unread:
        return diagnosis
    unread = f"Cronmend couldn't read all the evidence, so check it yourself: {'; '.join(dict.fromkeys(reads.unread))}."
    return replace(diagnosis, advice=" ".join(filter(None, (diagnosis.advice, unread))))
