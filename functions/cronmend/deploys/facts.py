"""What AWS and the stored notes report about the deploys of one family. Pure."""

from datetime import datetime, timedelta

from msgspec import Struct, field

from cronmend.deploys.image import Image, of_same_repository, same_code
from cronmend.deploys.note import DeployNote
from cronmend.deploys.release import Progress, Release
from cronmend.model import History, Missing, TaskDefinitionRef

_SAME = timedelta(minutes=1)
"""ECS creates a service's deployment and the history's entry for it one after the other."""


class Deployment(Struct, frozen=True):
    """One deployment of a service (``DescribeServices``), or one of its task sets.

    ``rollout`` is IN_PROGRESS, COMPLETED, FAILED or, unless the deployment is rolling, ``""``: that isn't an end.
    """

    task_definition: TaskDefinitionRef
    rollout: str
    created_at: datetime
    updated_at: datetime


class Service(Struct, frozen=True):
    """A service and its deployments, the primary one first."""

    name: str
    primary: Deployment
    others: tuple[Deployment, ...] = ()
    release: Release | Missing | None = None
    """Of the service that was deployed last; None if ECS keeps no deployment history for it."""
    cluster_arn: str = ""
    revision_arn: str = ""
    """The service revision with the most tasks; ``""`` if ECS names none."""
    keeps_history: bool = True
    """False if CodeDeploy or another tool deploys it: then it has task sets instead of service deployments."""
    images: tuple[Image, ...] = ()
    """Those of that revision, if the service was found by them."""

    @property
    def latest(self) -> Release | None:
        """The release, if it is known and no other deployment has started since."""
        release = self.release
        if not isinstance(release, Release) or release.created_at < self.primary.created_at - _SAME:
            return None
        return release

    @property
    def serving_revision(self) -> str:
        """The ARN of the service revision that serves; ``""`` if it isn't known."""
        latest = self.latest
        serves = latest is not None and (latest.progress is Progress.DONE or latest.serves)
        return latest.revision_arn if latest and serves and latest.revision_arn else self.revision_arn

    @property
    def readable_revision(self) -> str:
        """The ARN of the revision whose images count; ``""`` if it isn't known, or the new code doesn't serve yet."""
        return "" if self.is_rolling_out else self.serving_revision

    @property
    def is_rolling_out(self) -> bool:
        """Whether the new code doesn't serve yet."""
        if self.latest:
            return self.latest.progress is Progress.ONGOING and not self.latest.serves
        return self.primary.rollout == "IN_PROGRESS"


class Run(Struct, frozen=True):
    """The run that is compared with the deploys."""

    created_at: datetime | None = None
    stopped_at: datetime | None = None
    image: str = ""
    digest: str = ""
    """Of the job's own container; ``""`` if its image was never pulled."""
    container: str = ""

    @property
    def own_image(self) -> Image:
        return Image(self.container, self.image, self.digest)


class Pushes(Struct, frozen=True):
    """When two images were pushed to their repository."""

    run: datetime | Missing
    service: datetime | Missing

    @property
    def after(self) -> timedelta | None:
        """How long after the service's image the run's was pushed, or before it; None if a time isn't known."""
        if isinstance(self.run, Missing) or isinstance(self.service, Missing):
            return None
        return self.run - self.service


class DeployFacts(Struct, frozen=True):
    """The input of :func:`~cronmend.deploys.window.window`."""

    services: tuple[Service, ...] | Missing
    registered_at: datetime | Missing
    """When the run's revision was registered; its deploy started at that time or before."""
    scheduled: TaskDefinitionRef | Missing
    """The task definition in the schedule's target now; it may have changed since the run."""
    notes: tuple[DeployNote, ...] = ()
    """The stored notes that concern the family."""
    serving: tuple[Image, ...] | Missing = ()
    """The newest service's images; empty if they were not needed or ECS lists none."""
    serving_registered_at: datetime | Missing | None = None
    """When the newest service's revision was registered; None if that was not needed."""
    previous_at: datetime | Missing | None = None
    """When the revision before the run's was registered, if it has other images; None if that was not needed."""
    pushes: Pushes | None = None
    """Of the run's image and of the newest service's; None if that was not asked for."""
    run: Run = Run()
    history: History = field(default_factory=History)

    @property
    def unread(self) -> tuple[str, ...]:
        """Why each part is missing that couldn't be read."""
        services = () if isinstance(self.services, Missing) else self.services
        releases = (each.release for each in services)
        pushes = (self.pushes.run, self.pushes.service) if self.pushes else ()
        parts = (self.services, self.registered_at, *releases, self.serving, self.serving_registered_at, *pushes)
        return tuple(dict.fromkeys(part.reason for part in parts if isinstance(part, Missing)))

    @property
    def _serving(self) -> tuple[Image, ...]:
        return () if isinstance(self.serving, Missing) else self.serving

    @property
    def served(self) -> Image | None:
        """The newest service's image of the repository that the run used; None if none is known."""
        return of_same_repository(self._serving, self.run.image) if self.run.image else None

    @property
    def other_image(self) -> Image | None:
        """The newest service's image, if it is another version of the run's; None if it is the same, or isn't known."""
        served = self.served
        return served if served and same_code(self.run.own_image, served) is False else None

    @property
    def is_pushed_later(self) -> bool | None:
        """Whether the run's image was pushed after the service's; None if that isn't known, or both have one time."""
        after = self.pushes.after if self.pushes else None
        return after > timedelta() if after else None

    @property
    def digest_of_container(self) -> str:
        """Of the newest service's container with the name of the run's; ``""`` if it isn't known."""
        return next((each.digest for each in self._serving if each.container == self.run.container), "")

    @property
    def image_deployed_at(self) -> datetime | None:
        """When the newest service was deployed, if it runs the run's own image: that is no newer than this."""
        same = self.newest and self.run.digest and any(each.digest == self.run.digest for each in self._serving)
        return self.newest.primary.created_at if self.newest and same else None

    @property
    def needs_registration(self) -> bool:
        """Whether only the times of registration show which of two tags is newer."""
        other = self.other_image
        return other is not None and other.reference != self.run.image

    @property
    def needs_previous(self) -> bool:
        """Whether only the revision before the run's shows whether a pipeline has migrated for the run's."""
        return any(self.is_registered_in(note) for note in self.notes)

    def is_registered_in(self, note: DeployNote) -> bool:
        """Whether the run's revision was registered in this deploy, after its migration."""
        at, migrated = self.registered_at, note.proved_at
        end = note.at if note.is_over else note.until
        return not isinstance(at, Missing) and migrated is not None and migrated < at <= end

    @property
    def newest(self) -> Service | None:
        """The service of the family that was deployed last: it shows how far the deploy is."""
        if isinstance(self.services, Missing) or not self.services:
            return None
        return max(self.services, key=lambda each: each.primary.created_at)


class Bounds(Struct, frozen=True):
    """How long a deploy may take and how long its effects count. The defaults are the template's."""

    deploy_limit: timedelta = timedelta(minutes=45)
    """A deploy that takes longer is stuck. Covers a slow build, a migration and a rollout together."""
    recent: timedelta = timedelta(minutes=10)
    """A run that fails this soon after a deploy's end may have started before it."""
    believed: timedelta = timedelta(hours=24)
    """How long an event about a deploy's end counts: teams fix or repeat a failed deploy within a day."""
