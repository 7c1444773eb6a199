"""What the row of a hold becomes, and how it is changed whoever else writes it at the same time."""

from collections.abc import Callable
from copy import replace
from datetime import datetime

from cronmend.deploys import DeployNote, holds
from cronmend.deploys.holds import Hold, HoldState
from cronmend.errors import Retryable
from cronmend.jobs.slots import family_of
from cronmend.model import LiveSchedule
from cronmend.ports.healing import Holds
from cronmend.use_cases.commit import TRIES


def ended(known: Holds, hold: Hold, now: datetime) -> Hold | None:
    """Store that the hold is due now. None if it is being released, or already was.

    Raises:
        Retryable: other invocations keep writing it.
    """
    return changed(known, hold, lambda current: replace(current, until=min(current.until, now)))


def changed(known: Holds, hold: Hold, change: Callable[[Hold], Hold]) -> Hold | None:
    """Read, change, write; repeated if another invocation wrote in between. None if the hold is being released."""
    for _ in range(TRIES):
        current = known.get(hold.cluster_arn, hold.job)
        if current is None or current.id != hold.id or current.state is HoldState.RELEASING:
            return None
        wanted = change(current)
        if written := current if wanted == current else known.put(wanted):
            return written
    raise Retryable(f"the hold of {hold.job} changed {TRIES} times while it was being updated")


def wanted_hold(known: Hold | None, schedule: LiveSchedule, note: DeployNote, now: datetime) -> Hold:
    """The hold for this deploy; with a lease if the schedule is still to be disabled."""
    if known is None:
        family = family_of(schedule)
        return holds.leased(holds.new_hold(schedule.job, note.cluster_arn, family, note.key, now, note.until), now)
    wanted = holds.extended(known, note.key, note.until)
    return holds.leased(wanted, now) if wanted.state is HoldState.HOLDING else wanted


def is_held(hold: Hold, note: DeployNote) -> bool:
    """Whether all is done: its timer was set and its schedule was disabled before it was stored as held."""
    return hold.state is HoldState.HELD and holds.extended(hold, note.key, note.until) == hold
