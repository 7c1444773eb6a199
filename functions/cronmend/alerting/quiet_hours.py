"""Hours in which alerts that aren't urgent wait, by the clocks of a time zone. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

_EVERY_DAY = frozenset(range(7))
_LONGEST = timedelta(days=7)


class QuietHours(Struct, frozen=True):
    """From ``start`` to ``end``, which is on the next day if it isn't later than ``start``."""

    start: time
    end: time
    timezone: str = "UTC"
    days: frozenset[int] = _EVERY_DAY
    """The days on which they start; 0 is Monday."""

    def until(self, now: datetime) -> datetime | None:
        """The end of the current quiet hours; None if there are none now.

        Quiet hours that end as the next ones start count as one. An alert is never delayed for much more than a week.
        """
        found, at = None, now.astimezone(UTC)
        while (end := self._end(at)) and at - now < _LONGEST:
            found = at = end
        return found

    def _end(self, at: datetime) -> datetime | None:
        return max((end for begin, end in self._around(at) if begin <= at < end), default=None)

    def _around(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        zone = ZoneInfo(self.timezone)
        today = at.astimezone(zone).date()
        # One day ahead, because clocks may go back across midnight.
        for day in (today + timedelta(days=days) for days in (-1, 0, 1)):
            if day.weekday() in self.days:
                last = day if self.start < self.end else day + timedelta(days=1)
                yield (
                    first_showing(datetime.combine(day, self.start), zone),
                    first_showing(datetime.combine(last, self.end), zone),
                )


def first_showing(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clocks of a zone first show this time, in UTC. If they skip it, when they are set forward."""
    earlier, later = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if earlier.astimezone(zone).replace(tzinfo=None) == wall:
        return earlier
    while later - earlier > timedelta(seconds=1):
        middle = earlier + (later - earlier) / 2
        leapt = middle.astimezone(zone).replace(tzinfo=None) >= wall
        earlier, later = (earlier, middle) if leapt else (middle, later)
    return later.replace(microsecond=0)
