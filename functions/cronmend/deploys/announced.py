"""Signals 1 and 2: what pipelines said, and what migration tasks did, from the notes that events left. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from cronmend.deploys.facts import Bounds, DeployFacts
from cronmend.deploys.note import DeployNote, Phase
from cronmend.deploys.observation import Observation, ended
from cronmend.model import Signal, WindowState
from cronmend.wording import clock, span

_ENDS = {Phase.MIGRATED: "migrated the database", Phase.FINISHED: "finished"}


def signs(facts: DeployFacts, now: datetime, bounds: Bounds) -> Iterator[Observation]:
    for note in facts.notes:
        if sign := _sign(note, now, bounds):
            yield replace(sign, told=True)


def _sign(note: DeployNote, now: datetime, bounds: Bounds) -> Observation | None:
    """None for what is not believed any more."""
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
        words = f"{note.words} failed at {clock(note.at)}"
        return Observation(note.signal, WindowState.STUCK, words, note.since, note.at)
    succeeded = "succeeded" if note.signal is Signal.MIGRATION_TASK else _ENDS[note.phase]
    return ended(note.signal, f"{note.words} {succeeded}", note.since, note.at, now, bounds)
