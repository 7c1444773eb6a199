"""Dates and times as every command takes them: ``2026-12-01 09:00``, ``2026-12-01T08:00Z``, ``8h``."""

import re
from datetime import UTC, datetime, timedelta

from cronmend.errors import Permanent

_DURATION = re.compile(r"(\d{1,4})\s*(m|h|d)")
_UNIT = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def parse_until(text: str, now: datetime, option: str = "--until") -> datetime:
    """A date and time (in UTC if it names no time zone), or a duration from now: ``30m``, ``8h``, ``2d``.

    Raises:
        Permanent: neither of them.
    """
    return _parsed(option, text, now, 1)


def parse_since(option: str, text: str, now: datetime) -> datetime:
    """The same for a time in the past: ``8h`` is eight hours ago."""
    return _parsed(option, text, now, -1)


def _parsed(option: str, text: str, now: datetime, sign: int) -> datetime:
    try:
        if duration := _DURATION.fullmatch(text.strip()):
            return now + sign * int(duration[1]) * _UNIT[duration[2]]
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        remedy = "Use a date such as 2026-12-01T08:00Z or a duration such as 8h"
        raise Permanent(f"{option}: {text!r} is not a date or duration. {remedy}.") from error
