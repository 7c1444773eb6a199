"""A schedule's expression in words: "Every 5 min, 06–22", "Weekdays at 02:15". Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from cronmend.jobs import cron_fields as fields
from cronmend.jobs.cron import At, Cron, CronError, Rate, Schedule, parse

_DAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NTH: Final = ("1st", "2nd", "3rd", "4th", "5th")
_WEEKDAYS: Final = (2, 3, 4, 5, 6)
_MOST_TIMES: Final = 3
_ALL_HOURS: Final = tuple(range(24))


@lru_cache(maxsize=1024)
def in_words(expression: str, timezone: str) -> tuple[str, str]:
    """When the job runs, and on which days and in which zone; the expression itself if words would be no clearer."""
    if not expression:
        return "On events", ""
    try:
        return _of(parse(expression, timezone), timezone.rsplit("/", 1)[-1].replace("_", " "))
    except CronError:
        return expression, ""


def _of(schedule: Schedule, zone: str) -> tuple[str, str]:
    match schedule:
        case Rate():
            return _every(int(schedule.every.total_seconds()) // 60), ""
        case At():
            return f"Once, {schedule.at.day} {schedule.at:%b %Y at %H:%M}", zone
        case Cron():
            return _of_cron(schedule, zone)
        case _:
            return schedule.expression, zone


def _every(minutes: int) -> str:
    for size, unit, one in ((1440, "days", "Daily"), (60, "h", "Hourly")):
        if minutes % size == 0:
            return one if minutes == size else f"Every {minutes // size} {unit}"
    return "Every minute" if minutes == 1 else f"Every {minutes} min"


def _of_cron(cron: Cron, zone: str) -> tuple[str, str]:
    times, days = _times(cron), _days(cron.days)
    if not times or days is None:
        return cron.expression, zone
    months = "" if len(cron.months) == 12 else " ".join(_MONTHS[each - 1] for each in cron.months)
    if times.startswith("at "):
        times, days = f"{days or 'Daily'} {times}", ""
    return times, ", ".join(filter(None, (days, months, zone)))


def _times(cron: Cron) -> str:
    """``""`` if there are too many to be told in words."""
    minutes, hours = cron.minutes, cron.hours
    if len(minutes) * len(hours) <= _MOST_TIMES:
        return f"at {', '.join(f'{hour:02}:{minute:02}' for hour in hours for minute in minutes)}"
    span = _span(hours)
    if len(minutes) == 1 and span is not None:
        return f"Hourly at :{minutes[0]:02}{span}"
    if len(minutes) == 1:
        step = _step(hours, 24)
        return f"Every {step} h at :{minutes[0]:02}" if step else ""
    step = _step(minutes, 60)
    if span is None or not step:
        return ""
    from_ = f" from :{minutes[0]:02}" if minutes[0] else ""
    return f"{_every(step)}{from_}{span}"


def _span(hours: Sequence[int]) -> str | None:
    """``""`` for all hours, ``, 06–22`` for those in a row; None for others."""
    if tuple(hours) == _ALL_HOURS:
        return ""
    in_a_row = tuple(hours) == tuple(range(hours[0], hours[-1] + 1))
    return f", {hours[0]:02}–{hours[-1]:02}" if in_a_row else None


def _step(numbers: Sequence[int], size: int) -> int:
    """The distance between numbers that divide an hour or a day evenly; 0 if they don't."""
    step = size // len(numbers)
    return step if tuple(numbers) == tuple(range(numbers[0], size, step)) and size % len(numbers) == 0 else 0


def _days(days: fields.Days) -> str | None:
    """``""`` for every day; None if words would be no clearer than the expression."""
    match days:
        case fields.DaysOfWeek(weekdays=chosen):
            return _of_week(chosen)
        case fields.DaysOfMonth(days=chosen):
            return _of_month(chosen)
        case _:
            return _last_or_nth(days)


def _of_month(chosen: Sequence[int]) -> str | None:
    if len(chosen) == 31:
        return ""
    return f"Monthly on day {', '.join(map(str, chosen))}" if len(chosen) <= _MOST_TIMES else None


def _last_or_nth(days: fields.Days) -> str | None:
    match days:
        case fields.LastDayOfMonth():
            return "Last day of the month"
        case fields.NthWeekday(weekday=day, nth=nth):
            return f"{_NTH[nth - 1]} {_DAYS[day - 1]} of the month"
        case fields.LastWeekday(weekday=day):
            return f"Last {_DAYS[day - 1]} of the month"
        case _:
            return None


def _of_week(chosen: Sequence[int]) -> str:
    if len(chosen) == 7:
        return ""
    if tuple(chosen) == _WEEKDAYS:
        return "Weekdays"
    weekly = "Weekly, " if len(chosen) == 1 else ""
    return weekly + ", ".join(_DAYS[each - 1] for each in chosen)
