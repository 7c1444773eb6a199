"""What is known about the deploys of one family, as the world answered. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cronmend.deploys.note import DeployNote
from cronmend.model import History, Missing, TaskDefinitionRef


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a service (``DescribeServices``). ``rollout`` is IN_PROGRESS, COMPLETED, FAILED or empty."""

    task_definition: TaskDefinitionRef
    rollout: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Release:
    """A service's latest deployment as ``ListServiceDeployments`` tells it: the only place that knows of rollbacks."""

    status: str
    created_at: datetime
    finished_at: datetime | None = None
    revision_arn: str = ""
    """The service revision that it brings; ``DescribeServiceRevisions`` knows its images."""

    @property
    def rolled_back(self) -> bool:
        return self.status.startswith("ROLLBACK_")


@dataclass(frozen=True, slots=True)
class Service:
    """A service and its deployments, the primary one first."""

    name: str
    primary: Deployment
    others: tuple[Deployment, ...] = ()
    release: Release | None = None
    """None where ECS keeps no history of deployments."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run whose code is looked at, as far as it bears on a deploy."""

    created_at: datetime | None = None
    stopped_at: datetime | None = None
    image: str = ""
    digest: str = ""
    """Of the job's own container; empty where its image was never pulled."""
    container: str = ""


@dataclass(frozen=True, slots=True)
class DeployFacts:
    """What is known about the deploys of one family."""

    services: tuple[Service, ...] | Missing
    registered_at: datetime | Missing
    """When the revision in question was registered: the deploy that brought it began then at the latest."""
    scheduled: TaskDefinitionRef | Missing
    """What the schedule's target names now; it may have moved on since the run."""
    notes: tuple[DeployNote, ...] = ()
    """What events have told; only those that concern the family."""
    serving: Mapping[str, str] = field(default_factory=dict)
    """The newest service's image digests by container; empty where they were not needed or could not be had."""
    run: Run = Run()
    history: History = field(default_factory=History)

    @property
    def newest(self) -> Service | None:
        """Of several services of one family the one that was deployed last: it shows how far the deploy is."""
        if isinstance(self.services, Missing) or not self.services:
            return None
        return max(self.services, key=lambda each: each.primary.created_at)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long things take. The defaults are the template's."""

    deploy_limit: timedelta = timedelta(minutes=45)
    """A deploy that takes longer than this is stuck: longer than a slow build, migration and rollout together."""
    recent: timedelta = timedelta(minutes=10)
    """A run that dies this soon after a deploy's end may have started before it."""
    believed: timedelta = timedelta(hours=24)
    """What an event said of a deploy's end counts for so long: a failed deploy is mended or repeated within a day."""
