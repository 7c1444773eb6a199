"""Timers of ``failure_alert`` that are found in the ledger if they never fire."""

from contextlib import suppress

from msgspec import Struct

from cronmend.errors import Retryable
from cronmend.model.alert_wakeups import AlertTimer
from cronmend.ports.alerting import AlertTimers
from cronmend.ports.promises import AlertPromises


class PromisedTimers(Struct, frozen=True):
    promises: AlertPromises
    timers: AlertTimers

    def set(self, timer: AlertTimer) -> None:
        """Store the promise first: whatever happens to the timer, ``reconcile`` finds it.

        So a timer that can't be set is no error. If it were, each try of the call would leave a promise of its own, and
        each of these would try again: while timers can't be set, they would multiply.
        """
        self.promises.keep(timer)
        self.start(timer)

    def start(self, timer: AlertTimer) -> None:
        """Set a timer whose promise is stored."""
        with suppress(Retryable):
            self.timers.set(timer)
