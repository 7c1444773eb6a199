"""A job's latest runs, packed into about 300 characters of its state, which every run writes anyway. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

MOST: Final = 30
"""How many runs are kept one by one."""
DAYS: Final = 28
"""The days of a rate, today's included."""
KEPT: Final = 33
"""For how many days runs are counted: a month, and two days to report it."""
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
_BASE: Final = len(_DIGITS)
_VALUES: Final = {digit: value for value, digit in enumerate(_DIGITS)}
_MINUTES: Final = _BASE**2 // 2
"""From here on, a number of two digits counts minutes; below, seconds."""
_UNKNOWN: Final = "~~"
_MOST_RUNS: Final = _BASE**2 - 1
_RUN: Final = re.compile("([0-9A-Za-z_-]{4})([a-zA-Z])(..)(?:[+](..))?", re.ASCII)
"""The minute of its start, its result, how long it took and, if it was healed, how long that took."""
_COUNT: Final = re.compile("([0-9A-Za-z_-]{2})(?:[.](..)(..)(..))?", re.ASCII)
"""How many runs of a day succeeded and, unless they are 0, the other counts."""
_FIRST_DAY: Final = 3
"""Digits of the first day that is counted, before the counts of each day from then on."""


class RunResult(StrEnum):
    """How a slot's run ended. The values are stored."""

    SUCCEEDED = "s"
    FAILED = "f"
    HEALED = "h"
    """It failed, and a re-run succeeded."""
    MISSED = "m"
    """No task was started for the slot."""
    STOPPED = "c"
    """A person stopped it: it counts neither as a success nor as a failure."""


_RESULTS: Final = {each.value: each for each in RunResult}
_WORST: Final = (RunResult.FAILED, RunResult.MISSED, RunResult.HEALED, RunResult.STOPPED, RunResult.SUCCEEDED)


class PastRun(Struct, frozen=True):
    """A run and its re-runs, or the tasks that one call started."""

    at: datetime
    """When the first of them was created, or the slot if none was, to the minute."""
    result: RunResult
    seconds: int | None = None
    """How long the last of them ran, to the minute if that is more than half an hour; None if that isn't known."""
    healed_after: int | None = None
    """Seconds from the start to the end of the re-run that healed it."""
    in_deploy: bool = False
    """Whether a deploy was in progress when it failed. Nothing is known of a run that succeeded at once."""


class DayCount(Struct, frozen=True):
    """The runs of a day in UTC. ``healed`` of them failed first."""

    day: int
    """Days since 2020 began."""
    succeeded: int = 0
    failed: int = 0
    missed: int = 0
    healed: int = 0

    @property
    def date(self) -> date:
        """In UTC."""
        return _EPOCH.date() + timedelta(days=self.day)

    def days_before(self, now: datetime) -> int:
        return _day(now) - self.day

    def changed(self, result: RunResult, by: int) -> "DayCount":
        counts = {name: getattr(self, name) for name in _COUNTS}
        for name in _COUNTED[result]:
            counts[name] = min(max(0, counts[name] + by), _MOST_RUNS)
        return DayCount(self.day, **counts)


_COUNTS: Final = ("succeeded", "failed", "missed", "healed")
_COUNTED: Final = {
    RunResult.SUCCEEDED: ("succeeded",),
    RunResult.FAILED: ("failed",),
    RunResult.HEALED: ("succeeded", "healed"),
    RunResult.MISSED: ("missed",),
    RunResult.STOPPED: (),
}


class PastRuns(Struct, frozen=True):
    """Both are packed: the latest runs, oldest first, and the counts of the latest days."""

    latest: str = ""
    days: str = ""

    @classmethod
    def of(cls, runs: Iterable[PastRun]) -> "PastRuns":
        """Those of runs that started in different minutes, in any order."""
        ordered = sorted(map(_to_the_minute, runs), key=lambda each: each.at)
        days: dict[int, DayCount] = {}
        for run in ordered:
            day = _day(run.at)
            days[day] = days.get(day, DayCount(day)).changed(run.result, 1)
        return cls("".join(map(_packed, ordered[-MOST:])), _packed_days(days) if days else "")

    @property
    def runs(self) -> tuple[PastRun, ...]:
        return _runs(self.latest)

    def counts(self, now: datetime, days: int = DAYS) -> Sequence[DayCount]:
        """Those of the last 28 days, or of fewer; today is one of them."""
        first = _day(now) - days + 1
        return [each for each in _unpacked_days(self.days).values() if each.day >= first]

    def between(self, first: date, last: date) -> Sequence[DayCount]:
        """Those of these days and of all between, as far as they are kept."""
        return [each for each in _unpacked_days(self.days).values() if first <= each.date <= last]

    def with_run(self, run: PastRun) -> "PastRuns":
        """With a run; those of the same minute are one, with the worst result.

        A run that was created before all that are kept is left out.
        """
        runs = {each.at: each for each in self.runs}
        run = _to_the_minute(run)
        known = runs.get(run.at)
        if known is None and len(runs) == MOST and run.at < min(runs):
            return self
        new = _worse(known, run) if known else run
        return self._with(runs, known, new)

    def changed(self, old: PastRun, new: PastRun) -> "PastRuns":
        """With ``new`` in place of ``old``, which is one of :attr:`runs`; both have the same start."""
        return self._with({each.at: each for each in self.runs}, old, new)

    def _with(self, runs: dict[datetime, PastRun], known: PastRun | None, new: PastRun) -> "PastRuns":
        runs[new.at] = new
        latest = "".join(_packed(runs[at]) for at in sorted(runs)[-MOST:])
        return PastRuns(latest, self._counted(known, new))

    def _counted(self, known: PastRun | None, new: PastRun) -> str:
        day = _day(new.at)
        days = dict(_unpacked_days(self.days))
        of_day = days.get(day, DayCount(day))
        if known:
            of_day = of_day.changed(known.result, -1)
        days[day] = of_day.changed(new.result, 1)
        return _packed_days(days)


@lru_cache(maxsize=2048)
def _runs(text: str) -> tuple[PastRun, ...]:
    """The board asks several times for those of each job."""
    return tuple(_unpacked(*found.groups()) for found in _RUN.finditer(text))


def _worse(known: PastRun, other: PastRun) -> PastRun:
    """A run that is known to have healed stays healed: its failure is reported again."""
    if known.result is RunResult.HEALED and other.result is RunResult.FAILED:
        return known
    return min(other, known, key=lambda each: _WORST.index(each.result))


def _to_the_minute(run: PastRun) -> PastRun:
    at = run.at.astimezone(UTC).replace(second=0, microsecond=0)
    return PastRun(at, run.result, run.seconds, run.healed_after, run.in_deploy)


def _packed(run: PastRun) -> str:
    letter = run.result.value.upper() if run.in_deploy else run.result.value
    start = _number(int((run.at - _EPOCH) / timedelta(minutes=1)), 4)
    healed = f"+{_length(run.healed_after)}" if run.healed_after is not None else ""
    return f"{start}{letter}{_length(run.seconds)}{healed}"


def _unpacked(start: str, letter: str, took: str, healed: str | None) -> PastRun:
    at = _EPOCH + timedelta(minutes=_value(start))
    healed_after = _seconds(healed) if healed else None
    return PastRun(at, _RESULTS[letter.lower()], _seconds(took), healed_after, letter.isupper())


def _packed_days(days: Mapping[int, DayCount]) -> str:
    first = max(min(days), max(days) - KEPT + 1)
    counts = (_packed_day(days.get(day, DayCount(day))) for day in range(first, max(days) + 1))
    return f"{_number(first, _FIRST_DAY)}{''.join(counts)}"


def _packed_day(count: DayCount) -> str:
    others = "".join(_number(each, 2) for each in (count.failed, count.missed, count.healed))
    return _number(count.succeeded, 2) + (f".{others}" if others.strip("0") else "")


def _unpacked_days(text: str) -> Mapping[int, DayCount]:
    first = _value(text[:_FIRST_DAY])
    found = enumerate(_COUNT.finditer(text, _FIRST_DAY), first)
    return {day: DayCount(day, *(_value(each or "") for each in counts.groups())) for day, counts in found}


def _day(at: datetime) -> int:
    return (at - _EPOCH).days


def _length(seconds: int | None) -> str:
    if seconds is None:
        return _UNKNOWN
    if seconds < _MINUTES:
        return _number(max(0, seconds), 2)
    return _number(min(_MINUTES + seconds // 60, _BASE**2 - 1), 2)


def _seconds(text: str) -> int | None:
    if text == _UNKNOWN:
        return None
    number = _value(text)
    return number if number < _MINUTES else (number - _MINUTES) * 60


def _number(value: int, digits: int) -> str:
    return "".join(_DIGITS[value // _BASE**place % _BASE] for place in range(digits - 1, -1, -1))


def _value(text: str) -> int:
    value = 0
    for each in text:
        value = value * _BASE + _VALUES[each]
    return value
