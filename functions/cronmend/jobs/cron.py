"""A schedule's expression → the slots at which EventBridge Scheduler starts the job.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. When the clocks go forward, a local time
that does not exist is skipped that day. When they go back, a slot in the repeated hour fires once, before the shift.
``rate`` has no time zone and counts from its start (or, without one, from the schedule's creation). ``at`` ignores
start and end.
"""

import re
from abc import abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import takewhile

from msgspec import Struct

from cronmend.jobs import cron_fields as fields
from cronmend.jobs.cron_fields import Mistake
from cronmend.jobs.zones import time_zone

MAX_EXPRESSION = 256
_FORM = re.compile(r"\s*(?P<kind>cron|rate|at)\s*\((?P<body>[^()]*)\)\s*", re.IGNORECASE)
_RATE = re.compile(r"(?P<value>[0-9]+)\s+(?P<unit>minute|hour|day)s?", re.ASCII)
_ONE = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_LONGEST_RATE = timedelta(days=365 * 230)
_LAST_YEAR = fields.YEAR.high


class CronError(ValueError):
    """An expression or time zone that EventBridge Scheduler would reject; holds every mistake, not only the first."""

    def __init__(self, *mistakes: Mistake) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


class Mark(StrEnum):
    NORMAL = "normal"
    GAP = "gap"
    """The local time does not exist that day (clocks go forward): the slot is skipped."""
    OVERLAP = "overlap"
    """The local time occurs twice (clocks go back): the slot fires only the first time."""


class Slot(Struct, frozen=True):
    """A time at which the schedule starts the job, in the schedule's own time zone."""

    at: datetime
    mark: Mark = Mark.NORMAL


class Schedule(Struct, frozen=True):
    expression: str
    """Canonical: six fields, upper case, single spaces."""
    zone: tzinfo
    start: datetime | None = None
    end: datetime | None = None

    @abstractmethod
    def after(self, moment: datetime, *, skipped: bool = False) -> Iterator[Slot]:
        """The slots strictly after a time, in order; with ``skipped`` also those that fall into a DST gap."""

    def next(self, moment: datetime) -> datetime | None:
        return next((slot.at for slot in self.after(moment)), None)

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The slots after one time, up to and including another."""
        limit = _utc(until)
        return takewhile(lambda at: _utc(at) <= limit, (slot.at for slot in self.after(after)))


class Cron(Schedule, frozen=True, kw_only=True):
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: fields.Days
    months: tuple[int, ...]
    years: tuple[int, ...]

    def after(self, moment: datetime, *, skipped: bool = False) -> Iterator[Slot]:
        floor = _utc(moment)
        if self.start and self.start > floor:
            floor = self.start - timedelta(microseconds=1)
        for wall in self._walls(floor.astimezone(self.zone).replace(tzinfo=None)):
            slot = _slot(wall, self.zone)
            if self.end and _utc(slot.at) > self.end:
                return
            if _utc(slot.at) > floor and (skipped or slot.mark is not Mark.GAP):
                yield slot

    def _walls(self, first: datetime) -> Iterator[datetime]:
        """The local times that match, whether or not they exist, up to the last year that AWS allows."""
        for year in (year for year in self.years if year >= first.year):
            for month in (month for month in self.months if (year, month) >= (first.year, first.month)):
                for day in self.days.of(year, month):
                    if (year, month, day) >= (first.year, first.month, first.day):
                        yield from self._times(datetime(year, month, day), first)  # noqa: DTZ001 - a wall time

    def _times(self, day: datetime, first: datetime) -> Iterator[datetime]:
        for hour in self.hours:
            if day.replace(hour=hour, minute=59, second=59) >= first:
                walls = (day.replace(hour=hour, minute=minute) for minute in self.minutes)
                yield from (wall for wall in walls if wall >= first)


class Rate(Schedule, frozen=True, kw_only=True):
    every: timedelta

    def after(self, moment: datetime, *, skipped: bool = False) -> Iterator[Slot]:
        """
        Raises:
            CronError: the schedule has no start to count from.
        """
        if self.start is None:
            remedy = "give the schedule's start date, or its creation date if it has none"
            raise CronError(Mistake("rate", self.expression, "has no start to count from", remedy))
        at = self.start + max(0, (_utc(moment) - self.start) // self.every + 1) * self.every
        while at.year <= _LAST_YEAR and not (self.end and at > self.end):
            yield Slot(at.astimezone(self.zone))
            at += self.every


class At(Schedule, frozen=True, kw_only=True):
    at: datetime

    def after(self, moment: datetime, *, skipped: bool = False) -> Iterator[Slot]:
        if _utc(self.at) > _utc(moment):
            yield _slot(self.at.replace(tzinfo=None), self.zone)


def parse(
    expression: str, timezone: str = "UTC", start: datetime | None = None, end: datetime | None = None
) -> Schedule:
    """The schedule that an expression means.

    Args:
        start, end: the schedule's StartDate and EndDate; a ``rate`` without a start can't list its slots.

    Raises:
        CronError: with every mistake in expression and time zone.
    """
    mistakes: list[Mistake] = []
    zone = time_zone(timezone, mistakes)
    if len(expression) > MAX_EXPRESSION:
        problem = f"{len(expression)} characters, AWS allows {MAX_EXPRESSION}"
        mistakes.append(Mistake("schedule", expression[:40] + "…", problem, "shorten the lists to ranges"))
    if not (form := _FORM.fullmatch(expression)):
        raise CronError(
            *mistakes,
            Mistake("schedule", expression[:80], "not cron(…), rate(…) or at(…)", _around(expression.strip())),
        )
    build = {"cron": _cron, "rate": _rate, "at": _at}[form["kind"].lower()]
    bounds = (start and _utc(start), end and _utc(end))
    schedule = build(" ".join(form["body"].split()), zone, bounds, mistakes)
    if mistakes:
        raise CronError(*mistakes)
    return schedule


def _around(bare: str) -> str:
    """What to write instead of an expression without its word and parentheses."""
    if len(bare) <= MAX_EXPRESSION and len(bare.split()) == len(fields.FIELDS):
        return f"put cron( ) around it: cron({bare})"
    if _RATE.fullmatch(bare.lower()):
        return f"put rate( ) around it: rate({bare})"
    return "write cron(minutes hours day-of-month month day-of-week year), rate(5 minutes) or at(2026-05-06T11:15:00)"


type _Bounds = tuple[datetime | None, datetime | None]


def _cron(body: str, zone: tzinfo, bounds: _Bounds, mistakes: list[Mistake]) -> Schedule:
    texts = body.upper().split(" ")
    if len(texts) not in (5, 6):
        names = " ".join(spec.name for spec in fields.FIELDS)
        problem = f"has {len(texts) if body else 0} fields, not 6"
        raise CronError(*mistakes, Mistake("cron", body, problem, f"write cron({names})"))
    minutes, hours, month_day, month, week_day, year = (*texts, "*")[:6]
    return Cron(
        f"cron({minutes} {hours} {month_day} {month} {week_day} {year})",
        zone,
        *bounds,
        minutes=fields.numbers(fields.MINUTES, minutes, mistakes),
        hours=fields.numbers(fields.HOURS, hours, mistakes),
        days=fields.days(month_day, week_day, mistakes),
        months=fields.numbers(fields.MONTH, month, mistakes),
        years=fields.numbers(fields.YEAR, year, mistakes),
    )


def _rate(body: str, zone: tzinfo, bounds: _Bounds, mistakes: list[Mistake]) -> Schedule:
    match = _RATE.fullmatch(body.lower())
    if not match:
        remedy = "write a whole number and minutes, hours or days, such as rate(5 minutes); the shortest is a minute"
        raise CronError(*mistakes, Mistake("rate", body, "not a number and a unit", remedy))
    value, unit = int(match["value"][:12]), match["unit"]
    if not 0 < value <= _LONGEST_RATE // _ONE[unit]:
        problem = "never fires" if value else "must be positive"
        raise CronError(*mistakes, Mistake("rate", body, problem, "write 1 or more, such as rate(1 minute)"))
    return Rate(f"rate({value} {unit}{'' if value == 1 else 's'})", zone, *bounds, every=value * _ONE[unit])


def _at(body: str, zone: tzinfo, bounds: _Bounds, mistakes: list[Mistake]) -> Schedule:
    try:
        wall = datetime.strptime(body, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - a wall time; the zone is given beside it
    except ValueError:
        remedy = "write at(yyyy-mm-ddThh:mm:ss) without a zone, such as at(2026-05-06T11:15:00), and set timezone"
        raise CronError(*mistakes, Mistake("at", body, "not a date and time", remedy)) from None
    if (slot := _slot(wall, zone)).mark is Mark.GAP:
        exists = _utc(slot.at).astimezone(zone).replace(tzinfo=None).isoformat()
        problem = f"this time does not exist in {zone}: the clocks skip it"
        mistakes.append(Mistake("at", body, problem, f"write at({exists})"))
    return At(f"at({wall.isoformat()})", zone, at=slot.at)


def _slot(wall: datetime, zone: tzinfo) -> Slot:
    first = wall.replace(tzinfo=zone, fold=0)
    if _utc(first).astimezone(zone).replace(tzinfo=None, fold=0) != wall:
        return Slot(first, Mark.GAP)
    overlaps = first.utcoffset() != wall.replace(tzinfo=zone, fold=1).utcoffset()
    return Slot(first, Mark.OVERLAP if overlaps else Mark.NORMAL)


def _utc(moment: datetime) -> datetime:
    """Python compares two times of one zone by wall clock, which repeats an hour once a year: compare in UTC."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone: pass an aware datetime")
    return moment.astimezone(UTC)
