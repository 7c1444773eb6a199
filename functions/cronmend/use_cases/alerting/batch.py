"""What is the same for all messages of a batch is read and written once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cronmend.model.mutes import Mute
from cronmend.ports.alerting import HealthNotes

type ReadMutes = Callable[[datetime], Sequence[Mute]]
"""The mutes that end after a time."""


def read_once(read: ReadMutes) -> ReadMutes:
    """The mutes as they were when the first message asked for them, without those that ended since then."""
    known: list[Sequence[Mute]] = []

    def mutes(now: datetime) -> Sequence[Mute]:
        if not known:
            known.append(read(now))
        return [each for each in known[0] if each.until > now]

    return mutes


@dataclass
class NotedOnce:
    """Stores only once that a channel accepts messages, until it fails."""

    health: HealthNotes
    accepting: set[str] = field(default_factory=set)

    def note(self, channel: str, at: datetime, error: str = "") -> None:
        if channel in self.accepting and not error:
            return
        self.health.note(channel, at, error)
        (self.accepting.discard if error else self.accepting.add)(channel)
