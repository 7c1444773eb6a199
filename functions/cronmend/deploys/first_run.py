"""Signal 5, the weakest: no run of the job has succeeded on this code yet. Pure."""

from collections.abc import Iterator
from datetime import datetime

from cronmend.deploys.facts import Bounds, DeployFacts
from cronmend.deploys.observation import Observation
from cronmend.model import Missing, Signal, TaskDefinitionRef, WindowState


def observations(used: TaskDefinitionRef, facts: DeployFacts, now: datetime, bounds: Bounds) -> Iterator[Observation]:
    """Open for ``bounds.recent`` and never stuck: new code alone doesn't prove that a deploy is in progress."""
    history, run = facts.history, facts.run
    if history.last_success_at is None:
        return
    other_revision = history.last_success_revision not in (None, used.revision)
    other_image = bool(run.digest and history.last_success_digest and run.digest != history.last_success_digest)
    if not (other_revision or other_image):
        return
    since = facts.image_deployed_at or run.created_at
    if other_revision and not isinstance(facts.registered_at, Missing):
        since = facts.registered_at
    if since is not None and now - since <= bounds.recent:
        code = str(used) if other_revision else "this image"
        words = f"the job hasn't succeeded on {code} yet, which is new"
        yield Observation(Signal.FIRST_RUN, WindowState.OPEN, words, since, since)
