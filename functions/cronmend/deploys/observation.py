"""The state of a deploy as one signal shows it, in one form for all signals. Pure."""

from datetime import datetime

from msgspec import Struct

from cronmend.deploys.facts import Bounds
from cronmend.model import DeployWindow, Proof, Signal, WindowState
from cronmend.wording import span


class Observation(Struct, frozen=True):
    """An end covers every observation that started before it. Any other counts until an end covers it."""

    signal: Signal
    state: WindowState
    reason: str
    since: datetime | None = None
    """When the observed deploy started; None if unknown."""
    at: datetime | None = None
    """When the state was reached: the time of the end, or of the latest report."""
    is_end: bool = False
    proof: Proof | None = None
    """How sure the end is; None if it is none."""
    from_event: bool = False
    """Whether a stored event reported it. The deploy may have changed since without another event."""

    @property
    def window(self) -> DeployWindow:
        ended_at = self.at if self.is_end else None
        return DeployWindow(self.state, self.signal, self.reason, self.since, proof=self.proof, ended_at=ended_at)


def underway(signal: Signal, words: str, since: datetime, now: datetime, bounds: Bounds) -> Observation:
    """Open, or stuck past ``bounds.deploy_limit``."""
    if now - since <= bounds.deploy_limit:
        return Observation(signal, WindowState.OPEN, words, since, since)
    late = f"{words}; open for {span(now - since)}, over the {span(bounds.deploy_limit)} limit"
    return Observation(signal, WindowState.STUCK, late, since, since)


def over(words: str) -> Observation:
    """The deploy is over, but nothing dates its end."""
    return Observation(Signal.REVISION, WindowState.RECENT, words, proof=Proof.ASSUMED)


def ended(
    signal: Signal,
    words: str,
    since: datetime,
    at: datetime,
    now: datetime,
    bounds: Bounds,
    proof: Proof = Proof.ASSUMED,
) -> Observation:
    """Recent, then closed. The time since the end is added to ``words``."""
    state = WindowState.RECENT if now - at <= bounds.recent else WindowState.CLOSED
    return Observation(signal, state, f"{words} {span(now - at)} ago", since, at, is_end=True, proof=proof)
