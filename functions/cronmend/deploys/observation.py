"""What one signal says of a deploy, comparable with what the others say. Pure."""

from dataclasses import dataclass
from datetime import datetime

from cronmend.deploys.facts import Bounds
from cronmend.model import DeployWindow, Signal, WindowState
from cronmend.wording import span


@dataclass(frozen=True, slots=True)
class Observation:
    """An end covers every sign that began before it; what is no end stands until an end covers it."""

    signal: Signal
    state: WindowState
    reason: str
    since: datetime | None = None
    """When what it speaks of began; None where nothing dates it."""
    at: datetime | None = None
    """When it was so: the end's moment, or that of the latest news."""
    is_end: bool = False
    told: bool = False
    """By an event, whose deploy may have gone on in ways that no further event tells."""

    @property
    def window(self) -> DeployWindow:
        return DeployWindow(self.state, self.signal, self.reason, self.since)


def underway(signal: Signal, words: str, since: datetime, now: datetime, bounds: Bounds) -> Observation:
    """Open; stuck for what takes longer than a deploy does."""
    if now - since <= bounds.deploy_limit:
        return Observation(signal, WindowState.OPEN, words, since, since)
    late = f"{words}; open for {span(now - since)}, over the {span(bounds.deploy_limit)} limit"
    return Observation(signal, WindowState.STUCK, late, since, since)


def ended(signal: Signal, words: str, since: datetime, at: datetime, now: datetime, bounds: Bounds) -> Observation:
    """Recent, then closed. ``words`` get the time of the end."""
    state = WindowState.RECENT if now - at <= bounds.recent else WindowState.CLOSED
    return Observation(signal, state, f"{words} {span(now - at)} ago", since, at, is_end=True)
