"""Handle a stopped run: diagnose it, plan the response, write both once, set the timers."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from cronmend.alerting.news import with_progress
from cronmend.diagnosis.steps import diagnose
from cronmend.errors import CronmendError
from cronmend.healing import after_run, order
from cronmend.healing.plan import plan
from cronmend.healing.situation import Situation
from cronmend.jobs import identity, manual_command
from cronmend.jobs.fargate_sizes import larger
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category, Size, StoppedTask
from cronmend.model.incident import Attempt, Change, Commit, JobState, RunRecord
from cronmend.model.keys import stable_key
from cronmend.ports.healing import JobStates, Records, Timers
from cronmend.redact import Redactor, redact
from cronmend.use_cases.commit import commit
from cronmend.use_cases.evidence import EvidenceCollector
from cronmend.use_cases.healing.collector import SituationCollector


@dataclass(frozen=True, slots=True)
class HandleStoppedTask:
    """Safe to repeat: an event delivered twice, or a crash in between, has no other result."""

    collector: EvidenceCollector
    job_states: JobStates
    records: Records
    timers: Timers
    situations: SituationCollector
    hide: Redactor = redact

    def handle(self, task: StoppedTask, now: datetime) -> RunRecord:
        """The record of the run: written now, or read if this event was handled before."""
        record = self.records.run(task.task_id) or self._recorded(task, now)
        for timer in record.timers:
            self.timers.set(timer)
        return record

    def _recorded(self, task: StoppedTask, now: datetime) -> RunRecord:
        attempt = self._attempt(task)
        who = self.collector.identity(task, attempt.job if attempt else "")
        policy = self.situations.policy(who.job)
        task = replace(task, job_container=task.job_container or policy.container)
        history = self.job_states.read(who.job).history
        evidence = self.collector.evidence(task, who.schedule, now, history)
        diagnosis = diagnose(evidence, hide=self.hide)
        command = manual_command.command(task, who, diagnosis.category)
        outcome = after_run.Outcome(
            task, who, diagnosis, attempt, now, log=evidence.place, policy=policy.rerun, by_hand=command
        )
        change, written = commit(
            self.job_states, who.job, now, lambda job_state: self._change(job_state, outcome, policy)
        )
        record = self.records.run(task.task_id) if written is Commit.KNOWN else change.run
        if record is None:
            raise ValueError(f"the ledger refused run {task.task_id} as already written, but has no record of it")
        return record

    def _attempt(self, task: StoppedTask) -> Attempt | None:
        if not task.started_by.startswith(identity.OWN):
            return None
        return self.records.attempt(task.started_by.removeprefix(identity.OWN))

    def _change(self, job_state: JobState, outcome: after_run.Outcome, policy: JobPolicy) -> Change:
        if outcome.diagnosis.category is Category.SUCCESS:
            return after_run.after_success(job_state, outcome)
        situation = self._situation(job_state, outcome, policy)
        outcome = replace(outcome, bound=situation.limits.attempts(outcome.diagnosis.category))
        planned = plan(outcome.diagnosis, situation)
        return with_progress(job_state, after_run.after_failure(job_state, outcome, planned), outcome.now)

    def _situation(self, job_state: JobState, outcome: after_run.Outcome, policy: JobPolicy) -> Situation:
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
            larger=self._larger(incident.size, outcome.task, policy),
            held_until=incident.held_until,
            attributed=outcome.identity.certain,
        )

    def _larger(self, tried: Size | None, task: StoppedTask, policy: JobPolicy) -> Size | None:
        """Only one step per incident: a memory leak would use any size."""
        if not policy.memory_step or tried or task.size is None:
            return None
        return larger(task.size, self.situations.limits.max_memory)


def _known_active_run(situation: Situation) -> str:
    """Ignores an error, so that the failure is recorded; ECS is asked again when the re-run is due."""
    try:
        return situation.active_run()
    except CronmendError:
        return ""
