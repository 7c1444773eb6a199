"""Put a made-up run's past into the running local account, so that a function that gets its event finds it there."""

import re
from collections.abc import Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from typing import Any, Self

from cli.jobs.run import job_container
from cli.stopped_runs.scheduled_job import ScheduledJob
from cronmend.adapters.ecs_services import EcsServices
from cronmend.adapters.logs import CloudWatchLogs
from cronmend.deploys import Service
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Log, LogPlace, Missing, StoppedTask
from cronmend.wording import times
from local import detached
from local.account import RELEASES
from local.aws import CLUSTER, CLUSTER_ARN, REGION, Clients
from local.images import site_image
from local.past import Deploy, Past
from local.pipeline import LOG_GROUP, REPOSITORY, STREAM_PREFIX
from local.registry import reference

_JOB_ID = re.compile(r"[\w.-]{1,64}/[\w.-]{1,64}", re.ASCII)
"""https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html"""


@dataclass(frozen=True, slots=True)
class LocalPast:
    """The running local account, and what was put into it."""

    past: Past
    done: list[str] = field(default_factory=list)
    """What was put where, a sentence each."""

    @classmethod
    def running(cls) -> Self | None:
        """None if no local account is up."""
        running = detached.status()
        return cls(Past.of(Clients(detached.endpoints(running)))) if running else None

    def scheduled_job(self, job_id: str) -> ScheduledJob | None:
        """A job that only the account defines, with the policy of a job that jobs.toml doesn't have.

        None if there is none, or if ``job_id`` is no ID.
        """
        if not _JOB_ID.fullmatch(job_id):
            return None
        scheduler = self.past.clients.scheduler
        group, name = job_id.split("/")
        try:
            found: Mapping[str, Any] = scheduler.get_schedule(GroupName=group, Name=name)
        except scheduler.exceptions.ResourceNotFoundException:
            return None
        job = ScheduledJob(found, JobPolicy(job=job_id), "")
        return replace(job, container=job_container(found))

    def prepare(self, job: ScheduledJob, deploy: Deploy | None) -> tuple[ScheduledJob, Mapping[str, Any]]:
        """The job as it stands in the account now, and the task definition that a run of it uses."""
        job = self._in_cluster(job)
        revision = self._revision(job, deploy)
        if deploy is Deploy.OLDER or job.task_definition.revision:
            # A family alone would mean the newest revision, which is not what this run used.
            job = job.running(revision)
        self.past.put_schedule(job.schedule)
        self.done.append(f"The schedule is {job.id}.")
        described = self.past.clients.ecs.describe_task_definition(taskDefinition=revision)
        return job, described["taskDefinition"]

    def put_log(self, container: str, task_id: str, log: Log | None) -> None:
        if log is None:
            self.done.append("There is no log, since --log wasn't given.")
            return
        self.past.log(task_id, log, container)
        place = f"log group {LOG_GROUP}, stream {_stream(container, task_id)}"
        self.done.append(
            f"The log ({times(len(log), 'line')}) is in {place}." if log else f"The log is empty: {place}."
        )

    def log_of(self, task: StoppedTask) -> Log | None:
        """What the account has of this task's log."""
        place = LogPlace(LOG_GROUP, _stream(task.job_container, task.task_id), REGION)
        found = CloudWatchLogs(lambda region: self.past.clients.logs, late=()).tail(place)
        return None if isinstance(found, Missing) else found

    def digests(self) -> Mapping[str, str]:
        """By image, what the account's registry has."""
        return {reference(REPOSITORY, release): site_image(release).digest for release in RELEASES}

    def _in_cluster(self, job: ScheduledJob) -> ScheduledJob:
        if job.live.cluster_arn == CLUSTER_ARN:
            return job
        self.done.append(f"The run is in cluster {CLUSTER}, the only one there, instead of {job.live.cluster_arn}.")
        return job.in_cluster(CLUSTER_ARN)

    def _revision(self, job: ScheduledJob, deploy: Deploy | None) -> str:
        """The ARN of the revision that the run used."""
        ref, ecs = job.task_definition, self.past.clients.ecs
        if deploy:
            return self._deployed(ref.family, deploy, job.container)
        try:
            return ecs.describe_task_definition(taskDefinition=str(ref))["taskDefinition"]["taskDefinitionArn"]
        except ecs.exceptions.ClientException:
            revision = self.past.revision(ref.family, job=job.container)
            self.done.append(f"The task definition {_named(revision)} is new, and no service runs it.")
            return revision

    def _deployed(self, family: str, deploy: Deploy, container: str) -> str:
        service = next((each.name for each in self._services(family)), family)
        used = self.past.deploy(family, deploy, service, container)
        serving = ", ".join(
            f"service {each.name} runs {each.primary.task_definition}" for each in self._services(family)
        )
        self.done.append(f"The deploy is {deploy}: the run used {_named(used)}, {serving}.")
        return used

    def _services(self, family: str) -> Sequence[Service]:
        found = EcsServices(self.past.clients.ecs).running(CLUSTER_ARN, family)
        return () if isinstance(found, Missing) else found


def _stream(container: str, task_id: str) -> str:
    return f"{STREAM_PREFIX}/{container}/{task_id}"


def _named(arn: str) -> str:
    return arn.rpartition("/")[2]
