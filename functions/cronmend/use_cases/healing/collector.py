"""Collect the facts that the guards need, for a re-run that is planned, due or requested by a person."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from msgspec import Struct

from cronmend.healing import budgets, order
from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits, Situation, no_window
from cronmend.jobs import identity
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.slots import slot_of, tasks_of
from cronmend.model import DeployWindow, LiveSchedule, LiveTask, Missing
from cronmend.model.incident import Found, Incident, JobState
from cronmend.ports.healing import Circuit, Modes, RunningTasks
from cronmend.use_cases.deploy_facts import scheduled_revision


class SituationCollector(Struct, frozen=True):
    tasks: RunningTasks
    circuit: Circuit
    modes: Modes
    policy: Callable[[str], JobPolicy]
    limits: Limits
    budget: Budget

    def situation(
        self,
        job_state: JobState,
        schedule: LiveSchedule | Missing,
        now: datetime,
        window: Callable[[], DeployWindow] = no_window,
        stopped: str = "",
        own: str = "",
        found: Found | None = None,
    ) -> Situation:
        """The facts for a re-run of the job's open incident, or for a run of a job that is not broken.

        Args:
            window: the deploy window around the code that a run would use now; by default, no deploy blocks.
            stopped: a task that has just ended, which ECS may still list.
            own: the key of the run's own claim; any other one blocks it.
            found: has the circuit as it was read a moment ago; None to read it now.
        """
        policy, incident = self.policy(job_state.job), job_state.open_incident
        limits = self.limits.of(policy.attempts, policy.deadline)
        return Situation(
            now=now,
            policy=policy.rerun,
            schedule=schedule,
            ran=incident is not None and incident.ran,
            tasks=tasks_of(schedule) if incident and incident.has_task else 1,
            slot=slot_of(incident) if incident else None,
            stale_after=policy.stale_after,
            last_run=order.last_own(job_state),
            claimed_at=job_state.claim.at if job_state.claim and job_state.claim.key != own else None,
            waits_for_deploy=incident is not None and incident.diagnosis.waits_for_deploy,
            last_rerun=budgets.last_rerun(job_state),
            reruns=budgets.reruns_for(incident, incident.category) if incident else 0,
            most_reruns=limits.attempts(incident.category) if incident else None,
            reruns_today=budgets.used(job_state, incident is not None and incident.category.traits.of_aws, now),
            most_today=self.budget.per_day,
            mode=self.modes.now,
            circuit_until=partial(_open_until, found, now) if found else partial(self.circuit.open_until, now),
            active_run=partial(self._active_run, incident, schedule, stopped),
            window=window,
            limits=limits,
        )

    def _active_run(self, incident: Incident | None, schedule: LiveSchedule | Missing, stopped: str) -> str:
        """Checks the family that failed and the schedule's current one: a deploy may have renamed it."""
        if isinstance(schedule, Missing):
            return ""
        target = scheduled_revision(schedule)
        families = ([incident.family] if incident else []) + ([] if isinstance(target, Missing) else [target.family])
        cluster = incident.cluster_arn if incident else schedule.cluster_arn
        for family in dict.fromkeys(families):
            if task := active(self.tasks, cluster, family, schedule, stopped):
                return task.task_arn
        return ""


def _open_until(found: Found, now: datetime) -> datetime | None:
    return found.circuit_until if found.circuit_until and found.circuit_until > now else None


def active(
    tasks: RunningTasks, cluster_arn: str, family: str, schedule: LiveSchedule, stopped: str = ""
) -> LiveTask | None:
    """An active run of the job, no matter who started it; ``stopped`` is a task not to count."""
    found = (task for task in tasks.active(cluster_arn, family) if identity.runs_job(task, schedule))
    return next((task for task in found if task.task_arn != stopped), None)
