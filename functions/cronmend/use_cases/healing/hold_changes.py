"""Change the row of a hold, whoever else writes it at the same time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from cronmend.deploys.holds import Hold, HoldState
from cronmend.errors import Retryable
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
