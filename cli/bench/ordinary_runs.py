"""Jobs of ordinary life and their runs, of which a few hang."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cli.bench.storm_site import CLUSTER
from cronmend.jobs.identity import JOB_VARIABLE, SCHEDULER
from cronmend.jobs.policies import JobPolicy
from cronmend.model import ContainerOverride, LiveTask, Policy, TaskDefinitionRef

START = datetime(2026, 1, 1, tzinfo=UTC)
JOBS = 20
HANGS = 0.01
"""The share of runs that hang."""
SPREAD = 0.2
"""Of the logarithm of an ordinary run's duration: nine of ten runs are within 39 % of the usual."""


@dataclass(slots=True)
class Run:
    task: LiveTask
    ends: datetime | None
    """None if it hangs."""
    countable: bool = True
    """Whether Cronmend can know that it takes too long."""


@dataclass
class Job:
    name: str
    usual: float
    """Seconds."""
    limit: timedelta | None
    every: timedelta

    @property
    def policy(self) -> JobPolicy:
        return JobPolicy(self.name, rerun=Policy.NEVER, max_runtime=self.limit, attempts=0)


def ordinary_jobs(chance: random.Random) -> Iterator[Job]:
    """Half of them have a max_runtime, of four times what a run usually takes."""
    for number in range(JOBS):
        usual = chance.choice((8, 40, 200, 900, 2400))
        limit = timedelta(seconds=max(60, 4 * usual)) if number % 2 else None
        yield Job(f"nightly/job-{number}", usual, limit, timedelta(hours=chance.choice((1, 2, 6))))


def runs_of(job: Job, days: int, chance: random.Random) -> Iterator[Run]:
    overrides = (ContainerOverride("web", (), {JOB_VARIABLE: job.name}),)
    for number in range(int(timedelta(days=days) / job.every)):
        at = START + number * job.every + timedelta(seconds=chance.random() * 60)
        seconds = job.usual * chance.lognormvariate(0, SPREAD)
        hangs = chance.random() < HANGS
        arn = f"{CLUSTER.replace(':cluster/', ':task/')}/{job.name.rpartition('/')[2]}-{number}"
        task = LiveTask(
            arn,
            CLUSTER,
            TaskDefinitionRef("webapp", 2),
            f"{SCHEDULER}{job.name.rpartition('/')[2]}",
            overrides,
            created_at=at,
            started_at=at,
            last_status="RUNNING",
        )
        yield Run(task, None if hangs else at + timedelta(seconds=seconds))


def job_of(run: Run) -> str:
    return run.task.overrides[0].environment[JOB_VARIABLE]
