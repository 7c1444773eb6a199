"""Start claimed attempts: at most one run each, even after crashes and repeated deliveries."""

from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.alerting.news import with_progress
from cronmend.errors import Permanent, Retryable
from cronmend.healing import after_run, backoff, order, transitions
from cronmend.healing.guards import KEEPS_ALERT_HELD, PAID_BY_CLAIM, Blocker, blockers
from cronmend.jobs import identity
from cronmend.jobs.refusal import Refusal
from cronmend.jobs.slots import next_slot
from cronmend.model import LiveSchedule, Missing, ScheduleState
from cronmend.model.claims import Claim
from cronmend.model.incident import LEAD, Attempt, Change, JobState
from cronmend.model.keys import stable_key
from cronmend.model.wakeups import RerunTimer
from cronmend.ports.healing import JobStates, Schedules, Timers
from cronmend.use_cases.commit import commit
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.use_cases.healing.run_task import TaskStarter
from cronmend.wording import moment

TOKEN_LIFE = timedelta(minutes=50)
"""ECS remembers a ``clientToken`` for at least an hour after its task has stopped. After that, a second call would run
the job a second time. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html"""


class Attempts(Struct, frozen=True):
    """Each method returns a sentence for the log."""

    job_states: JobStates
    schedules: Schedules
    timers: Timers
    situations: SituationCollector
    starter: TaskStarter

    def resume(self, attempt: Attempt, timer: RerunTimer, now: datetime) -> str:
        """Continue an attempt that an earlier call claimed, if that call ended before it stored the outcome."""
        if attempt.task_arn:
            return f"attempt {attempt.number} has run"
        job_state = self.job_states.read(attempt.job)
        incident = job_state.open_incident
        if incident is None or not _is_starting(job_state, attempt):
            set_rerun(self.timers, job_state)
            return f"attempt {attempt.number} is no longer wanted"
        own = f"{identity.OWN}{attempt.key}"
        active = self.situations.tasks.active(incident.cluster_arn, incident.family)
        if task := next((each for each in active if each.started_by == own), None):
            return self._started(attempt, task.task_arn)
        return self._repeat(attempt, job_state, timer, now)

    def _repeat(self, attempt: Attempt, job_state: JobState, timer: RerunTimer, now: datetime) -> str:
        """Ask AWS for the run again, unless it isn't time yet, or not wise any more."""
        if now - attempt.claimed_at > TOKEN_LIFE:
            reason = f"Cronmend can't tell whether run {attempt.number} started: AWS didn't answer in time"
            return self._give_up(attempt, reason, now)
        claim = job_state.claim
        if claim is None or claim.key != attempt.key:
            claim = Claim(attempt.key, attempt.claimed_at, timer.rechecks)
        if claim.again_at and now < claim.again_at:
            self.timers.set(_asking(attempt, claim, claim.again_at))
            return f"AWS is asked for run {attempt.number} again at {moment(claim.again_at, now)}"
        if blocker := self._blocker(job_state, attempt, now):
            return self._drop(attempt, blocker, now)
        return self.start(attempt, claim, now)

    def _blocker(self, job_state: JobState, attempt: Attempt, now: datetime) -> Blocker | None:
        """Skips the guards that count this attempt itself, and the deploy, which was over when it was claimed."""
        schedule = self.schedules.get(job_state.job)
        situation = self.situations.situation(job_state, schedule, now, own=attempt.key)
        return next((each for each in blockers(situation, now) if each.guard not in PAID_BY_CLAIM), None)

    def start(
        self, attempt: Attempt, claim: Claim, now: datetime, schedule: LiveSchedule | Missing | None = None
    ) -> str:
        """Run a claimed attempt. After a crash, RunTask recognizes the same ``clientToken``.

        Args:
            schedule: as the guards saw it a moment ago; None to read it now.
        """
        try:
            answer = self.starter.run(attempt, schedule)
        except Retryable as error:
            return self._ask_again(attempt, claim, error, now)
        except Permanent as error:
            return self._give_up(attempt, f"the re-run couldn't be started: {error}", now, not_started=True)
        if isinstance(answer, Refusal):
            return self._refused(attempt, answer, now)
        return self._started(attempt, answer)

    def _ask_again(self, attempt: Attempt, claim: Claim, error: Retryable, now: datetime) -> str:
        """Write when, before the timer is set: of two invocations, only one sets another time."""
        at = now + self.situations.limits.recheck_after

        def decide(job_state: JobState) -> Change | None:
            return transitions.unanswered(job_state, claim, at) if _is_starting(job_state, attempt) else None

        change, _ = commit(self.job_states, attempt.job, now, decide)
        current = change.job_state.claim
        if current and current.key == attempt.key and current.again_at:
            self.timers.set(_asking(attempt, current, current.again_at))
        return f"Cronmend can't tell whether run {attempt.number} started and will ask again: {error}"

    def _started(self, attempt: Attempt, task_arn: str) -> str:
        self.job_states.started(attempt, task_arn)
        return f"attempt {attempt.number} runs as {task_arn}"

    def _refused(self, attempt: Attempt, refusal: Refusal, now: datetime) -> str:
        """AWS started no task, for certain. If the reason may pass, plan the next attempt, with a token of its own."""
        schedule = self.schedules.get(attempt.job)

        def decide(job_state: JobState) -> Change | None:
            if not _is_starting(job_state, attempt):
                return None
            job_state = transitions.not_started(job_state, attempt.key)
            if not refusal.passes:
                return transitions.given_up(job_state, f"ECS started no task: {refusal.reason}")
            return with_progress(job_state, self._later(job_state, attempt, refusal, schedule, now), now)

        change, _ = commit(self.job_states, attempt.job, now, decide)
        set_rerun(self.timers, change.job_state)
        return f"ECS started no task: {refusal.reason}"

    def _later(
        self, job_state: JobState, attempt: Attempt, refusal: Refusal, schedule: LiveSchedule | Missing, now: datetime
    ) -> Change:
        limits, made = self.situations.limits, job_state.incident.infra_reruns if job_state.incident else 0
        wait = backoff.wait(limits.recheck_after, made, stable_key(attempt.incident, attempt.number + 1))
        at, avoid = now + wait, attempt.avoid
        if refusal.instead_of:
            at, avoid = now + LEAD, (*attempt.avoid, refusal.instead_of)
        change = transitions.refused(job_state, at, avoid)
        after = change.job_state.incident
        if after and after.infra_reruns >= limits.max_infra_attempts:
            return transitions.given_up(change.job_state, f"AWS had no capacity for it again: {refusal.reason}")
        slot = next_slot(schedule, now, order.last_own(job_state))
        if slot and slot <= at:
            return transitions.deferred(change.job_state, f"the job's next scheduled run is at {moment(slot, now)}")
        return change

    def _drop(self, attempt: Attempt, blocker: Blocker, now: datetime) -> str:
        def decide(job_state: JobState) -> Change | None:
            return blocked(job_state, blocker, now)[0] if _is_starting(job_state, attempt) else None

        commit(self.job_states, attempt.job, now, decide)
        return blocker.reason

    def _give_up(self, attempt: Attempt, reason: str, now: datetime, not_started: bool = False) -> str:
        def decide(job_state: JobState) -> Change | None:
            if not _is_starting(job_state, attempt):
                return None
            known = transitions.not_started(job_state, attempt.key) if not_started else job_state
            return transitions.given_up(known, reason)

        commit(self.job_states, attempt.job, now, decide)
        return reason


def set_rerun(timers: Timers, job_state: JobState) -> None:
    if job_state.incident and job_state.incident.is_open and job_state.incident.planned:
        for due in after_run.timers_of(job_state.incident):
            timers.set(due)


def _asking(attempt: Attempt, claim: Claim, at: datetime) -> RerunTimer:
    """The one timer that asks AWS for a claimed run again."""
    return RerunTimer(attempt.job, attempt.incident, attempt.number, at, claim.rechecks)


def is_current(job_state: JobState, incident: str) -> bool:
    return job_state.incident is not None and job_state.incident.id == incident and job_state.incident.is_open


def _is_starting(job_state: JobState, attempt: Attempt) -> bool:
    return (
        is_current(job_state, attempt.incident)
        and job_state.incident is not None
        and job_state.incident.starting == attempt.key
    )


def blocked(
    job_state: JobState, blocker: Blocker, now: datetime, schedule: ScheduleState | None = None
) -> tuple[Change, str]:
    """How a blocked re-run changes its incident, with a sentence for the log.

    Args:
        schedule: what has become of the schedule since the failure; None if that isn't known.
    """
    if blocker.guard in KEEPS_ALERT_HELD:
        deferred = transitions.deferred(job_state, blocker.reason)
        return with_progress(job_state, deferred, now), f"no re-run: {blocker.reason}"
    gave_up = transitions.given_up(job_state, blocker.reason, schedule=schedule)
    return with_progress(job_state, gave_up, now), blocker.reason
