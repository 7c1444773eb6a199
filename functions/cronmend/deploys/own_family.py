"""Signal 3 for a job with a task definition of its own: its image compared with that of a service. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cronmend.deploys.facts import Bounds, DeployFacts, Service
from cronmend.deploys.image import same_code
from cronmend.deploys.observation import Observation, over, underway
from cronmend.model import Missing, Signal, TaskDefinitionRef, WindowState
from cronmend.wording import span


def observations(
    used: TaskDefinitionRef, service: Service, facts: DeployFacts, now: datetime, bounds: Bounds
) -> Iterator[Observation]:
    """Nothing while the service is being deployed: then its own deployment shows how far it is."""
    served, own = facts.served, facts.run.own_image
    if served is None or service.is_rolling_out or same_code(own, served) is not False:
        return
    words = f"the run used {own.words}{pushed(facts)}, service {service.name} runs {served.words}"
    moved = own.reference == served.reference
    newer = facts.is_pushed_later
    if newer is None:
        newer = _tag_is_newer(service, facts, now) if moved else _revision_is_newer(facts)
    if newer is None:
        return
    if newer:
        yield underway(Signal.REVISION, words, _since(facts, now, moved), now, bounds)
    elif moved:
        yield over(f"{words}; the tag was moved after the run started")
    else:
        yield _older(used, facts, words)


def pushed(facts: DeployFacts) -> str:
    """``" (pushed 2 h later)"`` of the run's image; ``""`` if nothing shows that."""
    after = facts.pushes.after if facts.pushes else None
    return f" (pushed {span(abs(after))} {'later' if after > timedelta() else 'earlier'})" if after else ""


def closed_reason(service: Service, facts: DeployFacts) -> str:
    """Why no deploy is in progress, if the service runs the same code; ``""`` if nothing shows that it does."""
    served = facts.served
    if served is None or not same_code(facts.run.own_image, served):
        return ""
    return f"service {service.name} runs the same image and no deployment is in progress"


def _tag_is_newer(service: Service, facts: DeployFacts, now: datetime) -> bool:
    """A task resolves a tag when it starts, a service when it is deployed."""
    if facts.run.digest == facts.history.last_success_digest:
        return False
    return (facts.run.created_at or now) > service.primary.created_at


def _revision_is_newer(facts: DeployFacts) -> bool | None:
    """Of two tags, the one in the revision that was registered later; None if a time isn't known."""
    used, serving = facts.registered_at, facts.serving_registered_at
    if isinstance(used, Missing) or isinstance(serving, Missing) or serving is None:
        return None
    return used > serving


def _since(facts: DeployFacts, now: datetime, moved: bool) -> datetime:
    if moved or isinstance(facts.registered_at, Missing):
        return facts.run.created_at or now
    return facts.registered_at


def _older(used: TaskDefinitionRef, facts: DeployFacts, words: str) -> Observation:
    """If the schedule was updated since the run, this was a deploy, not a schedule that someone forgot to update."""
    scheduled = facts.scheduled
    if isinstance(scheduled, TaskDefinitionRef) and scheduled != used:
        return over(f"{words}, which is newer; the schedule has been updated since")
    why = f"{words}, which is newer; the schedule hasn't been updated"
    return Observation(Signal.REVISION, WindowState.OLDER_CODE, why)
