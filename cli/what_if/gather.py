"""Read the past from an account in which nothing of Cronmend is installed."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from copy import replace
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from cli.what_if.past import DatedLog, Past, TaskStart, Trail
from cli.what_if.rollouts import ServicePast
from cli.what_if.runs import as_started
from cronmend.deploys.migrations import is_migration
from cronmend.errors import Retryable
from cronmend.jobs import identity
from cronmend.model import LiveSchedule, LogPlace, Missing, TaskDefinitionRef
from cronmend.model.runs import TaskDefinition
from cronmend.ports.healing import TaskDefinitions

_OF_JOBS: Final = (identity.SCHEDULER, identity.RULE)
"""How ``startedBy`` starts for the runs of jobs."""

type Steps = Callable[[str, int | None], AbstractContextManager[Callable[..., None]]]
"""Shows the progress of a step with so many parts; None if that isn't known."""


class ScheduleSource(Protocol):
    def all(self) -> Sequence[LiveSchedule | Missing]: ...


class TrailSource(Protocol):
    def read(self, since: datetime, until: datetime, progress: Callable[[int], None]) -> Trail: ...


class LogSource(Protocol):
    def read(self, place: LogPlace) -> DatedLog | Missing: ...


class ServiceSource(Protocol):
    def read(
        self, clusters: Sequence[str], families: Collection[str], images: Collection[str], since: datetime
    ) -> tuple[ServicePast, ...] | Missing: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the past is read from: each source reads one kind of thing, and changes nothing."""

    schedules: ScheduleSource
    trail: TrailSource
    definitions: TaskDefinitions
    logs: LogSource
    services: ServiceSource


def gather(sources: Sources, since: datetime, until: datetime, steps: Steps) -> Past:
    """
    Raises:
        Denied: the schedules or the RunTask events may not be read. Without these nothing can be said.
        Retryable: AWS doesn't answer.
    """
    with steps("Reading the schedules", None):
        found = sources.schedules.all()
    schedules = {each.job: each for each in found if isinstance(each, LiveSchedule)}
    unread = tuple(each.reason for each in found if isinstance(each, Missing))
    with steps("Reading the RunTask events", None) as done:
        trail = sources.trail.read(since, until, lambda number: done(completed=number))
    trail = replace(trail, refused=tuple(each for each in trail.refused if each.started_by.startswith(_OF_JOBS)))
    past = Past(max(since, trail.since or since), until, schedules, trail, unread=unread)
    started = [each for each in trail.starts if each.started_by.startswith(_OF_JOBS)]
    past = _with_definitions(past, sources, started, steps)
    past = replace(past, jobs={each.task_arn: _job(each, past) for each in started})
    migrations = [each for each in trail.starts if each.task_arn not in past.jobs and _migrates(each, past)]
    past = _with_logs(replace(past, migrations=tuple(migrations)), sources, [*started, *migrations], steps)
    return _with_services(past, sources, steps)


def _with_definitions(past: Past, sources: Sources, started: Sequence[TaskStart], steps: Steps) -> Past:
    """Those of the jobs' runs, and of other tasks of the same families: one of them may be a migration."""
    families = {_family(each) for each in started}
    wanted = dict.fromkeys(
        each.definition_arn for each in past.trail.starts if _family(each) in families or _migrates(each, past)
    )
    found: dict[str, TaskDefinition | Missing] = {}
    with steps("Reading the task definitions", len(wanted)) as done:
        for number, arn in enumerate(wanted, start=1):
            found[arn] = sources.definitions.get(arn)
            done(completed=number)
    return replace(past, definitions=found)


def _with_logs(past: Past, sources: Sources, tasks: Sequence[TaskStart], steps: Steps) -> Past:
    found: dict[str, DatedLog | Missing] = {}
    with steps("Reading the logs of the runs", len(tasks)) as done:
        for number, each in enumerate(tasks, start=1):
            found[each.task_arn] = _log(each, past, sources.logs)
            done(completed=number)
    return replace(past, logs=found)


def _log(start: TaskStart, past: Past, logs: LogSource) -> DatedLog | Missing:
    """A log that can't be read now must not cost all the others."""
    definition = past.definitions.get(start.definition_arn, Missing("its task definition was not read"))
    if isinstance(definition, Missing):
        return definition
    container = as_started(start, past).job_container
    if not container:
        return Missing("nothing shows which of its containers is the job")
    place = definition.log_of(container, start.task_id)
    try:
        return place if isinstance(place, Missing) else logs.read(place)
    except Retryable as error:
        return Missing(str(error))


def _with_services(past: Past, sources: Sources, steps: Steps) -> Past:
    known = [each for each in past.definitions.values() if isinstance(each, TaskDefinition)]
    families = {each.ref.family for each in known}
    images = {image for each in known for image in each.images.values() if image}
    with steps("Reading the deployments of the services", None):
        return replace(past, services=sources.services.read(past.clusters, families, images, past.since))


def _job(start: TaskStart, past: Past) -> str:
    return identity.identify(as_started(start, past), [*past.schedules.values()]).job


def _family(start: TaskStart) -> str:
    return TaskDefinitionRef.parse(start.definition_arn).family


def _migrates(start: TaskStart, past: Past) -> bool:
    commands = [each.command for each in start.overrides or () if each.command]
    definition = past.definitions.get(start.definition_arn)
    if not commands and isinstance(definition, TaskDefinition):
        commands = list(definition.commands.values())
    return any(map(is_migration, commands))
