"""A past run in the form in which Cronmend would have received it: the last event of its task. Pure."""

from collections.abc import Mapping
from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cli.what_if.ending import End, Ending, ending
from cli.what_if.past import DatedLog, Past, TaskStart
from cronmend.incoming.task_events import stopped_task
from cronmend.jobs import identity
from cronmend.jobs.slots import family_of
from cronmend.jobs.work import overrides_of
from cronmend.model import ContainerOverride, Missing, StoppedTask, TaskDefinitionRef
from cronmend.model.runs import TaskDefinition

STOPPING: Final = timedelta(seconds=20)
"""From a job's last line to the event of its task's end: 12 to 23 seconds on Fargate."""


@dataclass(frozen=True, slots=True)
class PastRun:
    start: TaskStart
    job: str
    ending: Ending
    task: StoppedTask

    @property
    def ended_at(self) -> datetime:
        return self.task.stopped_at or self.start.at

    @property
    def revision(self) -> TaskDefinitionRef:
        return self.task.task_definition


def runs_of(past: Past) -> tuple[PastRun, ...]:
    """The runs of jobs, oldest first."""
    return tuple(run_of(each, past) for each in past.trail.starts if each.task_arn in past.jobs)


def run_of(start: TaskStart, past: Past) -> PastRun:
    log = past.logs.get(start.task_arn, Missing("its log was not read"))
    definition = past.definitions.get(start.definition_arn, Missing("not read"))
    found = Ending(End.NOT_KNOWN, log.reason) if isinstance(log, Missing) else ending(log.lines, past.success)
    job = past.jobs.get(start.task_arn, "")
    return PastRun(start, job, found, _stopped(start, log, found, definition, _overrides(start, past)))


def as_started(start: TaskStart, past: Past) -> StoppedTask:
    """The task before its log is read, to find its job."""
    definition = past.definitions.get(start.definition_arn, Missing("not read"))
    return _stopped(start, Missing("not read"), Ending(End.NOT_KNOWN, ""), definition, _overrides(start, past))


def _overrides(start: TaskStart, past: Past) -> tuple[ContainerOverride, ...]:
    """If CloudTrail hides them: those of the one schedule that can have started the task."""
    if start.overrides is not None:
        return start.overrides
    kept, used = start.started_by.removeprefix(identity.SCHEDULER), TaskDefinitionRef.parse(start.definition_arn)
    named = [each for job, each in past.schedules.items() if identity.is_named(job, kept)]
    fitting = [each for each in named if family_of(each) == used.family]
    return overrides_of(fitting[0]) if len(fitting) == 1 else ()


def _stopped(
    start: TaskStart,
    log: DatedLog | Missing,
    found: Ending,
    definition: TaskDefinition | Missing,
    overrides: tuple[ContainerOverride, ...],
) -> StoppedTask:
    first, last = (start.at, start.at) if isinstance(log, Missing) else (log.first_at, log.last_at)
    images: Mapping[str, str] = {} if isinstance(definition, Missing) else definition.images
    task = stopped_task(
        {
            "taskArn": start.task_arn,
            "clusterArn": start.cluster_arn,
            "taskDefinitionArn": start.definition_arn,
            "startedBy": start.started_by,
            "launchType": start.launch_type,
            "lastStatus": "STOPPED",
            "createdAt": start.at.isoformat(),
            "startedAt": first.isoformat(),
            "stoppedAt": (max(last, start.at) + STOPPING).isoformat(),
            "containers": [{"name": name, "image": image} for name, image in images.items()],
            "overrides": {"containerOverrides": list(map(_override, overrides))},
        }
    )
    return with_code(task, found.code)


def with_code(task: StoppedTask, code: int | None) -> StoppedTask:
    """The run with this exit code of the job's container."""
    containers = (
        replace(each, exit_code=code) if each.name == task.job_container else each for each in task.containers
    )
    return replace(task, containers=tuple(containers))


def _override(each: ContainerOverride) -> dict[str, Any]:
    pairs = [{"name": name, "value": value} for name, value in each.environment.items()]
    return {"name": each.name, "command": list(each.command), "environment": pairs}
