"""Signals 1 and 2: pipelines and migration tasks, from the stored deploy notes. Pure."""

from collections.abc import Iterator
from copy import replace
from datetime import datetime

from cronmend.deploys.facts import Bounds, DeployFacts
from cronmend.deploys.note import DeployNote, Phase
from cronmend.deploys.observation import Observation, ended
from cronmend.model import Missing, Proof, Signal, TaskDefinitionRef, WindowState
from cronmend.wording import moment, span

_ENDS = {Phase.MIGRATED: "migrated the database", Phase.FINISHED: "finished"}


def observations(used: TaskDefinitionRef, facts: DeployFacts, now: datetime, bounds: Bounds) -> Iterator[Observation]:
    for note in facts.notes:
        if not _is_of_older_code(note, used) and (observed := _observed(note, facts, now, bounds)):
            yield replace(observed, from_event=True)


def _observed(note: DeployNote, facts: DeployFacts, now: datetime, bounds: Bounds) -> Observation | None:
    """None if the note is too old to count, or shows only that the deploy was canceled."""
    match note.phase:
        case Phase.STARTED:
            if now > note.until:
                return None
            words = f"{note.words} started {span(now - note.since)} ago and hasn't finished"
            return Observation(note.signal, WindowState.OPEN, words, note.since, note.since)
        case Phase.CANCELLED:
            return None
    if now - note.at > bounds.believed:
        return None
    if note.phase is Phase.FAILED:
        words = f"{note.words} failed at {moment(note.at, now)}"
        return Observation(note.signal, WindowState.STUCK, words, note.since, note.at)
    succeeded = "succeeded" if note.signal is Signal.MIGRATION_TASK else _ENDS[note.phase]
    proof = Proof.PROVED if _is_proof(note, facts, bounds) else Proof.ASSUMED
    return ended(note.signal, f"{note.words} {succeeded}", note.since, note.at, now, bounds, proof)


def _is_of_older_code(note: DeployNote, used: TaskDefinitionRef) -> bool:
    """Whether a migration of an earlier revision than the run's has succeeded: it doesn't know the run's migrations."""
    if note.phase is not Phase.FINISHED or note.revision is None or used.revision is None:
        return False
    return note.family == used.family and note.revision < used.revision


def _is_proof(note: DeployNote, facts: DeployFacts, bounds: Bounds) -> bool:
    """Whether the deploy's migration counts as that of the run's code.

    One that succeeded before the code was registered is another deploy's, unless this deploy registers its code after
    it migrates. It may do so if no other code was registered in it before.
    """
    migrated, registered = note.proved_at, facts.registered_at
    if migrated is None:
        return False
    if isinstance(registered, Missing) or registered <= migrated:
        return True
    if not facts.is_registered_in(note) or isinstance(facts.previous_at, Missing):
        return False
    start = note.since if note.since < migrated else migrated - bounds.deploy_limit
    return facts.previous_at is None or facts.previous_at < start
