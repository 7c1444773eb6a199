"""A crontab's five fields, nickname or ``@every`` → an AWS expression with the same slots.

The two differ in three ways: Unix counts Sunday as 0 (or 7), AWS as 1; AWS needs ``?`` in one of the day fields; and
if both day fields are restricted, Unix runs on either, which one AWS expression can't express.
"""

import re

from cronmend.jobs.cron import CronError, parse
from cronmend.jobs.cron_fields import Mistake

_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_EVERY = re.compile(r"@every\s+(?P<length>(?:\d+(?:h|m|s))+)", re.ASCII)
_SECONDS = {"h": 3600, "m": 60, "s": 1}
_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60))
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_WEEKDAY = r"(?:[0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)"
_WEEK_ITEM = re.compile(rf"(?:\*|(?P<low>{_WEEKDAY})(?:-(?P<high>{_WEEKDAY}))?)(?:/(?P<step>[1-7]))?", re.ASCII)


def is_unix(expression: str) -> bool:
    text = expression.strip()
    return text.startswith("@") or ("(" not in text and len(text.split()) == 5)


def translated(expression: str) -> str:
    """The canonical AWS expression of a crontab's fields or of an AWS expression.

    Raises:
        CronError: not an expression, or one without an AWS equivalent.
    """
    return parse(_from_unix(expression.strip()) if is_unix(expression) else expression).expression


def why_not(error: CronError) -> str:
    """Why an expression can't be translated, as a clause, for a message that shows the expression itself."""
    return "; ".join(f"{mistake.problem}; {mistake.remedy}" for mistake in error.mistakes)


def _every(text: str) -> str:
    """``@every 1h30m``, as in Go's cron libraries, as a rate."""
    match = _EVERY.fullmatch(text.lower())
    length = sum(int(n) * _SECONDS[unit] for n, unit in re.findall(r"(\d+)([hms])", match["length"])) if match else 0
    unit, seconds = next((each for each in _UNITS if length and length % each[1] == 0), ("", 1))
    if not unit:
        remedy = "write rate(…) with whole minutes, hours or days, such as rate(5 hours)"
        raise CronError(Mistake("schedule", text, "is not a whole number of minutes", remedy))
    number = length // seconds
    return f"rate({number} {unit}{'' if number == 1 else 's'})"


def _from_unix(text: str) -> str:
    if text.lower().startswith("@every"):
        return _every(text)
    if text.startswith("@") and text.lower() not in _NICKNAMES:
        remedy = f"write cron(…), or one of {', '.join(_NICKNAMES)}"
        raise CronError(Mistake("schedule", text, "has no AWS equivalent", remedy))
    minutes, hours, month_day, month, week_day = _NICKNAMES.get(text.lower(), text).split()
    if month_day == "?" or week_day == "?":
        return f"cron({minutes} {hours} {month_day} {month} {week_day} *)"
    if week_day == "*":
        return f"cron({minutes} {hours} {month_day} {month} ? *)"
    if month_day != "*":
        problem = "restricts both day fields, and Unix runs on either"
        parts = f"'{minutes} {hours} {month_day} {month} *' and '{minutes} {hours} * {month} {week_day}'"
        raise CronError(Mistake("schedule", text, problem, f"make two jobs: {parts}"))
    return f"cron({minutes} {hours} ? {month} {_week(week_day)} *)"


def _week(text: str) -> str:
    days = sorted({day for item in text.upper().split(",") for day in _week_item(item, text)})
    if len(days) == 7:
        return "*"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{_DAYS[days[0]]}-{_DAYS[days[-1]]}"
    return ",".join(_DAYS[day] for day in days)


def _week_item(item: str, text: str) -> set[int]:
    match = _WEEK_ITEM.fullmatch(item)
    if not match:
        remedy = "write days from 0 (Sunday) to 6 or their names; for L and #, use AWS's cron(…)"
        raise CronError(Mistake("day-of-week", text, f"{item} is not a day of the week in a crontab", remedy))
    low = _number(match["low"]) if match["low"] else 0
    high = _number(match["high"] or match["low"]) if match["low"] and (match["high"] or not match["step"]) else 6
    if low > high:
        remedy = f"write {match['low']}-6,0-{match['high']}"
        raise CronError(Mistake("day-of-week", text, f"{item} runs backwards", remedy))
    return {day % 7 for day in range(low, high + 1, int(match["step"] or 1))}


def _number(day: str) -> int:
    return int(day) if day.isdigit() else _DAYS.index(day)
