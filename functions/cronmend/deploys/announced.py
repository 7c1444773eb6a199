"""Signals 1 and 2: pipelines and migration tasks, from the stored deploy notes. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from cronmend.deploys.facts import Bounds, DeployFacts
from cronmend.deploys.note import DeployNote, Phase
from cronmend.deploys.observation import Observation, ended
from cronmend.model import Proof, Signal, WindowState
from cronmend.wording import moment, span

_ENDS = {Phase.MIGRATED: "migrated the database", Phase.FINISHED: "finished"}


def observations(facts: DeployFacts, now: datetime, bounds: Bounds) -> Iterator[Observation]:
    for note in facts.notes:
        if observed := _observed(note, now, bounds):
            yield replace(observed, from_event=True)


def _observed(note: DeployNote, now: datetime, bounds: Bounds) -> Observation | None:
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
    return ended(note.signal, f"{note.words} {succeeded}", note.since, note.at, now, bounds, _proof(note))


def _proof(note: DeployNote) -> Proof:
    migrated = note.signal is Signal.MIGRATION_TASK or note.phase is Phase.MIGRATED or note.proved
    return Proof.PROVED if migrated else Proof.ASSUMED
