"""Reads the world into evidence. A part that can't be had is Missing; only what may work later raises."""

from dataclasses import dataclass, replace
from datetime import datetime

from cronmend import deploys, identity
from cronmend.cron import CronError, parse
from cronmend.model import (
    DeployWindow,
    Evidence,
    Identity,
    LiveSchedule,
    Log,
    Missing,
    StoppedTask,
    TaskDefinitionRef,
    WindowState,
)
from cronmend.ports import Logs, Schedules, Services, TaskDefinitions


@dataclass(frozen=True, slots=True)
class Deploys:
    """The state of the deploy around a revision."""

    definitions: TaskDefinitions
    services: Services
    bounds: deploys.Bounds

    def window(
        self, used: TaskDefinitionRef, cluster_arn: str, schedule: LiveSchedule | Missing, now: datetime
    ) -> DeployWindow:
        """The window around ``used``; a family alone stands for its newest revision."""
        definition = self.definitions.get(str(used))
        registered_at: datetime | Missing
        if isinstance(definition, Missing):
            registered_at = definition
        else:
            used, registered_at = definition.ref, definition.registered_at
        services = self.services.of_family(cluster_arn, used.family)
        scheduled = schedule if isinstance(schedule, Missing) else scheduled_revision(schedule)
        return deploys.window(used, deploys.DeployFacts(services, registered_at, scheduled), now, self.bounds)


@dataclass(frozen=True, slots=True)
class Gatherer:
    """All the evidence on a stopped run."""

    schedules: Schedules
    definitions: TaskDefinitions
    logs: Logs
    deploys: Deploys

    def identity(self, task: StoppedTask, job: str) -> Identity:
        """The job of the run; ``job`` where a claimed attempt already tells it."""
        if job:
            return Identity(job, certain=True, reason="", schedule=self.schedules.get(job))
        prefix = identity.name_prefix(task)
        return identity.identify(task, self.schedules.named(prefix) if prefix else Missing("no schedule started it"))

    def evidence(self, task: StoppedTask, schedule: LiveSchedule | Missing, now: datetime) -> Evidence:
        if task.job is not None and task.job.exit_code == 0:
            quiet = "not looked at: the job exited 0"
            return Evidence(task, Missing(quiet), DeployWindow(WindowState.UNKNOWN, reason=quiet))
        window = self.deploys.window(task.task_definition, task.cluster_arn, schedule, now)
        return Evidence(task, self._log(task), window)

    def _log(self, task: StoppedTask) -> Log | Missing:
        if not task.ran:
            return Missing("the container never ran, so it wrote nothing")
        if not task.job_container:
            return Missing("the event does not tell which container is the job's")
        definition = self.definitions.get(task.task_definition_arn)
        if isinstance(definition, Missing):
            return definition
        place = definition.logs.get(
            task.job_container, Missing(f"{task.task_definition} has no {task.job_container!r}")
        )
        if isinstance(place, Missing):
            return place
        return self.logs.tail(replace(place, stream=f"{place.stream}/{task.job_container}/{task.task_id}"))


def scheduled_revision(schedule: LiveSchedule) -> TaskDefinitionRef | Missing:
    """What the schedule's target names; a family alone means the newest revision at the time of a run."""
    reference = schedule.parameters.get("TaskDefinitionArn", "")
    return TaskDefinitionRef.parse(reference) if reference else Missing(f"{schedule.job} names no task definition")


def next_slot(schedule: LiveSchedule | Missing, now: datetime) -> datetime | None:
    """The schedule's next slot; None where it has none, is disabled, or can't be read."""
    if isinstance(schedule, Missing) or not schedule.enabled:
        return None
    try:
        return parse(schedule.expression, schedule.timezone, schedule.start, schedule.end).next(now)
    except CronError:
        return None
