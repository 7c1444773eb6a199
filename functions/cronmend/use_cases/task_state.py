"""A run has stopped: say why, decide what follows, write it once, set the timers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from cronmend.alerting.news import with_progress
from cronmend.diagnosis.steps import diagnose
from cronmend.errors import CronmendError
from cronmend.healing import after_run, budgets
from cronmend.healing.budgets import Budget
from cronmend.healing.plan import Limits, Situation, plan
from cronmend.jobs import identity, manual_command
from cronmend.jobs.fargate_sizes import larger
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.slots import next_slot, too_late
from cronmend.model import Category, Identity, Missing, Rerun, Size, StoppedTask
from cronmend.model.incident import Attempt, Change, Commit, JobState, RunRecord
from cronmend.model.keys import stable_key
from cronmend.ports.healing import Circuit, JobStates, Modes, Records, RunningTasks, Timers
from cronmend.redact import Redactor, redact
from cronmend.use_cases.commit import commit
from cronmend.use_cases.evidence import EvidenceCollector
from cronmend.use_cases.healing.guards import active, day_spent


@dataclass(frozen=True, slots=True)
class HandleStoppedTask:
    """Handles the end of a run, whatever is delivered twice or breaks off in between."""

    collector: EvidenceCollector
    job_states: JobStates
    records: Records
    timers: Timers
    policy: Callable[[str], JobPolicy]
    modes: Modes
    circuit: Circuit
    running: RunningTasks
    limits: Limits
    budget: Budget
    hide: Redactor = redact

    def handle(self, task: StoppedTask, now: datetime) -> RunRecord:
        """The record of the run: written now, or found where this event has been handled before."""
        record = self.records.run(task.task_id) or self._recorded(task, now)
        for timer in record.timers:
            self.timers.set(timer)
        return record

    def _recorded(self, task: StoppedTask, now: datetime) -> RunRecord:
        attempt = self._attempt(task)
        who = self.collector.identity(task, attempt.job if attempt else "")
        policy = self.policy(who.job)
        task = replace(task, job_container=task.job_container or policy.container)
        history = self.job_states.read(who.job).history
        evidence = self.collector.evidence(task, who.schedule, now, history)
        diagnosis = diagnose(evidence, hide=self.hide)
        command = manual_command.command(task, who, diagnosis.category)
        diagnosis = manual_command.advised(diagnosis, task) if command else diagnosis
        outcome = after_run.Outcome(task, who, diagnosis, attempt, now, log=evidence.place, by_hand=command)
        change, written = commit(
            self.job_states, who.job, now, lambda job_state: self._change(job_state, outcome, policy)
        )
        record = self.records.run(task.task_id) if written is Commit.KNOWN else change.run
        if record is None:
            raise ValueError(f"run {task.task_id} is known to the ledger, but its record is not there")
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
        planned = plan(outcome.diagnosis, outcome.task, situation)
        if planned.first(Rerun) and (running := self._running(outcome)):
            planned = plan(outcome.diagnosis, outcome.task, replace(situation, running=running))
        return with_progress(job_state, after_run.after_failure(job_state, outcome, planned), outcome.now)

    def _situation(self, job_state: JobState, outcome: after_run.Outcome, policy: JobPolicy) -> Situation:
        """Every guard but the one that costs calls: whether a run is alive is asked where a re-run would be planned."""
        now, category, schedule = outcome.now, outcome.diagnosis.category, outcome.identity.schedule
        incident = after_run.continued(job_state, outcome)
        is_open = job_state.incident is not None and job_state.incident.is_open
        return Situation(
            now=now,
            policy=policy.rerun,
            mode=self.modes.now(),
            reruns=budgets.reruns_for(incident, category),
            key=stable_key(incident.id, incident.reruns + 2),
            day_spent=day_spent(job_state, incident, self.budget, now),
            circuit_until=self.circuit.open_until(now),
            too_late=None if isinstance(schedule, Missing) else too_late(incident, schedule, policy.stale_after),
            larger=self._larger(incident.size, outcome.task, policy),
            next_slot=next_slot(schedule, now),
            held_until=incident.held_until if is_open else None,
            forbidden=_forbidden(outcome.identity),
            limits=self.limits.of(policy.attempts, policy.deadline),
        )

    def _running(self, outcome: after_run.Outcome) -> str:
        """The living run of the job, or an empty string. What ECS doesn't tell now it is asked again when due."""
        task, schedule = outcome.task, outcome.identity.schedule
        if isinstance(schedule, Missing):
            return ""
        try:
            found = active(self.running, task.cluster_arn, task.task_definition.family, schedule, task.task_arn)
        except CronmendError:
            return ""
        return found.task_arn if found else ""

    def _larger(self, tried: Size | None, task: StoppedTask, policy: JobPolicy) -> Size | None:
        """One step in an incident: more would pay for a leak."""
        if not policy.memory_step or tried or task.size is None:
            return None
        return larger(task.size, self.limits.max_memory)


def _forbidden(who: Identity) -> str:
    if not who.certain:
        return who.reason
    if isinstance(who.schedule, Missing):
        return who.schedule.reason
    return "" if who.schedule.enabled else f"the schedule {who.job} is disabled"
