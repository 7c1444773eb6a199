"""A log's events as the lines that people read: a traceback or a JSON record in one event is several. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from cronmend.diagnosis.fatal_error import envelopes, json_lines

LONG_RECORD: Final = 240
"""Characters of a JSON record from which on its error is shown instead: it is cut before it has said what happened."""


def of(events: Sequence[str], start: int) -> tuple[Sequence[str], Sequence[int]]:
    """The lines with their events' indexes; ``start`` is the first event's."""
    whole = "".join(events)
    if "{" in whole:
        events = [_readable(event) if "{" in event else event for event in events]
        whole = "".join(events)
    if "\n" not in whole:
        return events, range(start, start + len(events))
    both = [(part, number) for number, text in enumerate(events, start=start) for part in text.split("\n")]
    return [part for part, _ in both], [number for _, number in both]


def of_event(events: Sequence[int], number: int) -> Sequence[int]:
    """The indexes of an event's lines; empty if it isn't among these."""
    return range(bisect_left(events, number), bisect_right(events, number))


def _readable(event: str) -> str:
    """An event without a collector's JSON around it; a long record that reports an error as a runtime would."""
    event = envelopes.without_object(event)
    said = json_lines.unfold(event) if len(event) > LONG_RECORD and event.endswith("}") else None
    return "\n".join(said) if said else event
