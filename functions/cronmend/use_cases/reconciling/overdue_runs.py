"""Find the runs that are alive for too long: alert people and, if the job's owner wants it, stop the run."""

import shlex
from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec import Struct, field

from cronmend.errors import CronmendError
from cronmend.jobs import identity, look_alikes
from cronmend.jobs.overdue import Overdue, limit_of, overdue
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Alert, Category, Diagnosis, Identity, LiveTask, Mode, OnOverdue, Plan, UnreportedRun
from cronmend.model.incident import JobState
from cronmend.ports.healing import Modes
from cronmend.ports.overdue import LiveTasks
from cronmend.use_cases.evidence import JobFinder
from cronmend.use_cases.healing.failures import Decide, Failures
from cronmend.use_cases.reconciling.silent_runs import SilentRuns
from cronmend.use_cases.reconciling.timetables import IsTimeUp
from cronmend.wording import sentence

KEY = "overdue-"
"""The record of an overdue run has this before the task's ID; the record of its end has the ID alone."""


class FoundOverdue(Struct):
    tasks: int = 0
    """How many tasks ECS listed."""
    overdue: list[tuple[str, str]] = field(default_factory=list)
    """The job of each run that is overdue, and why."""
    stopped: list[str] = field(default_factory=list)
    """The tasks that Cronmend stopped."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Clusters and tasks that couldn't be checked, each with the error."""
    unlisted: list[str] = field(default_factory=list)
    """Clusters with more tasks than one check reads."""


class OverdueRuns(Struct, frozen=True):
    tasks: LiveTasks
    finder: JobFinder
    output: SilentRuns
    failures: Failures
    modes: Modes
    policy: Callable[[str], JobPolicy]
    clusters: tuple[str, ...]
    may_stop: bool
    """Whether the stack allows Cronmend to stop runs."""

    def check(self, now: datetime, is_time_up: IsTimeUp = lambda: False) -> FoundOverdue:
        """Check every run of a job that ECS lists; a task or cluster that fails stops no other."""
        found = FoundOverdue()
        for cluster in self.clusters:
            try:
                alive = self.tasks.alive(cluster)
            except CronmendError as error:
                found.failed.append((cluster, str(error)))
                continue
            found.tasks += len(alive.tasks)
            found.unlisted += [] if alive.complete else [cluster]
            for task in alive.tasks:
                if identity.is_run(task) and not is_time_up():
                    self._checked(task, now, found)
        return found

    def _checked(self, task: LiveTask, now: datetime, found: FoundOverdue) -> None:
        try:
            for who, late in self._overdue(task, now):
                found.overdue.append((who.job, late.cause))
                if self._stop(task, who, late):
                    found.stopped.append(task.task_arn)
        except Exception as error:  # noqa: BLE001 # a task of any content must not stop the others; it is logged
            found.failed.append((task.task_arn, f"{type(error).__name__}: {error}"))

    def _overdue(self, task: LiveTask, now: datetime) -> Iterator[tuple[Identity, Overdue]]:
        """The job is looked up in AWS only if the run doesn't name it, or is late. Then its failure is on record."""
        named = self._named(task)
        if named and next(self._late(task, self._state(named), now), None) is None:
            return
        run = _run(task, now)
        who = self.finder.find(run, named)
        state = self._state(who.job)
        if (another := look_alikes.among(run, who, state)) != who:
            who, state = another, self._state(another.job)
        for late in self._late(task, state, now):
            self.failures.unreported(run, who, _diagnosis(task, late), now, self._alert(who, late))
            yield who, late

    def _late(self, task: LiveTask, state: JobState, now: datetime) -> Iterator[Overdue]:
        """Why it is overdue. Its log is read last, and not if its owner's other limit has decided: a limit that is
        only learned stops nothing, and a log that can't be read must not hide it."""
        policy = self.policy(state.job)
        limit = limit_of(policy, state.history.durations)
        if by_limit := overdue(task, limit, now):
            yield by_limit
        is_decided = by_limit is not None and not (by_limit.limit and by_limit.limit.learned)
        if not is_decided and (by_log := self.output.silent(task, policy, now)):
            yield by_log

    def _alert(self, who: Identity, late: Overdue) -> Decide:
        plan = Plan((Alert(self._no_rerun(who, late)),))
        return lambda _diagnosis, _situation: plan

    def _named(self, task: LiveTask) -> str:
        """The job as far as the run itself names it; ``""`` if it doesn't."""
        if task.started_by.startswith(identity.OWN):
            attempt = self.failures.records.attempt(task.started_by.removeprefix(identity.OWN))
            return attempt.job if attempt else ""
        return identity.job_by_name(task)

    def _state(self, job: str) -> JobState:
        return self.failures.job_states.read(job)

    def _no_rerun(self, who: Identity, late: Overdue) -> str:
        """Why no re-run follows, as a clause, and whether Cronmend stops the run."""
        state = "it is still running" if late.limit else "it is still starting"
        if not self._wants_stop(who, late):
            return state
        if not self.may_stop:
            return f"{state}, and Cronmend may not stop it (the stack's parameter StopOverdueRuns is false)"
        if self.modes.now() is not Mode.HEAL:
            return f"{state}, and only in mode heal would Cronmend stop it"
        return f"{state}, and Cronmend stops it now"

    def _stop(self, task: LiveTask, who: Identity, late: Overdue) -> bool:
        """Stop the run, again if an earlier call ended before it did. What follows is decided when it has stopped."""
        if not (self._wants_stop(who, late) and self.may_stop and self.modes.now() is Mode.HEAL):
            return False
        self.tasks.stop(task, f"Cronmend stopped it: {late.cause}")
        return True

    def _wants_stop(self, who: Identity, late: Overdue) -> bool:
        """Only by the owner's own limit, and only a run of which it is certain that it is this job's."""
        by_owner = late.limit is not None and not late.limit.learned
        return who.certain and by_owner and self.policy(who.job).on_overdue is OnOverdue.STOP


def _run(task: LiveTask, now: datetime) -> UnreportedRun:
    return UnreportedRun(
        key=f"{KEY}{task.task_arn.rsplit('/', 1)[-1]}",
        cluster_arn=task.cluster_arn,
        task_definition=task.task_definition,
        created_at=task.created_at or now,
        task_arn=task.task_arn,
        started_by=task.started_by,
        started_at=task.started_at,
        overrides=task.overrides,
    )


def _diagnosis(task: LiveTask, late: Overdue) -> Diagnosis:
    cluster, task_id = (each.rsplit("/", 1)[-1] for each in (task.cluster_arn, task.task_arn))
    place = f"--cluster {shlex.quote(cluster)} --task {task_id}"
    advice = (
        f"Read its log to see what it waits for. To end it, run `aws ecs stop-task {place}`."
        if late.limit
        else "Check whether the cluster has capacity, and whether its subnets reach the image's registry. "
        f"To end it, run `aws ecs stop-task {place}`."
    )
    return Diagnosis(Category.OVERDUE, late.rule, sentence(late.cause), advice=advice, cause=late.cause)
