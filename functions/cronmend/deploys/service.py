"""Signal 4: the deployments of the service that runs the family. Pure."""

from collections.abc import Iterator
from copy import replace
from datetime import datetime

from cronmend.deploys.facts import Bounds, DeployFacts, Service
from cronmend.deploys.observation import Observation, ended, underway
from cronmend.deploys.release import Pause, Progress, Release
from cronmend.model import Missing, Signal, TaskDefinitionRef, WindowState
from cronmend.wording import moment

_SIGNAL = Signal.SERVICE_DEPLOYMENT


def decisive(used: TaskDefinitionRef, facts: DeployFacts, now: datetime, bounds: Bounds) -> Iterator[Observation]:
    """What is stronger evidence than a differing revision: a deployment that was taken back, stopped, or waits.

    COMPLETED is sent after a rollback and after a release: only the service deployment's status distinguishes them.
    """
    service = facts.newest
    if service is None or not isinstance(service.release, Release):
        return
    release = service.release
    if release.progress in {Progress.ROLLED_BACK, Progress.STOPPED}:
        yield from _taken_back(service, release, used, facts, now, bounds)
    elif release.pause and service.is_rolling_out:
        words = f"{_name(service)} waits for approval{_until(release, release.pause, now)}"
        yield Observation(_SIGNAL, WindowState.OPEN, words, release.created_at, release.created_at)


def observations(used: TaskDefinitionRef, facts: DeployFacts, now: datetime, bounds: Bounds) -> Iterator[Observation]:
    if service := facts.newest:
        yield _of_release(service, service.latest, now, bounds) if service.latest else _of_primary(service, now, bounds)


def _taken_back(
    service: Service, release: Release, used: TaskDefinitionRef, facts: DeployFacts, now: datetime, bounds: Bounds
) -> Iterator[Observation]:
    serving, at = service.primary.task_definition, release.finished_at or now
    older = used.family == serving.family and (used.revision or 0) < (serving.revision or 0) and bool(used.revision)
    registered_since = not isinstance(facts.registered_at, Missing) and facts.registered_at > at
    if older or registered_since or now - at > bounds.believed:
        return
    target = f" to {serving}" if release.progress is Progress.ROLLED_BACK else ""
    when = f" at {moment(release.finished_at, now)}" if release.finished_at else ""
    alarms = f", after the alarm {' and '.join(release.alarms)}" if release.alarms else ""
    words = f"the deployment of {service.name} {release.words}{target}{when}{alarms}"
    yield Observation(_SIGNAL, WindowState.STUCK, words, release.created_at, at)


def _of_release(service: Service, release: Release, now: datetime, bounds: Bounds) -> Observation:
    """As the service deployment shows it. The race is over when the new code takes production traffic."""
    name, since = _name(service), release.created_at
    moved_at = release.moved_at or since
    if service.primary.rollout == "FAILED":
        return _failed(service)
    stage = f" ({release.stage_words})" if release.stage else ""
    if release.progress is Progress.ONGOING and release.serves:
        return ended(_SIGNAL, f"{name} got production traffic{stage}", since, moved_at, now, bounds)
    if release.progress is Progress.ONGOING:
        observed = underway(_SIGNAL, f"{name} {release.words}{stage}", moved_at, now, bounds)
        return replace(observed, since=since, at=since)
    rest = f", with tasks of {service.others[0].task_definition} still running," if service.others else ""
    return ended(_SIGNAL, f"{name}{rest} ended", since, release.finished_at or since, now, bounds)


def _of_primary(service: Service, now: datetime, bounds: Bounds) -> Observation:
    """As the service itself shows it, without a history of its deployments."""
    newest, name = service.primary, _name(service)
    if newest.rollout == "FAILED":
        return _failed(service)
    if newest.rollout == "IN_PROGRESS":
        return underway(_SIGNAL, f"{name} is in progress", newest.created_at, now, bounds)
    began_lately = now - newest.created_at <= bounds.deploy_limit + bounds.recent
    # An old deployment's updated_at changes whenever one of its tasks is replaced.
    at = newest.updated_at if began_lately else newest.created_at
    return ended(_SIGNAL, f"{name} ended", newest.created_at, at, now, bounds)


def _failed(service: Service) -> Observation:
    failed = service.primary
    return Observation(_SIGNAL, WindowState.STUCK, f"{_name(service)} failed", failed.created_at, failed.updated_at)


def _name(service: Service) -> str:
    return f"the deployment of {service.name} to {service.primary.task_definition}"


def _until(release: Release, pause: Pause, now: datetime) -> str:
    """``"" at POST_SCALE_UP until 11:01 UTC, then ECS rolls it back``"""
    at = f" at {release.stage}" if release.stage else ""
    if pause.until is None:
        return at
    then = "continues" if pause.then == "CONTINUE" else "rolls it back"
    return f"{at} until {moment(pause.until, now)}; then ECS {then}"
