"""All signals → one :class:`DeployWindow` that names the signal that decided. Pure."""

from collections.abc import Sequence
from copy import replace
from datetime import datetime

from cronmend.deploys import announced, first_run, own_family, revision
from cronmend.deploys import service as of_service
from cronmend.deploys.facts import Bounds, DeployFacts, Run
from cronmend.deploys.note import DeployNote
from cronmend.deploys.observation import Observation
from cronmend.model import DeployWindow, Missing, Proof, Signal, TaskDefinitionRef, WindowState
from cronmend.wording import moment

STRENGTH = tuple(Signal)


def window(used: TaskDefinitionRef, facts: DeployFacts, now: datetime, bounds: Bounds) -> DeployWindow:
    """The state of the deploy for a run of the revision ``used``.

    The end of a deploy covers every observation that started before it. The strongest one not covered decides.
    """
    reported = announced.observations(used, facts, now, bounds)
    ranked = [
        *sorted(reported, key=lambda one: (STRENGTH.index(one.signal), one.is_end)),
        *of_service.decisive(used, facts, now, bounds),
        *revision.observations(used, facts, now, bounds),
        *of_service.observations(used, facts, now, bounds),
        *first_run.observations(used, facts, now, bounds),
    ]
    decided = _decided(ranked)
    if decided and decided.proof is Proof.ASSUMED and (proof := _proof_of(decided, ranked, facts, bounds)):
        decided = replace(decided, proof=Proof.PROVED, reason=f"{decided.reason}; {proof.reason}")
    starts = [(service.primary.created_at, f"the deployment of {service.name}")] if (service := facts.newest) else []
    during = started_during(facts.run, facts.notes, starts)
    return replace(decided or _undecided(used, facts), during=during, unread=facts.unread)


def started_during(run: Run, notes: Sequence[DeployNote], more: Sequence[tuple[datetime, str]] = ()) -> str:
    """A clause about the first deploy that started while the job was running; ``""`` if none did.

    Args:
        more: starts of deploys that have no note, each with words for the deploy.
    """
    if run.created_at is None or run.stopped_at is None:
        return ""
    starts = [*((note.since, note.words) for note in notes), *more]
    first = min((start for start in starts if run.created_at < start[0] < run.stopped_at), default=None)
    return f"{first[1]} started at {moment(first[0], run.stopped_at)}, while the job was running" if first else ""


def _decided(ranked: Sequence[Observation]) -> DeployWindow | None:
    end: Observation | None = None
    for observed in ranked:
        if _covered(observed, end):
            continue
        if observed.is_end:
            end = observed
        elif not _outdated(observed, ranked):
            return observed.window
    if end is None or (end.state is WindowState.CLOSED and not end.from_event):
        return None
    return end.window


def _proof_of(
    end: DeployWindow, ranked: Sequence[Observation], facts: DeployFacts, bounds: Bounds
) -> Observation | None:
    """The migration that succeeded in the deploy that ended. It may have run before the rollout, but with its code."""
    if end.since is None or end.ended_at is None:
        return None
    start = end.since - bounds.deploy_limit
    if not isinstance(facts.registered_at, Missing):
        start = min(end.since, max(start, facts.registered_at))
    proofs = (each for each in ranked if each.proof is Proof.PROVED and each.at is not None and each.at >= start)
    return next(proofs, None)


def _covered(observed: Observation, end: Observation | None) -> bool:
    return end is not None and end.at is not None and observed.since is not None and observed.since <= end.at


def _outdated(observed: Observation, ranked: Sequence[Observation]) -> bool:
    """Whether a migration has succeeded since or, if the event reported a failure, a new deployment has started."""
    if not observed.from_event or observed.at is None:
        return False
    for end in ranked:
        if not end.is_end or end.at is None or end.since is None:
            continue
        new_deployment = end.signal is Signal.SERVICE_DEPLOYMENT
        if end.signal is Signal.MIGRATION_TASK and end.at > observed.at:
            return True
        if new_deployment and observed.state is WindowState.STUCK and end.since > observed.at:
            return True
    return False


def _undecided(used: TaskDefinitionRef, facts: DeployFacts) -> DeployWindow:
    """Closed only if every part was read: the one that wasn't may have shown a deploy."""
    if facts.unread:
        return DeployWindow(WindowState.UNKNOWN, reason="; ".join(facts.unread))
    if facts.newest is None:
        image = " or its image" if facts.run.image else ""
        return DeployWindow(WindowState.UNKNOWN, reason=f"no ECS service runs {used.family}{image}")
    reason = f"service {facts.newest.name} runs the same revision and no deployment is in progress"
    if facts.newest.primary.task_definition.family != used.family:
        reason = own_family.closed_reason(facts.newest, facts)
    if not reason:
        unsure = f"nothing shows whether service {facts.newest.name} runs the same code"
        return DeployWindow(WindowState.UNKNOWN, reason=unsure)
    return DeployWindow(WindowState.CLOSED, reason=reason, proof=Proof.ASSUMED)
