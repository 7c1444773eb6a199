"""Signal 3, which needs no hook: the run's code compared with the service's. Pure."""

from collections.abc import Iterator
from datetime import datetime

from cronmend.deploys import own_family
from cronmend.deploys.facts import Bounds, DeployFacts, Service
from cronmend.deploys.observation import Observation, over, underway
from cronmend.model import Missing, Signal, TaskDefinitionRef, WindowState
from cronmend.wording import short_digest


def observations(used: TaskDefinitionRef, facts: DeployFacts, now: datetime, bounds: Bounds) -> Iterator[Observation]:
    service = facts.newest
    if service is None:
        return
    serving = service.primary.task_definition
    if used.family != serving.family:
        yield from own_family.observations(used, service, facts, now, bounds)
    elif used.revision is None or serving.revision is None or used.revision == serving.revision:
        yield from _by_digest(service, facts, now, bounds)
    elif used.revision < serving.revision and _is_replaced(used, service):
        return
    elif used.revision < serving.revision:
        yield _older_code(used, serving, facts)
    else:
        yield _newer_code(used, service, facts, now, bounds)


def _is_replaced(used: TaskDefinitionRef, service: Service) -> bool:
    """Whether the service still serves this revision, or a newer one than it, and its successor doesn't serve yet."""
    if used.revision is None or not service.is_rolling_out or not service.others:
        return False
    return used.revision >= max(each.task_definition.revision or 0 for each in service.others)


def _newer_code(
    used: TaskDefinitionRef, service: Service, facts: DeployFacts, now: datetime, bounds: Bounds
) -> Observation:
    words = f"the run used {used}, service {service.name} still runs {service.primary.task_definition}"
    if isinstance(facts.registered_at, Missing):
        return Observation(Signal.REVISION, WindowState.OPEN, f"{words}; {facts.registered_at.reason}")
    return underway(Signal.REVISION, words, facts.registered_at, now, bounds)


def _older_code(used: TaskDefinitionRef, serving: TaskDefinitionRef, facts: DeployFacts) -> Observation:
    """If the schedule was updated since the run, this was a deploy, not a schedule that someone forgot to update."""
    words = f"the run used {used}, older than the service's {serving}"
    moved = isinstance(facts.scheduled, TaskDefinitionRef) and _at_least(facts.scheduled, serving)
    if moved:
        return over(f"{words}; the schedule has been updated since")
    return Observation(Signal.REVISION, WindowState.OLDER_CODE, f"{words}; the schedule hasn't been updated")


def _at_least(scheduled: TaskDefinitionRef, serving: TaskDefinitionRef) -> bool:
    """A target without a revision runs the newest one."""
    return scheduled.revision is None or scheduled.revision >= (serving.revision or 0)


def _by_digest(service: Service, facts: DeployFacts, now: datetime, bounds: Bounds) -> Iterator[Observation]:
    """Compare digests if both use one revision: a task resolves a tag when it starts, a service when it is deployed."""
    run, serving = facts.run, facts.digest_of_container
    if not run.digest or not serving or run.digest == serving:
        return
    own = f"{short_digest(run.digest)}{own_family.pushed(facts)}"
    words = f"the run used image {own}, service {service.name} runs {short_digest(serving)}"
    newer = facts.is_pushed_later
    if newer is False or (newer is None and run.digest == facts.history.last_success_digest):
        yield over(f"{words}; the tag was moved after the run started")
    else:
        yield underway(Signal.REVISION, words, run.created_at or now, now, bounds)
