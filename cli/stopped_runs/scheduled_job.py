"""The job that a stopped run belongs to: its schedule as GetSchedule answers it, and its policy."""

from collections.abc import Iterable, Mapping
from copy import replace
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.jobs import target
from cli.jobs.answers import Home
from cli.jobs.files import read_valid
from cli.jobs.job import Job, jobs_of
from cli.stopped_runs.ending import BadOption
from cronmend.adapters.schedules import live_schedule
from cronmend.jobs.policies import JobPolicy
from cronmend.model import LiveSchedule, Missing, TaskDefinitionRef
from local.aws import ACCOUNT, REGION
from local.schedules import with_api_names

HOME = Home(ACCOUNT, REGION)
"""Made-up runs happen in the local account."""
_STAND_IN = Job("job", "cronmend-jobs", JobPolicy(), "rate(1 day)", task_definition="job", container="job")


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A job that a run can be made for."""

    schedule: Mapping[str, Any]
    """GetSchedule's answer."""
    policy: JobPolicy
    container: str
    """The container that is the job."""

    @property
    def id(self) -> str:
        return f"{self.schedule['GroupName']}/{self.schedule['Name']}"

    @property
    def live(self) -> LiveSchedule:
        """The schedule as the functions see it.

        Raises:
            BadOption: its target is not an ECS task.
        """
        raw: Any = self.schedule
        found = live_schedule(self.id, raw)
        if isinstance(found, Missing):
            raise BadOption(f"--job: {found.reason}. Name a job whose schedule starts an ECS task.")
        return found

    @property
    def task_definition(self) -> TaskDefinitionRef:
        """What the target names; a family alone means its newest revision."""
        return TaskDefinitionRef.parse(str(self._parameters["TaskDefinitionArn"]))

    def running(self, revision: str) -> "ScheduledJob":
        """The job with another task definition, by its ARN."""
        return self._with_target({"EcsParameters": {**self._parameters, "TaskDefinitionArn": revision}})

    def in_cluster(self, arn: str) -> "ScheduledJob":
        return self._with_target({"Arn": arn})

    @property
    def _parameters(self) -> Mapping[str, Any]:
        parameters: Mapping[str, Any] = self.schedule["Target"]["EcsParameters"]
        return parameters

    def _with_target(self, changes: Mapping[str, Any]) -> "ScheduledJob":
        return replace(self, schedule={**self.schedule, "Target": {**self.schedule["Target"], **changes}})


def stand_in(now: datetime, container: str = "") -> ScheduledJob:
    """A job for a run whose own job doesn't matter, with the policy of a job that isn't in jobs.toml."""
    return _scheduled(_STAND_IN, now, container)


def jobs_in(file: Path, env: str) -> tuple[Job, ...]:
    """The jobs of a jobs file.

    Raises:
        Exit: the file is missing or has mistakes, which are printed.
    """
    return jobs_of(read_valid(file, env).tables)


def named(name: str, jobs: Iterable[Job]) -> Job | None:
    """The job of this name or of this ID."""
    return next((job for job in jobs if name in {job.name, job.id}), None)


def unknown(name: str, jobs: Iterable[Job], file: Path, remedy: str) -> BadOption:
    defined = ", ".join(job.name for job in jobs) or "no job"
    return BadOption(f"--job: no job named {name} in {file} (it defines {defined}). {remedy}")


def of_job(job: Job, now: datetime, container: str = "") -> ScheduledJob:
    """A job of a jobs file, as if its schedule were created now. If the file has only its policy, it is made up."""
    if not job.managed:
        made_up = replace(_STAND_IN, name=job.name, group=job.group, policy=job.policy)
        return _scheduled(made_up, now, container or job.container or job.name)
    return _scheduled(job, now, container)


def _scheduled(job: Job, now: datetime, container: str) -> ScheduledJob:
    job = replace(job, container=container or job.container)
    role, queue = HOME.arn("iam", f"role/{job.name}"), HOME.arn("sqs", f"{job.group}-dead-letters")
    schedule = target.schedule(job, role, queue, HOME.arn)
    return ScheduledJob(
        {
            "Name": job.name,
            "GroupName": job.group,
            "Arn": HOME.arn("scheduler", f"schedule/{job.group}/{job.name}"),
            **schedule,
            "StartDate": job.start,
            "EndDate": job.end,
            "CreationDate": now,
            "Target": with_api_names(schedule["Target"]),
        },
        job.policy,
        job.container,
    )
