"""A person asks for a run: the same guards, each told by name, and only a person may override one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cronmend.alerting.news import with_progress
from cronmend.errors import Permanent, Retryable
from cronmend.healing import budgets
from cronmend.jobs import identity
from cronmend.jobs.refusal import Refusal
from cronmend.jobs.slots import family_of
from cronmend.model import LiveSchedule, Missing, WindowState
from cronmend.model.incident import Attempt, Change, Commit, JobState
from cronmend.model.keys import stable_key
from cronmend.model.wakeups import RunRequest
from cronmend.ports.healing import JobStates, Records, Schedules
from cronmend.use_cases.commit import commit
from cronmend.use_cases.evidence import Deploys, scheduled_revision
from cronmend.use_cases.healing.attempts import TOKEN_LIFE
from cronmend.use_cases.healing.guards import Guard, Guards, Objection, active, of_running
from cronmend.use_cases.healing.run_task import TaskStarter

NEVER_OVERRIDDEN = frozenset({Guard.RUNNING})
"""Two runs of a job at once can spoil data; a run that is in the way can be stopped."""
_STARTING = timedelta(seconds=30)
"""Two people who ask at once, or a second click, must not get two runs."""
_STANDS_AGAINST = {WindowState.OPEN, WindowState.STUCK, WindowState.OLDER_CODE}


@dataclass(frozen=True, slots=True)
class Answer:
    done: str
    task_arn: str = ""
    """The run; empty where none was started."""
    objections: tuple[Objection, ...] = ()
    """Every guard that stands against it; with a run, those that were overridden."""


@dataclass(frozen=True, slots=True)
class RunOnRequest:
    job_states: JobStates
    records: Records
    schedules: Schedules
    deploys: Deploys
    guards: Guards
    starter: TaskStarter

    def handle(self, asked: RunRequest, now: datetime) -> Answer:
        """At most one run for one ``asked.id``, however often it is delivered."""
        key = stable_key(f"manual-{asked.id}", 1)
        if known := self.records.attempt(key):
            return self._again(known, now)
        schedule = self.schedules.get(asked.job)
        if isinstance(schedule, Missing):
            return Answer(schedule.reason)
        return self._claimed(asked, key, schedule, now)

    def _claimed(self, asked: RunRequest, key: str, schedule: LiveSchedule, now: datetime) -> Answer:
        against: list[Objection] = []

        def decide(job_state: JobState) -> Change | None:
            against[:] = self._against(job_state, schedule, now)
            if any(each.guard in NEVER_OVERRIDDEN for each in against) or (against and not asked.force):
                return None
            number = job_state.incident.reruns + 2 if job_state.incident and job_state.incident.is_open else 1
            attempt = Attempt(key, asked.job, "", number, now, by=asked.by)
            claim = Change(budgets.spending(job_state, infrastructure=False, now=now), claim=attempt)
            return with_progress(job_state, claim, now)

        change, written = commit(self.job_states, asked.job, now, decide)
        if written is Commit.KNOWN and (known := self.records.attempt(key)):
            return self._again(known, now)
        if written is Commit.OVER_BUDGET:
            spent = Objection(Guard.CIRCUIT, "the re-runs of an hour over all jobs are used up")
            return Answer("not run", objections=(*against, spent))
        if change.claim is None:
            return Answer("not run", objections=tuple(against))
        return self._start(change.claim, tuple(against))

    def _again(self, attempt: Attempt, now: datetime) -> Answer:
        """The same wish, delivered again: an earlier call may have ended before it was noted what became of it."""
        if attempt.task_arn:
            return Answer("the run has started before", attempt.task_arn)
        schedule = self.schedules.get(attempt.job)
        if isinstance(schedule, Missing):
            return Answer(schedule.reason)
        running = active(self.guards.tasks, schedule.cluster_arn, family_of(schedule), schedule)
        if running and running.started_by == f"{identity.OWN}{attempt.key}":
            self.job_states.started(attempt, running.task_arn)
            return Answer("the run has started before", running.task_arn)
        if running:
            return Answer("not run", objections=(of_running(running),))
        if now - attempt.claimed_at > TOKEN_LIFE:
            return Answer("it is not known whether the run has started; ask again, under a new wish")
        return self._start(attempt, ())

    def _against(self, job_state: JobState, schedule: LiveSchedule, now: datetime) -> list[Objection]:
        found = list(self.guards.objections(job_state, schedule, now))
        if any(now - at < _STARTING for at in (*job_state.rerun_times[-1:], *job_state.infra_times[-1:])):
            found.append(Objection(Guard.RUNNING, "a run was started moments ago, and ECS may not list it yet"))
        target = scheduled_revision(schedule)
        if isinstance(target, Missing):
            return found
        window = self.deploys.window(target, schedule.cluster_arn, schedule, now)
        return [*found, Objection(Guard.DEPLOY, window.reason)] if window.state in _STANDS_AGAINST else found

    def _start(self, attempt: Attempt, overridden: tuple[Objection, ...]) -> Answer:
        try:
            answer = self.starter.run(attempt)
        except Retryable as error:
            return Answer(f"it is not known whether the run has started: {error}", objections=overridden)
        except Permanent as error:
            return Answer(f"the run could not be started: {error}", objections=overridden)
        if isinstance(answer, Refusal):
            return Answer(f"ECS started no task: {answer.reason}", objections=overridden)
        self.job_states.started(attempt, answer)
        return Answer("the run has started", answer, overridden)
