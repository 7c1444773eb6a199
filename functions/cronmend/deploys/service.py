"""Signal 4: the deployments of the service that runs the family. Pure."""

from collections.abc import Iterator
from datetime import datetime

from cronmend.deploys.facts import Bounds, DeployFacts, Deployment, Release, Service
from cronmend.deploys.observation import Observation, ended, underway
from cronmend.model import Missing, Signal, TaskDefinitionRef, WindowState
from cronmend.wording import moment

_SIGNAL = Signal.SERVICE_DEPLOYMENT


def rollbacks(used: TaskDefinitionRef, facts: DeployFacts, now: datetime, bounds: Bounds) -> Iterator[Observation]:
    """COMPLETED is sent after a rollback and after a release: only the service deployment's status distinguishes them.

    A rollback is stronger evidence than a differing revision, so it is checked first.
    """
    service = facts.newest
    if service is None or not isinstance(service.release, Release) or not service.release.rolled_back:
        return
    serving = service.primary.task_definition
    release, at = service.release, service.release.finished_at or now
    older = used.revision is not None and serving.revision is not None and used.revision < serving.revision
    registered_since = not isinstance(facts.registered_at, Missing) and facts.registered_at > at
    if older or registered_since or now - at > bounds.believed:
        return
    yield Observation(_SIGNAL, WindowState.STUCK, _rolled_back(service, release, now), release.created_at, at)


def observations(used: TaskDefinitionRef, facts: DeployFacts, now: datetime, bounds: Bounds) -> Iterator[Observation]:
    if service := facts.newest:
        yield _of_primary(service.name, service.primary, now, bounds)


def _of_primary(name: str, newest: Deployment, now: datetime, bounds: Bounds) -> Observation:
    words = f"the deployment of {name} to {newest.task_definition}"
    if newest.rollout == "FAILED":
        return Observation(_SIGNAL, WindowState.STUCK, f"{words} failed", newest.created_at, newest.updated_at)
    if newest.rollout == "IN_PROGRESS":
        return underway(_SIGNAL, f"{words} is in progress", newest.created_at, now, bounds)
    began_lately = now - newest.created_at <= bounds.deploy_limit + bounds.recent
    # An old deployment's updated_at changes whenever one of its tasks is replaced.
    at = newest.updated_at if began_lately else newest.created_at
    return ended(_SIGNAL, f"{words} ended", newest.created_at, at, now, bounds)


def _rolled_back(service: Service, release: Release, now: datetime) -> str:
    serving = service.primary.task_definition
    if release.finished_at is None:
        return f"the deployment of {service.name} is being rolled back to {serving}"
    return f"the deployment of {service.name} was rolled back to {serving} at {moment(release.finished_at, now)}"
