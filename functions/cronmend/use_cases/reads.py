"""How long the evidence is waited for: an alert that says what couldn't be read is worth more than one that waits."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct, field

from cronmend.errors import Retryable
from cronmend.model import Missing, StoppedTask

PATIENCE = timedelta(minutes=5)
"""How long after an event's first delivery Cronmend waits for evidence that AWS fails to return."""
MOST_SECONDS = 30.0
"""After that, what is still to be read is Missing: a call that hangs takes most of a minute, the function has three."""
PATIENCE_WITH_SUCCESS = timedelta(hours=1)
"""The same for a job that exited with 0: no one waits for an alert, and only its job has to be found."""


class Reads(Struct, frozen=True):
    """Reads parts of the evidence; once it waits no longer, a part that can't be read is Missing and listed."""

    waits: bool = True
    unread: list[str] = field(default_factory=list)
    """Why each part is missing that AWS failed to return."""
    clock: Callable[[], float] = time.monotonic
    """In seconds."""
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, task: StoppedTask, received_at: datetime | None, now: datetime) -> "Reads":
        """Waits from the event's first delivery: in a storm, it may be queued for longer than Cronmend waits.

        Without a queue, it waits from the end of the run, if that is in the past.
        """
        since = min(received_at, now) if received_at else task.stopped_at
        patience = PATIENCE_WITH_SUCCESS if task.exited_with_0 else PATIENCE
        return cls(waits=since is not None and since <= now < since + patience)

    def __call__[T](self, read: Callable[[], T]) -> T | Missing:
        """
        Raises:
            Retryable: the part can't be read now, and it is worth waiting for.
        """
        if not self.waits and self.clock() - self.started > MOST_SECONDS:
            return self._gap("AWS answers too slowly to read everything")
        try:
            return read()
        except Retryable as error:
            if self.waits:
                raise
            return self._gap(str(error))

    def _gap(self, reason: str) -> Missing:
        self.unread.append(reason)
        return Missing(reason)


PATIENT: Final = Reads()
"""Waits, however long it takes."""
