"""What will make a job's next runs fail although its last ones succeeded. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice, pairwise
from statistics import median
from typing import Final

from cronmend.jobs.slots import next_slot, slots_between
from cronmend.jobs.weekly_growth import WEEKS, growth
from cronmend.model import Missing, TaskDefinitionRef
from cronmend.model.findings import Finding, FindingKind
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import RecordedRun, Timetable
from cronmend.wording import moment, span

KINDS: Final = frozenset({FindingKind.INACTIVE_REVISION, FindingKind.SLOWER})
_STEP: Final = 1.05
"""The least growth from each week to the next."""
_NEAR: Final = 0.7
"""The share of the time until the next slot that the runs fill."""
_SHORTEST: Final = timedelta(minutes=1)
"""No schedule has slots that are nearer: for a job of seconds, none is computed."""
_HORIZON: Final = timedelta(days=8)
_SLOTS: Final = 50


def pinned(timetable: Timetable) -> bool:
    """Whether it starts a revision that its target names. A family alone always has an active one, or none at all."""
    reference = timetable.task_definition
    return timetable.enabled and bool(reference) and TaskDefinitionRef.parse(reference).revision is not None


def of_revision(
    timetable: Timetable, definition: TaskDefinition, newest: TaskDefinition | Missing, now: datetime
) -> Finding:
    """
    Args:
        definition: the revision in the schedule's target, which was deregistered.
        newest: the newest active one of its family.

    People are told at any hour: mostly, a deploy that someone has just made deregistered it.
    """
    since, name = definition.deregistered_at, str(definition.ref)
    at = f" at {moment(since, now)}" if since else ""
    active = f"{newest.ref} is active: point the schedule at it" if isinstance(newest, TaskDefinition) else ""
    remedy = active or f"Register a revision of {definition.ref.family} and point the schedule at it"
    return Finding(
        timetable.job,
        FindingKind.INACTIVE_REVISION,
        f"Its schedule names {name}, which was deregistered{at}: no further run can start.",
        f'{remedy} (`task_definition` in jobs.toml), or let it follow its service with `follow = "service"`.',
        since,
        about=name,
        before=next_slot(timetable.live, now, timetable.seen),
    )


def is_near(timetable: Timetable, durations: Sequence[int], now: datetime) -> bool:
    """Whether the runs fill most of the time until the next slot.

    Args:
        durations: how long the latest successful runs took, in seconds.
    """
    usual = median(durations) if durations else 0.0
    if usual < _NEAR * _SHORTEST.total_seconds():
        return False
    gap = _shortest_gap(timetable, now)
    return gap is not None and usual >= _NEAR * gap.total_seconds()


def of_growth(timetable: Timetable, runs: Sequence[RecordedRun], now: datetime) -> Finding | None:
    """The runs take longer each week, and come near to the next slot.

    Args:
        runs: those that stopped in the last :data:`WEEKS` weeks, failed ones included.
    """
    taken = ((run.stopped_at, (run.stopped_at - run.created_at).total_seconds()) for run in runs if run.stopped_at)
    grown, gap = growth(taken, _STEP, now), _shortest_gap(timetable, now)
    if grown is None or gap is None:
        return None
    was, took = (span(timedelta(seconds=each)) for each in grown)
    return Finding(
        timetable.job,
        FindingKind.SLOWER,
        f"Its runs take longer each week: {was} {WEEKS} weeks ago, now {took}, and it starts every {span(gap)}.",
        "Make the job faster, give it more CPU, or start it less often: soon a run will be active at the next start.",
        zone=timetable.timezone,
    )


def _shortest_gap(timetable: Timetable, now: datetime) -> timedelta | None:
    """Between two of the next slots; None if it has no two."""
    following = islice(slots_between(timetable.live, timetable.seen, now, now + _HORIZON), _SLOTS)
    return min((later - each for each, later in pairwise(following)), default=None)
