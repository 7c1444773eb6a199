"""Which jobs start in the same minute, and a proposal that spreads them. Pure.

A job keeps its hours, its days and how often it starts; only its minute moves, within the hour.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from cli.jobs.job import Job
from cli.jobs.slots import schedule_of
from cli.jobs.unix_cron import is_unix
from cronmend.jobs.cron import Cron, Schedule

WEEK: Final = timedelta(days=7)
_MINUTE: Final = timedelta(minutes=1)
_NEAR: Final = range(-2, 3)
"""Minutes around a start: a task takes about a minute to start, so the next minutes are nearly the same."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A job's starts in a week."""

    job: Job
    starts: tuple[int, ...]
    """Minutes since the week began."""
    minute: int
    """The first of each hour in which it starts."""
    every: int = 1
    """Its minutes repeat after so many: it can start at any of these. 1 if it can't be moved."""

    def at(self, minute: int) -> "Placed":
        """The job with this as its first minute."""
        moved = tuple(each + minute - self.minute for each in self.starts)
        return replace(self, starts=moved, minute=minute)

    def peak(self, load: Mapping[int, int]) -> int:
        return max((load[each] for each in self.starts), default=0)


@dataclass(frozen=True, slots=True)
class Herd:
    """Jobs that start in the same minute."""

    jobs: tuple[str, ...]
    times: int
    """How often they do in a week."""
    next: datetime


@dataclass(frozen=True, slots=True)
class Move:
    job: Job
    minute: int
    every: int


@dataclass(frozen=True, slots=True)
class Proposal:
    moves: Sequence[Move]
    most_before: int
    """The most jobs that start in one minute."""
    most_after: int


def placed(jobs: Iterable[Job], now: datetime) -> Sequence[Placed]:
    """The enabled jobs whose minutes are known, in the week from the next full hour on."""
    first = _first(now)
    return [_placed(each, first) for each in jobs if each.managed and each.enabled and not is_unplaced(each)]


def is_unplaced(job: Job) -> bool:
    """A rate without a start counts from the creation of its schedule, which the file doesn't have."""
    return job.schedule.startswith("rate") and job.start is None


def herds(jobs: Iterable[Placed], now: datetime) -> Sequence[Herd]:
    """The largest first, then those that meet most often."""
    at: dict[int, list[str]] = defaultdict(list)
    for each in jobs:
        for minute in each.starts:
            at[minute].append(each.job.name)
    meetings: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for minute, names in at.items():
        if len(names) > 1:
            meetings[tuple(sorted(names))].append(minute)
    first = _first(now)
    found = [Herd(names, len(times), first + min(times) * _MINUTE) for names, times in meetings.items()]
    return sorted(found, key=lambda each: (-len(each.jobs), -each.times, each.jobs))


def proposal(jobs: Iterable[Placed], most: int) -> Proposal:
    """
    Args:
        most: how many jobs may start in one minute.
    """
    known = sorted(jobs, key=lambda each: each.job.name)
    load = Counter(minute for each in known for minute in each.starts)
    before, moves = max(load.values(), default=0), []
    for each in known:
        if each.every > 1 and each.peak(load) > most and (best := _best(each, load)):
            load.subtract(each.starts)
            load.update(best.starts)
            moves.append(Move(best.job, best.minute, best.every))
    return Proposal(moves, before, max(load.values(), default=0))


def moved(move: Move) -> str:
    """The job's expression with its new minute, in the form that AWS reads."""
    minute, fields = str(move.minute), move.job.schedule.removeprefix("cron(").split()
    if move.every < 60:
        minute = f"{minute}/{move.every}"
    return f"cron({' '.join([minute, *fields[1:]])}"


def as_written(written: str, move: Move) -> str:
    """The same in the form that the file has: a crontab's five fields stay five."""
    if not is_unix(written) or written.strip().startswith("@"):
        return moved(move)
    minute = f"{move.minute}-59/{move.every}" if move.every < 60 else str(move.minute)
    return " ".join([minute, *written.split()[1:]])


def _first(now: datetime) -> datetime:
    """A job that moves within its hours then stays in the week."""
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _placed(job: Job, first: datetime) -> Placed:
    schedule = schedule_of(job, first)
    slots = schedule.between(first - timedelta(microseconds=1), first + WEEK)
    starts = tuple(int((each - first) / _MINUTE) for each in slots if each < first + WEEK)
    minute = schedule.minutes[0] if isinstance(schedule, Cron) else 0
    return Placed(job, starts, minute, _every(job, schedule))


def _every(job: Job, schedule: Schedule) -> int:
    """A minute is taken for chosen if the job doesn't start in each hour, and only once in an hour."""
    if job.fixed_time or job.flexible_window or not isinstance(schedule, Cron):
        return 1
    minutes = schedule.minutes
    every = 60 // len(minutes)
    is_even = 60 % len(minutes) == 0 and all(later - earlier == every for earlier, later in pairwise(minutes))
    is_free = job.fixed_time is False or len(minutes) > 1 or len(schedule.hours) == 24
    return every if is_even and is_free and minutes[0] < every else 1


def _best(job: Placed, load: Mapping[int, int]) -> Placed | None:
    """The place with the fewest others at and around its starts, then the nearest; None if none has fewer."""
    others = Counter(load)
    others.subtract(job.starts)
    found = min(map(job.at, range(job.every)), key=lambda each: (*_crowd(each, others), abs(each.minute - job.minute)))
    return found if found.peak(others) < job.peak(others) else None


def _crowd(job: Placed, others: Mapping[int, int]) -> tuple[int, int]:
    return job.peak(others), sum(others[each + near] for each in job.starts for near in _NEAR)


def edits(texts: Mapping[str, str], changes: Iterable[tuple[str, int, str, str]]) -> Iterator[tuple[str, str]]:
    """The texts of the files that change, by name.

    Args:
        changes: file, line from 1, and the expression there, before and after.
    """
    lines = {name: text.split("\n") for name, text in texts.items()}
    for name, line, before, after in changes:
        lines[name][line - 1] = lines[name][line - 1].replace(before, after)
    yield from ((name, "\n".join(each)) for name, each in lines.items())
