"""Throttle an API: while it is on, only every second call is answered.

Clients that retry as AWS asks of them get through: the functions make up to four attempts for each call.
"""

import threading

ANSWERED = 2
"""One call in this many."""


class Throttling:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_on = False
        self.calls = 0
        self.rejected = 0

    def switch(self, *, on: bool) -> None:
        """Turn it on or off. The counts start again when it is turned on."""
        with self._lock:
            self._is_on = on
            if on:
                self.calls = self.rejected = 0

    def rejects(self) -> bool:
        """Count a call; returns whether it is throttled."""
        with self._lock:
            if not self._is_on:
                return False
            self.calls += 1
            is_rejected = self.calls % ANSWERED != 0
            self.rejected += is_rejected
            return is_rejected
