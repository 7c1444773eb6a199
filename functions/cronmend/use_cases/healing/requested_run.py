"""Run a job at a person's request. The answer names every guard that blocks it; the person may override most."""

from datetime import datetime
from functools import partial

from msgspec import Struct

from cronmend.alerting.news import with_progress
from cronmend.errors import Permanent, Retryable
from cronmend.healing import transitions
from cronmend.healing.guards import NEVER_OVERRIDDEN, Blocker, Guard, blockers, running
from cronmend.healing.situation import no_window
from cronmend.jobs import identity
from cronmend.jobs.refusal import Refusal
from cronmend.jobs.slots import family_of
from cronmend.model import DeployWindow, LiveSchedule, Missing
from cronmend.model.incident import Attempt, Change, Commit, JobState
from cronmend.model.keys import stable_key
from cronmend.model.wakeups import RunRequest
from cronmend.ports.healing import JobStates, Records, Schedules
from cronmend.use_cases.commit import commit, commit_and_answer
from cronmend.use_cases.deploy_facts import Deploys, scheduled_revision
from cronmend.use_cases.healing.attempts import TOKEN_LIFE
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.use_cases.healing.run_task import TaskStarter


class Answer(Struct, frozen=True):
    done: str
    task_arn: str = ""
    """The run; ``""`` if none was started."""
    blockers: tuple[Blocker, ...] = ()
    """Every guard that blocks the run; if it was started, those that were overridden."""


class RunOnRequest(Struct, frozen=True):
    job_states: JobStates
    records: Records
    schedules: Schedules
    deploys: Deploys
    situations: SituationCollector
    starter: TaskStarter

    def handle(self, asked: RunRequest, now: datetime) -> Answer:
        """At most one run for one ``asked.id``, however often the request is delivered."""
        key = stable_key(f"manual-{asked.id}", 1)
        if known := self.records.attempt(key):
            return self._again(known, now)
        schedule = self.schedules.get(asked.job)
        if isinstance(schedule, Missing):
            return Answer(schedule.reason)
        return self._claimed(asked, key, schedule, now)

    def _claimed(self, asked: RunRequest, key: str, schedule: LiveSchedule, now: datetime) -> Answer:

        def decide(job_state: JobState) -> tuple[Change | None, tuple[Blocker, ...]]:
            found = self._blockers(job_state, schedule, now)
            if any(each.guard in NEVER_OVERRIDDEN for each in found) or (found and not asked.force):
                return None, found
            return with_progress(
                job_state, transitions.requested(job_state, key, asked.by, now, asked.slot), now
            ), found

        change, written, found = commit_and_answer(self.job_states, asked.job, now, decide)
        if written is Commit.KNOWN and (known := self.records.attempt(key)):
            return self._again(known, now)
        if written is Commit.OVER_BUDGET:
            over_budget = Blocker(Guard.CIRCUIT, "the hour's limit of re-runs over all jobs is reached")
            return Answer("not run", blockers=(*found, over_budget))
        if change.claim is None:
            return Answer("not run", blockers=found)
        return self._start(change.claim, found)

    def _again(self, attempt: Attempt, now: datetime) -> Answer:
        """The same request, delivered again: an earlier call may have ended before it recorded the outcome."""
        if attempt.task_arn:
            return Answer("the run has already started", attempt.task_arn)
        schedule = self.schedules.get(attempt.job)
        if isinstance(schedule, Missing):
            return Answer(schedule.reason)
        active = self.situations.tasks.active(schedule.cluster_arn, family_of(schedule))
        if own := next((each for each in active if each.started_by == f"{identity.OWN}{attempt.key}"), None):
            self.job_states.started(attempt, own.task_arn)
            return Answer("the run has already started", own.task_arn)
        job_state = self.job_states.read(attempt.job)
        if beside := running(self.situations.situation(job_state, schedule, now, own=attempt.key), now):
            return Answer("not run", blockers=(beside,))
        if now - attempt.claimed_at > TOKEN_LIFE:
            return Answer("Cronmend can't tell whether the run started: check the job's runs, then send a new request")
        return self._start(attempt, ())

    def _blockers(self, job_state: JobState, schedule: LiveSchedule, now: datetime) -> tuple[Blocker, ...]:
        window = partial(self._window, schedule, now)
        return tuple(blockers(self.situations.situation(job_state, schedule, now, window), now))

    def _window(self, schedule: LiveSchedule, now: datetime) -> DeployWindow:
        target = scheduled_revision(schedule)
        if isinstance(target, Missing):
            return no_window()
        return self.deploys.window(target, schedule.cluster_arn, schedule, now)

    def _start(self, attempt: Attempt, overridden: tuple[Blocker, ...]) -> Answer:
        try:
            answer = self.starter.run(attempt)
        except Retryable as error:
            return Answer(f"Cronmend can't tell whether the run started: {error}", blockers=overridden)
        except Permanent as error:
            self._not_started(attempt)
            return Answer(f"the run couldn't be started: {error}", blockers=overridden)
        if isinstance(answer, Refusal):
            self._not_started(attempt)
            return Answer(f"ECS started no task: {answer.reason}", blockers=overridden)
        self.job_states.started(attempt, answer)
        return Answer("the run has started", answer, overridden)

    def _not_started(self, attempt: Attempt) -> None:
        """Nothing is about to start: the claim must not block the next request."""

        def decide(job_state: JobState) -> Change | None:
            freed = transitions.not_started(job_state, attempt.key)
            return None if freed == job_state else Change(freed)

        commit(self.job_states, attempt.job, attempt.claimed_at, decide)
