"""How long something is to last, as people write it."""

import re
from datetime import UTC, datetime, timedelta

from cli.on_call.stack import PeopleError

_SPAN = re.compile(r"(\d{1,4})\s*(m|h|d)")
_UNIT = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def until(text: str, now: datetime) -> datetime:
    """A moment, in UTC where no zone is given, or a time from now on: ``30m``, ``8h``, ``2d``.

    Raises:
        PeopleError: it is neither.
    """
    if span := _SPAN.fullmatch(text.strip()):
        return now + int(span[1]) * _UNIT[span[2]]
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise PeopleError(f"--until {text}: write a moment such as 2026-12-01T08:00Z, or a time such as 8h") from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
