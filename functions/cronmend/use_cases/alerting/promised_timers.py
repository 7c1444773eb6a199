"""Timers of ``failure_alert`` that are found in the ledger if they never fire."""

from dataclasses import dataclass

from cronmend.model.alert_wakeups import AlertTimer
from cronmend.ports.alerting import AlertTimers
from cronmend.ports.promises import AlertPromises


@dataclass(frozen=True, slots=True)
class PromisedTimers:
    promises: AlertPromises
    timers: AlertTimers

    def set(self, timer: AlertTimer) -> None:
        """Store the promise first: whatever happens to the timer, ``reconcile`` finds it."""
        self.promises.keep(timer)
        self.timers.set(timer)
