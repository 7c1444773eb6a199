"""The block that rufus-scheduler prints for a job's error, with a number before each line, as Ruby prints an error."""

import re
from typing import Final

_LINE: Final = re.compile(r"^ {2}(\d{3,}) {1,9}\S")
_TITLE: Final = " rufus-scheduler intercepted an error:"
_BEFORE: Final = 5
"""How many spaces stand between the number and the type or message of the error."""
MOST: Final = 400
"""How many lines above its last one a block may start."""


def removed(events: list[str], ends: list[str]) -> list[str]:
    """The events with such a block as Ruby's error and frames; the list itself if none of ``ends`` is part of one."""
    for back, event in enumerate(reversed(ends)):
        if match := _LINE.match(event):
            last = len(events) - 1 - back
            first = _first(events, last, match[1])
            return events if first is None else _as_ruby(events, first, last, f"  {match[1]}")
    return events


def _first(events: list[str], last: int, number: str) -> int | None:
    title = f"{number}{_TITLE}"
    places = range(last - 1, max(-1, last - MOST), -1)
    return next((place for place in places if events[place].rstrip().endswith(title)), None)


def _as_ruby(events: list[str], first: int, last: int, prefix: str) -> list[str]:
    parts = [event.removeprefix(prefix) for event in events[first + 1 : last + 1]]
    error = next((place for place, part in enumerate(parts) if part.strip() == "error:"), None)
    if error is None:
        return events
    end = next((place for place, part in enumerate(parts) if part.strip() == "tz:"), len(parts))
    said = [place for place in range(error + 2, end) if _depth(parts[place]) == _BEFORE]
    if not said:
        return events
    told = ": ".join(parts[place].strip() for place in said)
    frames = {place: f"\tfrom {parts[place].strip()}" for place in range(said[-1] + 1, end)}
    block = [told if place == said[0] else frames.get(place, "") for place in range(len(parts))]
    return [*events[: first + 1], *block, *events[last + 1 :]]


def _depth(part: str) -> int:
    return len(part) - len(part.lstrip(" "))
