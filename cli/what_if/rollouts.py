"""The history of a service's deployments, and the service as it was at a time. Pure."""

from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta

from cronmend.deploys import Deployment, Image, Progress, Release, Service
from cronmend.model import TaskDefinitionRef

_KEPT = timedelta(days=90)
"""How long ECS keeps a service's deployments: what ran before the first of them is at least that old."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a service revision runs."""

    task_definition: TaskDefinitionRef
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Rollout:
    """A service deployment that ECS keeps, with its final status."""

    release: Release
    target: Code

    def is_over(self, at: datetime) -> bool:
        finished = self.release.finished_at
        return self.release.progress is not Progress.ONGOING and (finished is None or finished <= at)

    @property
    def succeeded(self) -> bool:
        return self.release.progress is Progress.DONE


@dataclass(frozen=True, slots=True)
class ServicePast:
    """A service's deployments, oldest first."""

    present: Service
    """As it is now."""
    rollouts: Sequence[Rollout] = ()
    before: Code | None = None
    """What it ran before the first of them; None if that isn't known."""

    def at(self, time: datetime) -> Service | None:
        """The service as ECS showed it then; None if that isn't known."""
        started = [each for each in self.rollouts if each.release.created_at <= time]
        if not started:
            return self._before_all(time)
        latest, served = started[-1], self._served(started[:-1])
        if not latest.is_over(time):
            return self._ongoing(latest, served)
        serving = latest.target if latest.succeeded or served is None else served
        return self._shown(serving, latest.release, "COMPLETED")

    def ends(self) -> Sequence[Release]:
        return [each.release for each in self.rollouts if each.release.finished_at]

    def _before_all(self, time: datetime) -> Service | None:
        if self.rollouts:
            code, long_ago = self.before, self.rollouts[0].release.created_at - _KEPT
            if code is None:
                return None
            return self._of(code, Deployment(code.task_definition, "COMPLETED", long_ago, long_ago))
        return self.present if self.present.primary.created_at <= time else None

    def _served(self, earlier: Sequence[Rollout]) -> Code | None:
        return next((each.target for each in reversed(earlier) if each.succeeded), self.before)

    def _ongoing(self, latest: Rollout, served: Code | None) -> Service:
        release = replace(latest.release, status="IN_PROGRESS", finished_at=None)
        shown = self._shown(latest.target, release, "IN_PROGRESS")
        if served is None:
            return shown
        created = latest.release.created_at
        return replace(shown, others=(Deployment(served.task_definition, "COMPLETED", created, created),))

    def _shown(self, code: Code, release: Release, rollout: str) -> Service:
        changed = release.finished_at or release.created_at
        deployment = Deployment(code.task_definition, rollout, release.created_at, changed)
        return replace(self._of(code, deployment), release=release)

    def _of(self, code: Code, primary: Deployment) -> Service:
        return replace(self.present, primary=primary, others=(), release=None, images=code.images, revision_arn="")
