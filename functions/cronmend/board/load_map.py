"""When jobs start: how many in each hour of the coming week, and in which minutes of an hour none does. Pure.

Counted from the fields of the expressions instead of slot by slot: a thousand jobs every five minutes have two million
slots a week.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby, islice

from cronmend.board.model import LoadMap
from cronmend.jobs.cron import At, Cron, CronError, Rate, Schedule, parse
from cronmend.model.timetables import Timetable

_HOUR = timedelta(hours=1)
_SHORTEST_FREE = 3
_HOURS_A_WEEK = 24 * 7


_parsed = lru_cache(maxsize=1024)(parse)


def load_map(timetables: Iterable[Timetable], now: datetime) -> LoadMap:
    first = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [[0] * 24 for _ in range(7)]
    minutes = [0] * 60
    for schedule, jobs in Counter(_schedules(timetables)).items():
        for at, count in _hours(schedule, first):
            starts[at.weekday()][at.hour] += count * jobs
        for minute in _minutes(schedule, first):
            minutes[minute] += 1
    return LoadMap(starts, _free(minutes))


def _schedules(timetables: Iterable[Timetable]) -> Iterator[Schedule]:
    """A cron expression that many jobs share is one schedule: only a rate counts from a start of its own."""
    for each in timetables:
        if each.enabled and each.expression:
            start = each.start or each.created or each.seen if each.expression.startswith("rate") else each.start
            try:
                schedule = _parsed(each.expression, each.timezone, start, each.end)
            except CronError:
                continue
            if not isinstance(schedule, Rate) or schedule.start:
                yield schedule


def _hours(schedule: Schedule, first: datetime) -> Iterator[tuple[datetime, int]]:
    """Hours in UTC with the starts in them, in the week from ``first`` on."""
    if isinstance(schedule, Cron):
        yield from _of_cron(schedule, first)
    elif isinstance(schedule, Rate) and schedule.every < _HOUR:
        yield from ((first + hour * _HOUR, round(_HOUR / schedule.every)) for hour in range(_HOURS_A_WEEK))
    elif isinstance(schedule, Rate | At):
        yield from ((at.astimezone(UTC), 1) for at in schedule.between(first, first + timedelta(days=7)))


def _of_cron(cron: Cron, first: datetime) -> Iterator[tuple[datetime, int]]:
    for day in (first.date() + timedelta(days=number) for number in range(7)):
        if day.year in cron.years and day.month in cron.months and day.day in cron.days.of(day.year, day.month):
            for hour in cron.hours:
                at = datetime(day.year, day.month, day.day, hour, cron.minutes[0], tzinfo=cron.zone)
                yield at.astimezone(UTC), len(cron.minutes)


def _minutes(schedule: Schedule, first: datetime) -> Iterable[int]:
    """The minutes of an hour in which it starts its job; zones that differ by half an hour are not considered."""
    if isinstance(schedule, Cron):
        return schedule.minutes
    return {slot.at.minute for slot in islice(schedule.after(first), 60)}


def _free(minutes: Sequence[int]) -> Sequence[tuple[int, int]]:
    found = []
    for used, group in groupby(range(60), key=lambda minute: minutes[minute] > 0):
        span = list(group)
        if not used and len(span) >= _SHORTEST_FREE and len(span) < 60:
            found.append((span[0], span[-1]))
    return found
