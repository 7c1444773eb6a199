"""A second opinion on cron slots: random expressions built with their meaning, checked minute by minute.

Nothing here is shared with the code under test. `python -m tests.jobs.cron_oracle 2000` compares that many expressions.
"""

import sys
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from cronmend.jobs.cron import parse

ZONES = ("UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca")
NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Meant:
    """An expression and what it means, built side by side."""

    text: str
    minutes: set[int]
    hours: set[int]
    day: Callable[[date], bool]


def random_meant(random: Random, year: int) -> Meant:
    minute_text, minutes = _field(random, 0, 59)
    hour_text, hours = _field(random, 0, 23)
    month_text, months = _field(random, 1, 12)
    year_text, years = random.choice([("*", None), (f"{year}-{year + 1}", {year, year + 1}), (str(year), {year})])
    month_day, week_day, of_day = _days(random)

    def day(moment: date) -> bool:
        return (years is None or moment.year in years) and moment.month in months and of_day(moment)

    return Meant(
        f"cron({minute_text} {hour_text} {month_day} {month_text} {week_day} {year_text})", minutes, hours, day
    )


def minutes_walked(meant: Meant, zone: str, first: datetime, last: datetime) -> Iterator[datetime]:
    """Every minute after ``first`` up to ``last`` that matches on the local clock, at its first occurrence."""
    local = ZoneInfo(zone)
    moment = first.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
    while moment <= last:
        here = moment.astimezone(local)
        if not meant.day(here.date()) and here.minute == 0 and here.hour < 22:
            moment += timedelta(hours=1)
            continue
        if here.minute in meant.minutes and here.hour in meant.hours and not here.fold and meant.day(here.date()):
            yield moment
        moment += MINUTE


def _field(random: Random, low: int, high: int) -> tuple[str, set[int]]:
    def one() -> int:
        return random.randint(low, high)

    def walked(first: int, last: int, step: int) -> set[int]:
        """Every so many values from the first to the last; past the field's end, it continues at its start."""
        found, number = [first], first
        while number != last:
            number = low if number == high else number + 1
            found.append(number)
        return set(found[::step])

    match random.choice(("star", "value", "list", "range", "step", "range step")):
        case "star":
            return "*", set(range(low, high + 1))
        case "value":
            value = one()
            return str(value), {value}
        case "list":
            values = {one() for _ in range(3)}
            return ",".join(map(str, sorted(values))), values
        case "range":
            first, last = one(), one()
            return f"{first}-{last}", walked(first, last, 1)
        case "step":
            first, step = one(), random.randint(1, high - low)
            return f"{first}/{step}", set(range(first, high + 1, step))
        case _:
            first, last, step = one(), one(), random.randint(1, high - low)
            return f"{first}-{last}/{step}", walked(first, last, step)


def _days(random: Random) -> tuple[str, str, Callable[[date], bool]]:
    weekday, nth, number = random.randint(0, 6), random.randint(1, 5), random.randint(1, 31)
    shown = random.choice((NAMES[weekday], str(weekday + 1)))
    text, numbers = _field(random, 1, 31)
    match random.choice(("dates", "last", "nearest", "weekdays", "nth", "last weekday")):
        case "dates":
            return text, "?", lambda day: day.day in numbers
        case "last":
            return "L", "?", lambda day: (day + timedelta(days=1)).day == 1
        case "nearest":
            return f"{number}W", "?", lambda day: _is_nearest_weekday(day, number)
        case "weekdays":
            end = random.randint(weekday, 6)
            return "?", f"{shown}-{NAMES[end]}", lambda day: weekday <= _sunday_is_0(day) <= end
        case "nth":
            return "?", f"{shown}#{nth}", lambda day: _sunday_is_0(day) == weekday and (day.day - 1) // 7 + 1 == nth
        case _:
            week = timedelta(days=7)
            return "?", f"{shown}L", lambda day: _sunday_is_0(day) == weekday and (day + week).month != day.month


def _is_nearest_weekday(day: date, number: int) -> bool:
    length = monthrange(day.year, day.month)[1]
    if number > length:
        return False
    working = [each for each in range(1, length + 1) if day.replace(day=each).weekday() < 5]
    return day.day == min(working, key=lambda each: abs(each - number))


def _sunday_is_0(day: date) -> int:
    return (day.weekday() + 1) % 7


def compare(count: int, seed: int) -> int:
    """How many slots of so many random expressions were equal; stops at the first difference."""
    random, slots = Random(seed), 0  # noqa: S311 - test data
    for _ in range(count):
        year, zone = random.randint(2024, 2035), random.choice(ZONES)
        meant = random_meant(random, year)
        first, last = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 31, tzinfo=UTC)
        walked = list(minutes_walked(meant, zone, first, last))
        found = [at.astimezone(UTC) for at in parse(meant.text, zone).between(first, last)]
        assert walked == found, f"{meant.text} {zone} {year}: {len(walked)} minutes match, {len(found)} slots computed"
        slots += len(found)
    return slots


if __name__ == "__main__":
    expressions = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    equal = compare(expressions, seed=20260506)
    sys.stdout.write(f"{expressions} expressions over 13 months in {len(ZONES)} zones: {equal} slots, no difference\n")
