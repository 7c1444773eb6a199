"""A year of jobs in four time zones: when each has to run, and what came of it. Nothing here is Cronmend's own code.

Slots are found by walking every minute of the year: one that a clock change skips never comes up, and one that it
repeats counts once.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ZONES: Final = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago")
"""Clocks change on eight days, on both hemispheres and by half an hour, too."""
MINUTE: Final = timedelta(minutes=1)
GRACE: Final = timedelta(minutes=5)
_MONTH: Final = timedelta(days=30)
_EARLY, _LATE, _TOO_LATE, _NONE, _BY_HAND = 0.05, 0.05, 0.002, 0.004, 0.003
"""The shares of slots whose run is created up to a minute early, within grace, after it, never, or by hand in time."""

type Fires = Callable[[datetime], bool]
"""Whether a local time is one of a schedule's."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A schedule from a time on: AWS's expression, and the same in Python."""

    since: datetime
    expression: str
    fires: Fires
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    created: datetime
    ends: datetime
    slot: datetime
    named: bool
    """Whether it names its slot."""
    by_hand: bool = False


@dataclass
class Job:
    name: str
    zone: str
    flexible: timedelta
    names_slots: bool
    definitions: list[Definition]
    slots: list[datetime] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    missed: set[datetime] = field(default_factory=set)
    """The slots of which no run was created in time."""
    either: set[datetime] = field(default_factory=set)
    """Those that may be found or not: the schedule changed just then, or the run came before Cronmend was back."""


@dataclass(frozen=True, slots=True)
class Year:
    jobs: Sequence[Job]
    outages: Sequence[tuple[datetime, datetime]]
    """When Cronmend itself is away: an hour each month."""


def year(start: datetime, days: int, seed: int) -> Year:
    """The jobs, with their slots and runs."""
    chance = random.Random(seed)  # noqa: S311 # a simulation
    outages = [_outage(start + month * _MONTH, chance) for month in range(int(timedelta(days=days) / _MONTH))]
    jobs: list[Job] = []
    for number, zone in enumerate(ZONES):
        own = list(_jobs(zone, number, start, days, chance))
        for job, slot in _walk(own, ZoneInfo(zone), start, start + timedelta(days=days)):
            _came(job, slot, outages, chance)
        jobs += own
    return Year(jobs, outages)


def _outage(month: datetime, chance: random.Random) -> tuple[datetime, datetime]:
    start = month + timedelta(minutes=chance.randrange(28 * 1440))
    return start, start + timedelta(hours=1)


def _jobs(zone: str, number: int, start: datetime, days: int, chance: random.Random) -> Iterator[Job]:
    minute = 7 * number
    kinds: Sequence[tuple[str, str, Fires]] = (
        ("hourly", f"cron({minute} * * * ? *)", _at_minute(minute)),
        ("nightly", "cron(30 0-3 * * ? *)", lambda at: at.minute == 30 and at.hour < 4),
        ("weekdays", "cron(15 9 ? * MON-FRI *)", lambda at: (at.hour, at.minute) == (9, 15) and at.weekday() < 5),
        ("monthly", "cron(0 2 L * ? *)", lambda at: (at.hour, at.minute) == (2, 0) and (at + timedelta(1)).day == 1),
    )
    for place, (kind, expression, fires) in enumerate(kinds):
        definitions = [Definition(start, expression, fires)]
        if kind == "hourly":
            definitions += _edits(start, days, chance)
        flexible = timedelta(minutes=15) if kind == "weekdays" else timedelta(0)
        yield Job(f"{kind}/{kind}-{number}", zone, flexible, (place + number) % 2 == 0, definitions)


def _at_minute(minute: int) -> Fires:
    return lambda at: at.minute == minute


def _edits(start: datetime, days: int, chance: random.Random) -> Iterator[Definition]:
    """Each month, people move the minute, or disable the schedule for a day."""
    for month in range(1, int(timedelta(days=days) / _MONTH)):
        at = start + month * _MONTH + timedelta(minutes=chance.randrange(20 * 1440))
        minute = chance.randrange(60)
        moved = Definition(at, f"cron({minute} * * * ? *)", _at_minute(minute))
        if month % 3:
            yield moved
        else:
            yield Definition(at, moved.expression, moved.fires, enabled=False)
            yield Definition(at + timedelta(days=1), moved.expression, moved.fires)


def _walk(jobs: Sequence[Job], zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[Job, datetime]]:
    """Each slot of the jobs: the minutes that the zone's clock shows for the first time and their schedules name."""
    at, current = start + MINUTE, {job.name: job.definitions[0] for job in jobs}
    changes = sorted(((each.since, job.name, each) for job in jobs for each in job.definitions[1:]), key=_since)
    while at < end:
        while changes and changes[0][0] < at:
            _, name, current[name] = changes.pop(0)
        local = at.astimezone(zone)
        if not local.fold:
            for job in jobs:
                definition = current[job.name]
                if definition.enabled and definition.fires(local):
                    yield job, at
        at += MINUTE


def _since(change: tuple[datetime, str, Definition]) -> datetime:
    return change[0]


def _came(job: Job, slot: datetime, outages: Sequence[tuple[datetime, datetime]], chance: random.Random) -> None:
    run, is_missed = _run(job, slot, chance)
    job.slots.append(slot)
    if run:
        job.runs.append(run)
    due = slot + job.flexible + MINUTE + GRACE + MINUTE / 2
    changes = [each.since for each in job.definitions[1:] if slot < each.since]
    if not is_missed or any(change <= due for change in changes):
        return
    checked = due + timedelta(minutes=5)
    is_late = run is not None and any(start < run.created and slot < end for start, end in outages)
    either = is_late or any(change <= checked for change in changes)
    (job.either if either else job.missed).add(slot)


def _run(job: Job, slot: datetime, chance: random.Random) -> tuple[Run | None, bool]:
    """The slot's run, and whether none was created in time."""
    kind, second = chance.random(), timedelta(seconds=chance.uniform(0, 59))
    usual = second + job.flexible * chance.random()
    took = timedelta(minutes=chance.uniform(0.5, 25))
    if (kind := kind - _NONE) < 0:
        return None, True
    if (kind := kind - _TOO_LATE) < 0:
        created = slot + job.flexible + MINUTE + GRACE + timedelta(minutes=chance.uniform(13, 25))
        return Run(created, created + took, slot, job.names_slots), True
    if (kind := kind - _BY_HAND) < 0:
        created = slot + chance.uniform(0.1, 1) * GRACE
        return Run(created, created + took, slot, named=False, by_hand=True), False
    if (kind := kind - _LATE) < 0:
        usual += chance.random() * GRACE
    elif (kind := kind - _EARLY) < 0:
        usual = -second
    return Run(slot + usual, slot + usual + took, slot, job.names_slots), False
