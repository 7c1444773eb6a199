"""``cronmend bench foresight``: what is told of roles, secrets, certificates and memory, ordinary and lost."""

import random
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.bench.ordinary_needs import (
    CERTIFICATE,
    DAY,
    FOR_OTHERS,
    IMAGE,
    IN_DELETION,
    LIMIT,
    MINUTE,
    PARAMETER,
    ROLE,
    SECRET,
    START,
    Gap,
    Life,
    memory,
    ordinary,
)
from cronmend.alerting.findings import is_awaited
from cronmend.alerting.routes import Routes
from cronmend.jobs import memory_use, needs
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.slots import next_slot
from cronmend.jobs.weekly_growth import COMPARED
from cronmend.model.findings import Finding, FindingKind, Looked
from cronmend.model.memory_use import MemoryOfDay
from cronmend.model.needs import GONE
from cronmend.model.timetables import Timetable
from cronmend.ports.findings import FindingSource
from cronmend.use_cases.reconciling.findings import Findings
from cronmend.use_cases.reconciling.memory_use import HOUR as MEMORY_HOUR
from local.memory.findings import MemoryFindings

_HOUR = timedelta(hours=1)
_RARELY = 24
"""Hours between two starts of a job whose failures can be told in time."""
_INTERVALS = (1, 6, 24, 168)
_LIFE = {PARAMETER: 30, CERTIFICATE: 90}
"""Days."""
_LONGEST = 100
"""Days in which a planted loss happens."""
_GROWS = 200


@dataclass(slots=True)
class ForeseenNeeds:
    false_notices: int = 0
    """Of what was mended before any run needed it, or wasn't broken."""
    lost: int = 0
    """Jobs that start daily or weekly, and lost for good what their runs need."""
    lost_foreseen: int = 0
    """Those that were told before the next run."""
    lost_often: int = 0
    """The same of jobs that start every hour, or every six hours."""
    lost_often_foreseen: int = 0
    filled: int = 0
    """Jobs whose memory grew up to its limit."""
    filled_foreseen: int = 0


@dataclass(frozen=True, slots=True)
class _Needs:
    table: Timetable
    lives: Sequence[Life]

    @property
    def kinds(self) -> Set[FindingKind]:
        return needs.KINDS

    def look(self, now: datetime) -> Looked:
        found = (needs.problem(self.table, each.needed, each.at(now), now) for each in self.lives)
        return Looked(tuple(filter(None, found)))


@dataclass(frozen=True, slots=True)
class _Memory:
    table: Timetable
    days: Sequence[MemoryOfDay]

    @property
    def kinds(self) -> Set[FindingKind]:
        return memory_use.KINDS

    def look(self, now: datetime) -> Looked:
        if now.hour != MEMORY_HOUR:
            return Looked(unread=frozenset({self.table.job}))
        number = (now - START) // DAY
        latest = self.days[max(0, number - COMPARED.days) : number]
        found = memory_use.of_growth(self.table, latest, now)
        return Looked((found,) if found else ())


def foreseen_needs(jobs: int, days: int, seed: int, tick: Callable[[int], None] = lambda _: None) -> ForeseenNeeds:
    """Ordinary job-days, then as many jobs that lose something, and as many whose memory grows."""
    found, chance = ForeseenNeeds(), random.Random(seed)  # noqa: S311 # plays jobs, guards nothing
    for number in range(jobs):
        hours = chance.choice(_INTERVALS)
        table = _timetable(number, hours)
        _count_false(found, table, days, chance)
        _lose(found, table, hours, chance)
        _fill(found, table, chance)
        tick(number + 1)
    return found


def _count_false(found: ForeseenNeeds, table: Timetable, days: int, chance: random.Random) -> None:
    """A notice is right if a run came while what it is about was broken."""
    lives = ordinary(days, chance)
    broken = [gap for life in lives for gap in life.gaps if _next_run(table, gap.start) < gap.end]
    sources = _Needs(table, lives), _Memory(table, list(memory(days, chance)))
    for at, _ in _told(sources, days):
        found.false_notices += not any(gap.start <= at <= gap.end + DAY for gap in broken)


def _lose(found: ForeseenNeeds, table: Timetable, hours: int, chance: random.Random) -> None:
    life, lost_at = _loss(chance)
    fails_at = _next_run(table, lost_at)
    days = (fails_at - START) // DAY + 1
    is_told = any(at < fails_at for at, _ in _told((_Needs(table, (life,)),), days))
    if hours >= _RARELY:
        found.lost, found.lost_foreseen = found.lost + 1, found.lost_foreseen + is_told
    else:
        found.lost_often, found.lost_often_foreseen = found.lost_often + 1, found.lost_often_foreseen + is_told


def _loss(chance: random.Random) -> tuple[Life, datetime]:
    """What is lost, and when."""
    what, described = chance.choice(
        (
            (ROLE, GONE),
            (ROLE, FOR_OTHERS),
            (SECRET, IN_DELETION),
            (SECRET, GONE),
            (IMAGE, GONE),
            (PARAMETER, None),
            (CERTIFICATE, None),
        )
    )
    at = START + chance.uniform(1, _LONGEST) * DAY
    if described:
        return Life(what, (Gap(at, at + _LONGEST * DAY, described),)), at
    return Life(what, renewals=((at - _LIFE[what] * DAY, at),)), at


def _fill(found: ForeseenNeeds, table: Timetable, chance: random.Random) -> None:
    """By 3 % to 8 % a week, from three fifths of the limit."""
    days = list(memory(_GROWS, chance, growth=chance.uniform(0.03, 0.08)))
    full = next((each.day for each in days if each.used >= LIMIT), None)
    if full is None:
        return
    found.filled += 1
    found.filled_foreseen += any(at < full for at, _ in _told((_Memory(table, days),), (full - START) // DAY))


def _told(sources: tuple[FindingSource, ...], days: int) -> Iterator[tuple[datetime, Finding]]:
    """What is told by checks of every hour, or of five minutes where one doesn't wait for the hour."""
    store, now = MemoryFindings(), START
    use_case = Findings(store, sources, Routes(), lambda _: JobPolicy())
    while now < START + days * DAY:
        for each in use_case.check(now).told:
            yield now, each
        is_near = any(is_awaited(each, now, now + 5 * MINUTE) for each in store.rows.values())
        now += 5 * MINUTE if is_near else _HOUR


def _next_run(table: Timetable, after: datetime) -> datetime:
    following = next_slot(table.live, after, table.seen)
    if following is None:
        raise ValueError(f"{table.expression} has no next run")
    return following


def _timetable(number: int, hours: int) -> Timetable:
    expression = "rate(1 hour)" if hours == 1 else f"rate({hours} hours)"
    job = f"site/job-{number}"
    start = START - _HOUR + 7 * MINUTE
    return Timetable(job, job, "1", "", expression, "UTC", True, START, START, start=start, task_definition="webapp:1")
