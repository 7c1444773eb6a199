"""Times and numbers as people read them. Pure."""

from datetime import UTC, datetime, timedelta


def span(length: timedelta) -> str:
    """40 s, 12 min, 3 h, 2 days: the largest unit of which there are at least two."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def clock(at: datetime) -> str:
    """The time of day in UTC, for a reader who knows the date; a slot is in the zone of its schedule."""
    return f"{at.astimezone(UTC):%H:%M} UTC"


def moment(at: datetime, seen_from: datetime) -> str:
    """A time in UTC, with its date if that is not the reader's."""
    at, seen_from = at.astimezone(UTC), seen_from.astimezone(UTC)
    return clock(at) if at.date() == seen_from.date() else f"{at:%Y-%m-%d} {clock(at)}"


def times(number: int, what: str) -> str:
    """1 re-run, 2 re-runs."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def nth_run(number: int, most: int) -> str:
    """run 2 of 4: the first re-run. A run beyond ``most``, such as one that a person requested, has no "of"."""
    return f"run {number} of {most}" if 1 < most >= number else f"run {number}"


def sentence(clause: str) -> str:
    """The clause with a capital letter and a full stop; ``""`` stays empty."""
    return f"{clause[:1].upper()}{clause[1:]}." if clause else ""


def short_digest(digest: str) -> str:
    """The first twelve characters of an image's digest, as registries and tools show it."""
    return digest.removeprefix("sha256:")[:12]
