"""What was written and must come to pass. Each promise has a due time, by which it is found if nothing kept it."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class PromiseKind(StrEnum):
    """The kinds of the ledger's items that hold a promise."""

    JOB = "book"
    """A planned re-run, or an alert that is held until its deadline."""
    ATTEMPT = "attempt"
    """A re-run that was claimed, and of which no task is known yet."""
    HOLD = "hold"
    """A schedule that has to be enabled again."""
    MESSAGE = "message"
    """A message that no channel has been offered yet."""
    TIMER = "timer"
    """A timer of ``failure_alert``: a message to offer again, a conversation to flush, an escalation."""


class Promise(Struct, frozen=True):
    kind: PromiseKind
    row: tuple[str, str]
    """The key of the item that holds it; the first part is the same for all of a job's messages."""
    due: datetime
