"""What is the same for all messages of a batch is read and written once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

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


class NotedTogether(Struct):
    """Stores with one write, at the end, which channels accepted messages; but a failure at once."""

    health: HealthNotes
    accepting: dict[str, datetime] = field(default_factory=dict)

    def accepted(self, channels: Mapping[str, datetime]) -> None:
        self.accepting |= channels

    def failed(self, channel: str, at: datetime, error: str) -> None:
        self.health.failed(channel, at, error)
        self.accepting.pop(channel, None)

    def store(self) -> None:
        if self.accepting:
            self.health.accepted(self.accepting)
            self.accepting.clear()
