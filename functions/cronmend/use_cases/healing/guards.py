"""Every reason not to run a job again, checked against the world as it is now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cronmend.healing import budgets, plan
from cronmend.healing.budgets import Budget
from cronmend.healing.plan import Limits
from cronmend.jobs import identity
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.slots import family_of, next_slot, pending_slot, too_late
from cronmend.model import LiveSchedule, LiveTask, Policy
from cronmend.model.incident import Incident, JobState
from cronmend.ports.healing import Circuit, Modes, RunningTasks
from cronmend.wording import clock, span


class Guard(StrEnum):
    MODE = "mode"
    POLICY = "policy"
    SCHEDULE = "schedule"
    SLOT_AGE = "slot-age"
    ATTEMPTS = "attempts"
    DAY = "day"
    CIRCUIT = "circuit"
    NEXT_SLOT = "next-slot"
    RUNNING = "running"
    DEPLOY = "deploy"


YIELDS = frozenset({Guard.CIRCUIT, Guard.NEXT_SLOT, Guard.RUNNING})
"""Something else does the work, or people have been told already: the held alert's deadline is enough."""


@dataclass(frozen=True, slots=True)
class Objection:
    guard: Guard
    reason: str


@dataclass(frozen=True, slots=True)
class Guards:
    tasks: RunningTasks
    circuit: Circuit
    modes: Modes
    policy: Callable[[str], JobPolicy]
    limits: Limits
    budget: Budget

    def objections(self, job_state: JobState, schedule: LiveSchedule, now: datetime) -> Iterator[Objection]:
        """Lazily and in order, what costs a call last; the first one decides for a re-run that nobody asked for."""
        incident = job_state.incident if job_state.incident and job_state.incident.is_open else None
        yield from self._standing(job_state.job, incident, schedule, now)
        yield from self._spent(job_state, incident, now)
        yield from self._covered(job_state, incident, schedule, now)

    def of_claimed(self, job_state: JobState, schedule: LiveSchedule, now: datetime) -> Iterator[Objection]:
        """For an attempt whose budget is paid already, when nobody knows whether it was started."""
        incident = job_state.incident if job_state.incident and job_state.incident.is_open else None
        yield from self._standing(job_state.job, incident, schedule, now)
        yield from self._covered(job_state, incident, schedule, now)

    def _standing(
        self, job: str, incident: Incident | None, schedule: LiveSchedule, now: datetime
    ) -> Iterator[Objection]:
        """What the team has said: about all healing, the job, its schedule."""
        policy = self.policy(job)
        if stopped := plan.stops(self.modes.now()):
            yield Objection(Guard.MODE, stopped)
        if policy.rerun is Policy.NEVER:
            yield Objection(Guard.POLICY, "the job's policy is never to re-run it")
        if policy.rerun is Policy.UNSTARTED and incident and incident.ran:
            yield Objection(Guard.POLICY, "the job had started, and its policy allows a re-run only where it had not")
        if not schedule.enabled:
            yield Objection(Guard.SCHEDULE, f"the schedule {schedule.job} is disabled")
        if schedule.start and now < schedule.start:
            yield Objection(Guard.SCHEDULE, f"the schedule begins on {schedule.start:%Y-%m-%d} only")
        late = too_late(incident, schedule, policy.stale_after)
        if late and late < now:
            ended = schedule.end is not None and schedule.end < now
            reason = "the schedule has ended" if ended else f"the slot is older than {span(policy.stale_after)}"
            yield Objection(Guard.SLOT_AGE, reason)

    def _spent(self, job_state: JobState, incident: Incident | None, now: datetime) -> Iterator[Objection]:
        if incident:
            policy = self.policy(job_state.job)
            most = self.limits.of(policy.attempts, policy.deadline).attempts(incident.category)
            if (made := budgets.reruns_for(incident, incident.category)) >= most:
                yield Objection(Guard.ATTEMPTS, f"{made} re-runs have not helped")
        if spent := day_spent(job_state, incident, self.budget, now):
            yield Objection(Guard.DAY, spent)

    def _covered(
        self, job_state: JobState, incident: Incident | None, schedule: LiveSchedule, now: datetime
    ) -> Iterator[Objection]:
        if until := self.circuit.open_until(now):
            yield Objection(Guard.CIRCUIT, f"healing has stopped for all jobs until {clock(until)}")
        if (slot := next_slot(schedule, now)) and slot - now <= self.limits.recheck_after:
            yield Objection(Guard.NEXT_SLOT, f"the next slot at {clock(slot)} is near")
        if slot := pending_slot(schedule, _last_run(job_state), now):
            yield Objection(Guard.NEXT_SLOT, f"the run of the slot at {clock(slot)} may begin at any moment")
        cluster = incident.cluster_arn if incident else schedule.cluster_arn
        family = incident.family if incident else family_of(schedule)
        if task := active(self.tasks, cluster, family, schedule):
            yield of_running(task)


def of_running(task: LiveTask) -> Objection:
    return Objection(Guard.RUNNING, f"the job is running already ({task.task_arn})")


def active(
    tasks: RunningTasks, cluster_arn: str, family: str, schedule: LiveSchedule, stopped: str = ""
) -> LiveTask | None:
    """A living run of the job, whoever started it.

    Args:
        stopped: a task that has just ended; ECS may still list it for a moment.
    """
    found = (task for task in tasks.active(cluster_arn, family) if identity.runs_job(task, schedule))
    return next((task for task in found if task.task_arn != stopped), None)


def day_spent(job_state: JobState, incident: Incident | None, budget: Budget, now: datetime) -> str:
    """Why the job may not be run again today, or an empty string."""
    times = budgets.spent(job_state, incident.category, now) if incident else len(job_state.rerun_times)
    return f"{budget.per_day} re-runs in 24 hours are the job's bound" if times >= budget.per_day else ""


def _last_run(job_state: JobState) -> datetime | None:
    """When the latest run that is known of was created, or ended well."""
    failed = job_state.incident.failed if job_state.incident else None
    return max((at for at in (failed and failed.created_at, job_state.history.last_success_at) if at), default=None)
