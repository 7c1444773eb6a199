"""The days that a report is about, and what the ledger has about them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from msgspec import Struct, field

from cronmend.alerting.conversations import Delivery
from cronmend.board.facts import Facts
from cronmend.model.incident import Incident
from cronmend.model.report import Message

type Sent = Sequence[tuple[Message, Mapping[str, Delivery]]]
"""Messages with their deliveries by channel."""
_DAY: Final = timedelta(days=1)


class Period(Struct, frozen=True):
    """Whole days in UTC; both are part of it."""

    first: date
    last: date

    @classmethod
    def latest(cls, now: datetime, days: int) -> "Period":
        """So many days, today's included."""
        today = now.astimezone(UTC).date()
        return cls(today - (days - 1) * _DAY, today)

    @classmethod
    def month_before(cls, day: date) -> "Period":
        last = day.replace(day=1) - _DAY
        return cls(last.replace(day=1), last)

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, at: datetime) -> bool:
        return self.first <= at.astimezone(UTC).date() <= self.last


class Past(Struct, frozen=True):
    """What the ledger has about a period."""

    facts: Facts
    period: Period
    incidents: Sequence[Incident] = ()
    """In any order; those of other days are left out."""
    messages: Mapping[str, Sent] = field(default_factory=dict)
    """By incident."""
