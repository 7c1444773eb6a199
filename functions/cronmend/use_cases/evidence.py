"""Collect the evidence on a run. A part that can't be read is Missing; only errors that may pass are raised."""

from dataclasses import dataclass, replace
from datetime import datetime

from cronmend import deploys
from cronmend.jobs import identity
from cronmend.model import (
    DeployWindow,
    Evidence,
    History,
    Identity,
    LiveSchedule,
    Log,
    LogPlace,
    Missing,
    StoppedTask,
    TaskDefinitionRef,
    WindowState,
)
from cronmend.ports.healing import DeployNotes, Logs, Schedules, Services, TaskDefinitions

_NO_RUN = deploys.Run()
_NO_HISTORY = History()


@dataclass(frozen=True, slots=True)
class Deploys:
    """The state of the deploy around a revision."""

    definitions: TaskDefinitions
    services: Services
    notes: DeployNotes
    bounds: deploys.Bounds

    def window(
        self,
        used: TaskDefinitionRef,
        cluster_arn: str,
        schedule: LiveSchedule | Missing,
        now: datetime,
        run: deploys.Run = _NO_RUN,
        history: History = _NO_HISTORY,
    ) -> DeployWindow:
        """The window around ``used``; a family alone means its newest revision.

        Args:
            run: the run that used it; by default a run that would start now.
            history: the job's history.
        """
        definition = self.definitions.get(str(used))
        registered_at: datetime | Missing
        if isinstance(definition, Missing):
            registered_at = definition
        else:
            used, registered_at = definition.ref, definition.registered_at
        facts = deploys.DeployFacts(
            services=self.services.of_family(cluster_arn, used.family),
            registered_at=registered_at,
            scheduled=schedule if isinstance(schedule, Missing) else scheduled_revision(schedule),
            notes=self._notes(cluster_arn, used.family, run),
            run=run,
            history=history,
        )
        if run.digest and facts.newest and facts.newest.primary.task_definition == used:
            facts = replace(facts, serving=self.services.images(facts.newest))
        return deploys.window(used, facts, now, self.bounds)

    def during(self, family: str, cluster_arn: str, run: deploys.Run) -> str:
        """A clause about a deploy that started during the run, from stored notes only; ``""`` if none did."""
        return deploys.started_during(run, self._notes(cluster_arn, family, run))

    def _notes(self, cluster_arn: str, family: str, run: deploys.Run) -> tuple[deploys.DeployNote, ...]:
        return tuple(note for note in self.notes.of(cluster_arn) if note.concerns(family, run.image))


@dataclass(frozen=True, slots=True)
class EvidenceCollector:
    """Finds the job of a stopped run and collects the evidence on it."""

    schedules: Schedules
    definitions: TaskDefinitions
    logs: Logs
    deploys: Deploys

    def identity(self, task: StoppedTask, job: str) -> Identity:
        """The job of the run; ``job`` is set if a claimed attempt already names it."""
        if job:
            return Identity(job, certain=True, reason="", schedule=self.schedules.get(job))
        prefix = identity.name_prefix(task)
        return identity.identify(task, self.schedules.named(prefix) if prefix else Missing("no schedule started it"))

    def evidence(
        self, task: StoppedTask, schedule: LiveSchedule | Missing, now: datetime, history: History = _NO_HISTORY
    ) -> Evidence:
        run, family = run_of(task), task.task_definition.family
        if task.job is not None and task.job.exit_code == 0:
            quiet = "not checked: the job exited with 0"
            during = self.deploys.during(family, task.cluster_arn, run)
            return Evidence(task, Missing(quiet), DeployWindow(WindowState.UNKNOWN, reason=quiet, during=during))
        window = self.deploys.window(task.task_definition, task.cluster_arn, schedule, now, run, history)
        place = self._log_place(task)
        log: Log | Missing = place if isinstance(place, Missing) else self.logs.tail(place)
        return Evidence(task, log, window, history, None if isinstance(place, Missing) else place)

    def _log_place(self, task: StoppedTask) -> LogPlace | Missing:
        if not task.ran:
            return Missing("the container never ran, so it wrote nothing")
        if not task.job_container:
            return Missing("the event doesn't show which container is the job's")
        definition = self.definitions.get(task.task_definition_arn)
        if isinstance(definition, Missing):
            return definition
        place = definition.logs.get(
            task.job_container, Missing(f"{task.task_definition} has no {task.job_container!r}")
        )
        if isinstance(place, Missing):
            return place
        return replace(place, stream=f"{place.stream}/{task.job_container}/{task.task_id}")


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
