"""Collect the evidence on a run. A part that can't be read is Missing; only errors that may pass are raised.

And these only for a while: an alert that says what couldn't be read is worth more than one that waits for AWS.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cronmend import deploys
from cronmend.errors import Retryable
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
    Signal,
    StoppedTask,
    TaskDefinitionRef,
    WindowState,
)
from cronmend.model.runs import TaskDefinition
from cronmend.ports.healing import DeployNotes, Logs, Registry, Schedules, Services, TaskDefinitions
from cronmend.use_cases.log_place import log_place
from cronmend.use_cases.push_times import with_pushes

PATIENCE = timedelta(minutes=5)
"""How long after an event's first delivery Cronmend waits for evidence that AWS fails to return."""
MOST_SECONDS = 30.0
"""After that, what is still to be read is Missing: a call that hangs takes most of a minute, the function has three."""
PATIENCE_WITH_SUCCESS = timedelta(hours=1)
"""The same for a job that exited with 0: no one waits for an alert, and only its job has to be found."""
_NO_RUN = deploys.Run()
_NO_HISTORY = History()


@dataclass(frozen=True, slots=True)
class Reads:
    """Reads parts of the evidence; once it waits no longer, a part that can't be read is Missing and listed."""

    waits: bool = True
    unread: list[str] = field(default_factory=list)
    """Why each part is missing that AWS failed to return."""
    clock: Callable[[], float] = time.monotonic
    """In seconds."""
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, task: StoppedTask, received_at: datetime | None, now: datetime) -> "Reads":
        """Waits from the event's first delivery: in a storm, it may be queued for longer than Cronmend waits.

        Without a queue, it waits from the end of the run, if that is in the past.
        """
        since = min(received_at, now) if received_at else task.stopped_at
        patience = PATIENCE_WITH_SUCCESS if _exited_with_0(task) else PATIENCE
        return cls(waits=since is not None and since <= now < since + patience)

    def __call__[T](self, read: Callable[[], T]) -> T | Missing:
        """
        Raises:
            Retryable: the part can't be read now, and it is worth waiting for.
        """
        if not self.waits and self.clock() - self.started > MOST_SECONDS:
            return self._gap("AWS answers too slowly to read everything")
        try:
            return read()
        except Retryable as error:
            if self.waits:
                raise
            return self._gap(str(error))

    def _gap(self, reason: str) -> Missing:
        self.unread.append(reason)
        return Missing(reason)


_PATIENT = Reads()


@dataclass(frozen=True, slots=True)
class Deploys:
    """The state of the deploy around a revision."""

    definitions: TaskDefinitions
    services: Services
    notes: DeployNotes
    bounds: deploys.Bounds
    clusters: tuple[str, ...] = ()
    """The ARNs of the watched clusters. A migration in one of them may be that of a job in another."""
    registry: Registry | None = None
    """None if the stack may not ask it."""

    def window(
        self,
        used: TaskDefinitionRef,
        cluster_arn: str,
        schedule: LiveSchedule | Missing,
        now: datetime,
        run: deploys.Run = _NO_RUN,
        history: History = _NO_HISTORY,
        reads: Reads = _PATIENT,
    ) -> DeployWindow:
        """The window around ``used``; a family alone means its newest revision.

        Args:
            run: the run that used it; by default a run that would start now.
            history: the job's history.
        """
        definition = reads(lambda: self.definitions.get(str(used)))
        registered_at: datetime | Missing
        if isinstance(definition, Missing):
            registered_at = definition
        else:
            used, registered_at = definition.ref, definition.registered_at
            run = replace(run, image=_image(definition, run))
        facts = deploys.DeployFacts(
            services=reads(lambda: self.services.running(cluster_arn, used.family, run.image, run.stopped_at)),
            registered_at=registered_at,
            scheduled=schedule if isinstance(schedule, Missing) else scheduled_revision(schedule),
            notes=self._notes(cluster_arn, used.family, run),
            run=run,
            history=history,
        )
        facts = with_pushes(self._with_images(used, facts, reads), self.registry, reads)
        return deploys.window(used, facts, now, self.bounds)

    def _with_images(self, used: TaskDefinitionRef, facts: deploys.DeployFacts, reads: Reads) -> deploys.DeployFacts:
        """Images are read only if revisions can't show which code is newer."""
        newest = facts.newest
        if newest is None:
            return facts
        serving = newest.primary.task_definition
        if serving.family != used.family or (facts.run.digest and serving == used):
            facts = replace(facts, serving=reads(lambda: self.services.images(newest)))
        if serving.family == used.family or not facts.needs_registration:
            return facts
        definition = reads(lambda: self.definitions.get(str(serving)))
        at = definition if isinstance(definition, Missing) else definition.registered_at
        return replace(facts, serving_registered_at=at)

    def around(self, service: deploys.Service, cluster_arn: str, image: str, now: datetime) -> DeployWindow:
        """The window around the code that a service runs, for a schedule that follows it.

        Args:
            image: that of the schedule's job.
        """
        used, run = service.primary.task_definition, deploys.Run(image=image)
        definition = self.definitions.get(str(used))
        facts = deploys.DeployFacts(
            services=(service,),
            registered_at=definition if isinstance(definition, Missing) else definition.registered_at,
            scheduled=used,
            notes=self._notes(cluster_arn, used.family, run),
            run=run,
        )
        return deploys.window(used, facts, now, self.bounds)

    def during(self, family: str, cluster_arn: str, run: deploys.Run) -> str:
        """A clause about a deploy that started during the run, from stored notes only; ``""`` if none did."""
        return deploys.started_during(run, self._notes(cluster_arn, family, run))

    def _notes(self, cluster_arn: str, family: str, run: deploys.Run) -> tuple[deploys.DeployNote, ...]:
        own = (note for note in self.notes.of(cluster_arn) if note.concerns(family, run.image))
        others = (note for cluster in self.clusters if cluster != cluster_arn for note in self.notes.of(cluster))
        migrations = (note for note in others if note.signal is Signal.MIGRATION_TASK)
        return (*own, *(note for note in migrations if note.concerns(family, run.image)))


@dataclass(frozen=True, slots=True)
class JobFinder:
    """Finds the job of a run among the live schedules."""

    schedules: Schedules

    def find(self, task: FailedTask, job: str, reads: Reads = _PATIENT) -> Identity:
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


@dataclass(frozen=True, slots=True)
class EvidenceCollector:
    """Finds the job of a stopped run and collects the evidence on it."""

    schedules: Schedules
    definitions: TaskDefinitions
    logs: Logs
    deploys: Deploys

    def identity(self, task: StoppedTask, job: str, reads: Reads = _PATIENT) -> Identity:
        """The job of the run; ``job`` is set if a claimed attempt already names it."""
        return JobFinder(self.schedules).find(task, job, reads)

    def evidence(
        self,
        task: StoppedTask,
        schedule: LiveSchedule | Missing,
        now: datetime,
        history: History = _NO_HISTORY,
        reads: Reads = _PATIENT,
    ) -> Evidence:
        if _exited_with_0(task):
            quiet = "not checked: the job exited with 0"
            return Evidence(task, Missing(quiet), DeployWindow(WindowState.UNKNOWN, reason=quiet))
        run = run_of(task)
        window = self.deploys.window(task.task_definition, task.cluster_arn, schedule, now, run, history, reads)
        place = log_place(task, lambda reference: reads(lambda: self.definitions.get(reference)))
        log: Log | Missing = place if isinstance(place, Missing) else reads(lambda: self.logs.tail(place))
        return Evidence(task, log, window, history, None if isinstance(place, Missing) else place)

    def with_deploy_during(self, task: StoppedTask, diagnosis: Diagnosis) -> Diagnosis:
        """With a deploy that started during the run, if it exited with 0 and still failed."""
        if diagnosis.category is Category.SUCCESS or not _exited_with_0(task):
            return diagnosis
        during = self.deploys.during(task.task_definition.family, task.cluster_arn, run_of(task))
        return replace(diagnosis, window=replace(diagnosis.window, during=during))


def _exited_with_0(task: StoppedTask) -> bool:
    return task.job is not None and task.job.exit_code == 0


def _image(definition: TaskDefinition, run: deploys.Run) -> str:
    """The image of the job's container, or of the only one; ``""`` if it isn't known."""
    only = next(iter(definition.images.values()), "") if len(definition.images) == 1 else ""
    return definition.images.get(run.container) or run.image or only


def run_of(task: StoppedTask) -> deploys.Run:
    job = task.job
    return deploys.Run(
        created_at=task.created_at,
        stopped_at=task.stopped_at,
        image=job.image if job else "",
        digest=job.image_digest if job else "",
        container=task.job_container,
    )


def scheduled_revision(schedule: LiveSchedule) -> TaskDefinitionRef | Missing:
    """The task definition of the schedule's target; a family alone means the newest revision when a run starts."""
    reference = schedule.parameters.get("TaskDefinitionArn", "")
    return TaskDefinitionRef.parse(reference) if reference else Missing(f"{schedule.job} names no task definition")
