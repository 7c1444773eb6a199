"""All signals together → one :class:`DeployWindow` that names the signal which decided. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cronmend.deploys import announced, first_run, revision
from cronmend.deploys import service as of_service
from cronmend.deploys.facts import Bounds, DeployFacts, Run
from cronmend.deploys.note import DeployNote
from cronmend.deploys.observation import Observation
from cronmend.model import DeployWindow, Missing, Signal, TaskDefinitionRef, WindowState
from cronmend.wording import clock

STRENGTH = tuple(Signal)


def window(used: TaskDefinitionRef, facts: DeployFacts, now: datetime, bounds: Bounds) -> DeployWindow:
    """The state of the deploy for a run of the revision ``used``.

    Strongest signal first. The latest end covers everything that began before it; of what no end covers, the
    strongest decides.
    """
    ranked = [
        *sorted(announced.signs(facts, now, bounds), key=lambda sign: (STRENGTH.index(sign.signal), sign.is_end)),
        *of_service.rollbacks(used, facts, now, bounds),
        *revision.signs(used, facts, now, bounds),
        *of_service.signs(used, facts, now, bounds),
        *first_run.signs(used, facts, now, bounds),
    ]
    decided = _decided(ranked)
    began = [(service.primary.created_at, f"the deployment of {service.name}")] if (service := facts.newest) else []
    return replace(decided or _undecided(used, facts), during=began_during(facts.run, facts.notes, began))


def began_during(run: Run, notes: Sequence[DeployNote], began: Sequence[tuple[datetime, str]] = ()) -> str:
    """Says that a deploy began while the run was alive; an empty string where none did.

    Args:
        began: starts of deploys, and what to call them, beyond those that the notes tell of.
    """
    if run.created_at is None or run.stopped_at is None:
        return ""
    starts = [*((note.since, note.words) for note in notes), *began]
    first = min((start for start in starts if run.created_at < start[0] < run.stopped_at), default=None)
    return f"{first[1]} started at {clock(first[0])}, while the job was running" if first else ""


def _decided(ranked: Sequence[Observation]) -> DeployWindow | None:
    end: Observation | None = None
    for sign in ranked:
        if _covered(sign, end):
            continue
        if sign.is_end:
            end = sign
        elif not _outdated(sign, ranked):
            return sign.window
    if end is None or (end.state is WindowState.CLOSED and not end.told):
        return None
    return end.window


def _covered(sign: Observation, end: Observation | None) -> bool:
    return end is not None and end.at is not None and sign.since is not None and sign.since <= end.at


def _outdated(sign: Observation, ranked: Sequence[Observation]) -> bool:
    """Overtaken by a migration that succeeded since or, where it told of a failure, by a new deployment."""
    if not sign.told or sign.at is None:
        return False
    for end in ranked:
        if not end.is_end or end.at is None or end.since is None:
            continue
        if end.signal is Signal.MIGRATION_TASK and end.at > sign.at:
            return True
        if end.signal is Signal.SERVICE_DEPLOYMENT and sign.state is WindowState.STUCK and end.since > sign.at:
            return True
    return False


def _undecided(used: TaskDefinitionRef, facts: DeployFacts) -> DeployWindow:
    if isinstance(facts.services, Missing):
        return DeployWindow(WindowState.UNKNOWN, reason=facts.services.reason)
    if facts.newest is None:
        return DeployWindow(WindowState.UNKNOWN, reason=f"no ECS service runs {used.family}")
    reason = f"service {facts.newest.name} runs the same revision and no deployment is in progress"
    return DeployWindow(WindowState.CLOSED, reason=reason)
