"""Times as people say them. Pure."""

from datetime import datetime, timedelta


def span(length: timedelta) -> str:
    """40 s, 12 min, 3 h, 2 days: the largest unit of which there are at least two."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def clock(moment: datetime) -> str:
    """A moment of today, in UTC."""
    return f"{moment:%H:%M} UTC"
