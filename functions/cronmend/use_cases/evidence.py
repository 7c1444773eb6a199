"""Collect the evidence on a run. A part that can't be read is Missing; only errors that may pass are raised."""

from copy import replace
from datetime import datetime

from msgspec import Struct

from cronmend import deploys
from cronmend.jobs import identity
from cronmend.jobs.work import digest_of_run
from cronmend.model import (
    Category,
    DeployWindow,
    Diagnosis,
    Evidence,
    FailedTask,
    History,
    Identity,
    LiveSchedule,
    Log,
    Missing,
    StoppedTask,
    WindowState,
)
from cronmend.ports.healing import Logs, Schedules, TaskDefinitions
from cronmend.use_cases.deploy_facts import NO_HISTORY, Deploys
from cronmend.use_cases.log_place import log_place
from cronmend.use_cases.reads import PATIENT, Reads


class JobFinder(Struct, frozen=True):
    """Finds the job of a run among the live schedules."""

    schedules: Schedules

    def find(self, task: FailedTask, job: str, reads: Reads = PATIENT) -> Identity:
        """The job of the run; ``job`` is set if a claimed attempt already names it."""
        if job:
            schedule = reads(lambda: self.schedules.get(job))
            return Identity(job, certain=True, reason="", schedule=schedule)
        prefix = identity.name_prefix(task)
        if not prefix:
            return identity.identify(task, Missing("no schedule started it"))
        if declared := identity.job_by_name(task):
            named = reads(lambda: self.schedules.get(declared))
            who = identity.identify(task, named if isinstance(named, Missing) else (named,))
            if who.job == declared and isinstance(who.schedule, LiveSchedule):
                return who
        return self._among(task, prefix, reads)

    def _among(self, task: FailedTask, prefix: str, reads: Reads) -> Identity:
        """A run is younger than its schedule, so a list that was read after the run was created has the schedule."""
        work = digest_of_run(task)
        named = reads(lambda: self.schedules.named(prefix, task.cluster_arn, since=task.created_at, work=work))
        return identity.identify(task, named)


class EvidenceCollector(Struct, frozen=True):
    """Finds the job of a stopped run and collects the evidence on it."""

    schedules: Schedules
    definitions: TaskDefinitions
    logs: Logs
    deploys: Deploys

    def identity(self, task: StoppedTask, job: str, reads: Reads = PATIENT) -> Identity:
        """The job of the run; ``job`` is set if a claimed attempt already names it."""
        return JobFinder(self.schedules).find(task, job, reads)

    def evidence(
        self,
        task: StoppedTask,
        schedule: LiveSchedule | Missing,
        now: datetime,
        history: History = NO_HISTORY,
        reads: Reads = PATIENT,
    ) -> Evidence:
        if task.exited_with_0:
            quiet = "not checked: the job exited with 0"
            return Evidence(task, Missing(quiet), DeployWindow(WindowState.UNKNOWN, reason=quiet))
        run = run_of(task)
        window = self.deploys.window(task.task_definition, task.cluster_arn, schedule, now, run, history, reads)
        place = log_place(task, lambda reference: reads(lambda: self.definitions.get(reference)))
        log: Log | Missing = place if isinstance(place, Missing) else reads(lambda: self.logs.tail(place))
        return Evidence(task, log, window, history, None if isinstance(place, Missing) else place)

    def with_deploy_during(self, task: StoppedTask, diagnosis: Diagnosis) -> Diagnosis:
        """With a deploy that started during the run, if it exited with 0 and still failed."""
        if diagnosis.category is Category.SUCCESS or not task.exited_with_0:
            return diagnosis
        during = self.deploys.during(task.task_definition.family, task.cluster_arn, run_of(task))
        return replace(diagnosis, window=replace(diagnosis.window, during=during))


def run_of(task: StoppedTask) -> deploys.Run:
    job = task.job
    return deploys.Run(
        created_at=task.created_at,
        stopped_at=task.stopped_at,
        image=job.image if job else "",
        digest=job.image_digest if job else "",
        container=task.job_container,
    )
