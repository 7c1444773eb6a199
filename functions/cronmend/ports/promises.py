"""Ports of promises: find what is overdue, and have it done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cronmend.deploys.holds import Hold
from cronmend.model.alert_wakeups import AlertTimer, Timer
from cronmend.model.incident import Attempt, JobState
from cronmend.model.promises import Promise
from cronmend.model.report import Message

type Promised = JobState | Attempt | Hold | Message | AlertTimer
"""A promise as the ledger stores it."""


class Promises(Protocol):
    """The ledger's items with a due time."""

    def overdue(self, before: datetime, most: int) -> Sequence[Promise]:
        """Those due by then, the oldest first; may still list one that was kept a moment ago."""
        ...

    def read(self, promise: Promise) -> Promised | None:
        """What is stored now; None if the item is gone or has another due time, so something has been done about it."""
        ...

    def settle(self, promise: Promise) -> None:
        """Nothing is left to do: remove the due time, unless the item has another one by now."""
        ...


class AlertPromises(Protocol):
    """The promises of ``failure_alert``."""

    def keep(self, timer: AlertTimer) -> None:
        """Store the timer, so that it is found if it never fires."""
        ...

    def handled(self, timer: AlertTimer) -> None:
        """Remove the timer."""
        ...


class Wakeups(Protocol):
    def wake(self, timer: Timer) -> None:
        """Trigger the timer's function now, without waiting for its answer."""
        ...
