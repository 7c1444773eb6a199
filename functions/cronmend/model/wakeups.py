"""What wakes a function later: timers, and a run that a person asks for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TimerKind(StrEnum):
    RERUN = "rerun"
    RELEASE = "release"
    HOLD = "hold"
    """The latest end of a schedule's standing still."""
    DELIVER = "deliver"
    """A channel did not take a message: it is offered once more."""
    REDRIVE = "redrive"
    """A person offers it anew to a channel that had failed for good."""
    SETTLE = "settle"
    """A conversation says what it has not said yet."""
    ESCALATE = "escalate"
    """Somebody should have acknowledged an alert by now."""


@dataclass(frozen=True, slots=True)
class Timer:
    """Something to look at again at ``at``. The name is the same whenever the same thing is planned."""

    kind: TimerKind
    job: str
    incident: str
    attempt: int
    at: datetime
    look: int = 0
    what: str = ""
    """Which of the incident's changes it is about; empty where the kind says enough."""

    @property
    def of_hold(self) -> bool:
        return self.kind is TimerKind.HOLD


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A person wants a job to run now. ``id`` is new for each wish; ``force`` overrides the guards."""

    job: str
    id: str
    force: bool = False
    by: str = ""
