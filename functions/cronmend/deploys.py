"""Is a deploy window open? Facts about revisions and services → one :class:`DeployWindow`. Pure.

Strongest signal first. Two need no hook in the deploy pipeline: the revision that the run used
against the one that the service of the same family runs, and the service's own deployments.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cronmend.model import DeployWindow, Missing, Signal, TaskDefinitionRef, WindowState
from cronmend.words import span


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a service (``DescribeServices``). ``rollout`` is IN_PROGRESS, COMPLETED, FAILED or empty."""

    task_definition: TaskDefinitionRef
    rollout: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Service:
    """A service and its deployments, the primary one first."""

    name: str
    primary: Deployment
    others: tuple[Deployment, ...] = ()


@dataclass(frozen=True, slots=True)
class DeployFacts:
    """What is known about the deploys of one family."""

    services: tuple[Service, ...] | Missing
    registered_at: datetime | Missing
    """When the revision in question was registered: the deploy that brought it began then at the latest."""
    scheduled: TaskDefinitionRef | Missing
    """What the schedule's target names now; it may have moved on since the run."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long things take. The defaults are the template's."""

    deploy_limit: timedelta = timedelta(minutes=45)
    """A deploy that takes longer than this is stuck: longer than a slow build, migration and rollout together."""
    recent: timedelta = timedelta(minutes=10)
    """A run that dies this soon after a deploy's end may have started before it."""


def window(used: TaskDefinitionRef, facts: DeployFacts, now: datetime, bounds: Bounds) -> DeployWindow:
    """The state of the deploy for a run of the revision ``used``."""
    if isinstance(facts.services, Missing):
        return DeployWindow(WindowState.UNKNOWN, reason=facts.services.reason)
    if not facts.services:
        return DeployWindow(WindowState.UNKNOWN, reason=f"no service runs {used.family}")
    service = max(facts.services, key=lambda each: each.primary.created_at)
    return _by_revision(used, service, facts, now, bounds) or _by_deployment(service, now, bounds)


def _by_revision(
    used: TaskDefinitionRef, service: Service, facts: DeployFacts, now: datetime, bounds: Bounds
) -> DeployWindow | None:
    serving = service.primary.task_definition
    if used.revision is None or serving.revision is None or used.revision == serving.revision:
        return None
    if used.revision < serving.revision:
        return _older_code(used, serving, facts)
    words = f"the run used {used}, the service {service.name} still runs {serving}"
    if isinstance(facts.registered_at, Missing):
        return DeployWindow(WindowState.OPEN, Signal.REVISION, f"{words}; {facts.registered_at.reason}")
    return _bounded(Signal.REVISION, words, facts.registered_at, now, bounds)


def _older_code(used: TaskDefinitionRef, serving: TaskDefinitionRef, facts: DeployFacts) -> DeployWindow:
    """A schedule that has moved on since would run newer code now: that is a deploy, not a forgotten schedule."""
    words = f"the run used {used}, older than the service's {serving}"
    moved = isinstance(facts.scheduled, TaskDefinitionRef) and _at_least(facts.scheduled, serving)
    if moved:
        return DeployWindow(WindowState.RECENT, Signal.REVISION, f"{words}, but the schedule has moved to it since")
    return DeployWindow(WindowState.OLDER_CODE, Signal.REVISION, f"{words}, and so does the schedule")


def _at_least(scheduled: TaskDefinitionRef, serving: TaskDefinitionRef) -> bool:
    """A target without a revision runs the newest one there is."""
    return scheduled.revision is None or scheduled.revision >= (serving.revision or 0)


def _by_deployment(service: Service, now: datetime, bounds: Bounds) -> DeployWindow:
    newest = service.primary
    words = f"the deployment of {service.name} to {newest.task_definition}"
    if newest.rollout == "FAILED":
        return DeployWindow(WindowState.STUCK, Signal.SERVICE_DEPLOYMENT, f"{words} failed", newest.created_at)
    if newest.rollout == "IN_PROGRESS":
        return _bounded(Signal.SERVICE_DEPLOYMENT, f"{words} is under way", newest.created_at, now, bounds)
    began_lately = now - newest.created_at <= bounds.deploy_limit + bounds.recent
    if began_lately and now - newest.updated_at <= bounds.recent:
        ended = f"{words} ended {span(now - newest.updated_at)} ago"
        return DeployWindow(WindowState.RECENT, Signal.SERVICE_DEPLOYMENT, ended, newest.created_at)
    return DeployWindow(
        WindowState.CLOSED, reason=f"the service {service.name} runs the same revision and no deployment is under way"
    )


def _bounded(signal: Signal, words: str, since: datetime, now: datetime, bounds: Bounds) -> DeployWindow:
    if now - since <= bounds.deploy_limit:
        return DeployWindow(WindowState.OPEN, signal, words, since)
    late = f"{words}, for {span(now - since)}: longer than a deploy takes ({span(bounds.deploy_limit)})"
    return DeployWindow(WindowState.STUCK, signal, late, since)
