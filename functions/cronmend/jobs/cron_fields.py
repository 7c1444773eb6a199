"""The fields of an AWS cron expression → the numbers and days they mean.

Grammar: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based. It is closer to
Quartz than to Unix: 1 is Sunday, one of the two day fields must be ``?``, and ``L``, ``W`` and ``#`` exist.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol

from msgspec import Struct, field


class Mistake(Struct, frozen=True):
    """A mistake in an expression: the field, its value, the problem and the remedy."""

    field: str
    value: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field} {self.value!r}: {self.problem}; {self.remedy}"


class Field(Struct, frozen=True):
    name: str
    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)
    hint: str = ""

    @property
    def allowed(self) -> str:
        words = tuple(self.names)
        return f"{self.low}-{self.high}" + (f" or {words[0]}-{words[-1]}" if words else "")


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

MINUTES = Field("minutes", 0, 59)
HOURS = Field("hours", 0, 23, hint="midnight is 0")
DAY_OF_MONTH = Field("day-of-month", 1, 31, hint="the last day of a month is L")
MONTH = Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)})
DAY_OF_WEEK = Field("day-of-week", 1, 7, {name: number for number, name in enumerate(_DAYS, 1)}, "Sunday is 1")
YEAR = Field("year", 1970, 2199)
FIELDS = (MINUTES, HOURS, DAY_OF_MONTH, MONTH, DAY_OF_WEEK, YEAR)

_ITEM = re.compile(r"(?P<low>\*|[0-9A-Z]+)(?:-(?P<high>[0-9A-Z]+))?(?:/(?P<step>[0-9]+))?", re.ASCII)
_LAST_WEEKDAY = re.compile(rf"(?P<day>[0-9]+|{'|'.join(_DAYS)})L", re.ASCII)


class Days(Protocol):
    """The days of a month that a pair of day fields selects."""

    def of(self, year: int, month: int) -> tuple[int, ...]: ...


class DaysOfMonth(Struct, frozen=True):
    days: tuple[int, ...]

    def of(self, year: int, month: int) -> tuple[int, ...]:
        length = _length(year, month)
        return tuple(day for day in self.days if day <= length)


class LastDayOfMonth(Struct, frozen=True):
    def of(self, year: int, month: int) -> tuple[int, ...]:
        return (_length(year, month),)


class NearestWeekday(Struct, frozen=True):
    """``15W``: the weekday nearest to the 15th, in the same month; none if the month lacks that day."""

    day: int

    def of(self, year: int, month: int) -> tuple[int, ...]:
        last = _length(year, month)
        if self.day > last:
            return ()
        match _weekday(year, month, self.day):
            case 7:
                return (self.day - 1 if self.day > 1 else self.day + 2,)
            case 1:
                return (self.day + 1 if self.day < last else self.day - 2,)
        return (self.day,)


class DaysOfWeek(Struct, frozen=True):
    weekdays: tuple[int, ...]

    def of(self, year: int, month: int) -> tuple[int, ...]:
        first = _weekday(year, month, 1)
        return tuple(day for day in range(1, _length(year, month) + 1) if (first + day - 2) % 7 + 1 in self.weekdays)


class LastWeekday(Struct, frozen=True):
    """``6L``: the last Friday of the month."""

    weekday: int

    def of(self, year: int, month: int) -> tuple[int, ...]:
        return DaysOfWeek((self.weekday,)).of(year, month)[-1:]


class NthWeekday(Struct, frozen=True):
    """``3#2``: the second Tuesday; none if the month has no such day."""

    weekday: int
    nth: int

    def of(self, year: int, month: int) -> tuple[int, ...]:
        return DaysOfWeek((self.weekday,)).of(year, month)[self.nth - 1 : self.nth]


def numbers(spec: Field, text: str, mistakes: list[Mistake]) -> tuple[int, ...]:
    """The values of a field of plain items (``*``, ``5``, ``1-5``, ``0/15``, lists of them)."""
    found = {number for item in text.split(",") for number in _item(spec, item, mistakes)}
    return tuple(sorted(found))


def days(month_text: str, week_text: str, mistakes: list[Mistake]) -> Days:
    if (month_text == "?") == (week_text == "?"):
        both = f"{month_text} and {week_text}"
        problem = "exactly one of day-of-month and day-of-week must be ?"
        remedy = (
            "write * in one of them and ? in the other"
            if month_text == "?"
            else f"write ? for the one that does not matter, such as '{_which(month_text, week_text)}'"
        )
        mistakes.append(Mistake("day-of-month and day-of-week", both, problem, remedy))
    if week_text != "?":
        chosen = _days_of_week(week_text, mistakes)
        if month_text not in ("?", "*"):
            _days_of_month(month_text, mistakes)
        return chosen
    return _days_of_month(month_text, mistakes) if month_text != "?" else DaysOfMonth(())


def _which(month_text: str, week_text: str) -> str:
    return f"{month_text} * ?" if week_text == "*" else f"? * {week_text}"


def _days_of_month(text: str, mistakes: list[Mistake]) -> Days:
    if text == "L":
        return LastDayOfMonth()
    if text.endswith("W") and text[:-1].isdigit():
        return NearestWeekday(_number(DAY_OF_MONTH, text[:-1], text, mistakes) or 1)
    if "L" in text or "W" in text:
        remedy = "write L alone for the last day, or one day followed by W (15W) for the weekday nearest to it"
        mistakes.append(Mistake(DAY_OF_MONTH.name, text, "L and W can't be combined with anything else", remedy))
        return DaysOfMonth(())
    return DaysOfMonth(numbers(DAY_OF_MONTH, text, mistakes))


def _days_of_week(text: str, mistakes: list[Mistake]) -> Days:
    if text == "L":
        return DaysOfWeek((7,))
    if text.count("#"):
        return _nth_weekday(text, mistakes)
    if last := _LAST_WEEKDAY.fullmatch(text):
        return LastWeekday(_number(DAY_OF_WEEK, last["day"], text, mistakes) or 1)
    if any(part == "L" or _LAST_WEEKDAY.fullmatch(part) for part in re.split("[,/-]", text)):
        remedy = "write one day followed by L alone, such as 6L for the last Friday of the month"
        mistakes.append(Mistake(DAY_OF_WEEK.name, text, "L can't be combined with a list or a range", remedy))
        return DaysOfWeek(())
    return DaysOfWeek(numbers(DAY_OF_WEEK, text, mistakes))


def _nth_weekday(text: str, mistakes: list[Mistake]) -> Days:
    day, _, nth = text.partition("#")
    if nth not in ("1", "2", "3", "4", "5"):
        remedy = "write one day, # and 1-5, such as 3#2 for the second Tuesday; for two of them, define two jobs"
        mistakes.append(Mistake(DAY_OF_WEEK.name, text, "only one # with a number from 1 to 5 is allowed", remedy))
        return DaysOfWeek(())
    return NthWeekday(_number(DAY_OF_WEEK, day, text, mistakes) or 1, int(nth))


def _item(spec: Field, item: str, mistakes: list[Mistake]) -> Iterable[int]:
    match = _ITEM.fullmatch(item)
    if not match or (match["low"] == "*" and match["high"]):
        mistakes.append(Mistake(spec.name, item, *_unreadable(spec, item)))
        return range(0)
    low = spec.low if match["low"] == "*" else _number(spec, match["low"], item, mistakes)
    high = _number(spec, match["high"], item, mistakes) if match["high"] else low
    if match["low"] == "*" or (match["step"] and not match["high"]):
        high = spec.high
    if low is None or high is None:
        return range(0)
    step = _step(spec, match["step"], item, mistakes)
    if low > high:
        return _wrapped(spec, item, range(low, high + spec.high - spec.low + 2, step), mistakes)
    return range(low, high + 1, step)


def _wrapped(spec: Field, item: str, numbers: range, mistakes: list[Mistake]) -> Iterable[int]:
    """``20-2`` and ``SAT-SUN`` continue at the field's start, as in AWS's own examples; no year follows the last one.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    if spec is YEAR:
        mistakes.append(Mistake(spec.name, item, "the range runs backwards", "write the earlier year first"))
        return ()
    return (spec.low + (number - spec.low) % (spec.high - spec.low + 1) for number in numbers)


def _step(spec: Field, text: str | None, item: str, mistakes: list[Mistake]) -> int:
    step = int(text[:6]) if text else 1
    if step < 1 or step > spec.high - spec.low:
        remedy = f"write a step from 1 to {spec.high - spec.low}; for a longer interval, use rate(…)"
        mistakes.append(Mistake(spec.name, item, f"a step of {text} is outside the field's range", remedy))
        return 1
    return step


def _number(spec: Field, text: str, item: str, mistakes: list[Mistake]) -> int | None:
    number = spec.names.get(text, int(text) if text.isdigit() and len(text) <= 4 else None)
    if number is not None and spec.low <= number <= spec.high:
        return number
    remedy = f"write {spec.allowed}" + (f" ({spec.hint})" if spec.hint else "")
    mistakes.append(Mistake(spec.name, item, f"{text} is outside {spec.allowed}", remedy))
    return None


def _unreadable(spec: Field, item: str) -> tuple[str, str]:
    if item == "?":
        return "? is allowed only in day-of-month and day-of-week", "write * here"
    if not item:
        return "an empty item", f"remove the extra comma, or write {spec.allowed}"
    if item.startswith("/"):
        return "a step needs a start", f"write {spec.low}{item}"
    return "not a value, range or step", f"write {spec.allowed}, a range such as 1-5, a step such as 0/15, or *"


def _length(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def _weekday(year: int, month: int, day: int) -> int:
    """1 = Sunday, as AWS counts."""
    return date(year, month, day).isoweekday() % 7 + 1
