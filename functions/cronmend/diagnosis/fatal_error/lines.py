"""A log's tail as plain lines, bounded: the input of all readers of errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cronmend import escapes
from cronmend.diagnosis.fatal_error import envelopes, json_lines
from cronmend.model import Log

MAX_LINES: Final = 2_000
"""Counted from the end of the log, since the last error decides."""
MAX_CHARS: Final = 256 * 1024
MAX_ENVELOPES: Final = 3
"""How many envelopes inside one another are removed."""
TOGETHER: Final = 100
"""Lines that are read as one text where one check can rule all of them out."""
MAX_LINE: Final = 16 * 1024
"""A longer line keeps its start and its end: the type comes first, the message of a wrapper last."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Physical lines, the index of each line's log event, and all lines as one text."""

    text: list[str]
    origin: Sequence[int]
    whole: str

    def __len__(self) -> int:
        return len(self.text)


def read(log: Log) -> Lines:
    """The last lines of the log, without envelopes, colors and overwritten progress bars, with JSON errors unfolded."""
    start, events, whole = _tail(log)
    events, whole = _unwrapped(events, whole)
    if escapes.may_be_in(whole) or "\r" in whole or "\n" in "".join(events):
        unfolded = {index: _physical(event) for index, event in enumerate(events)}
    elif json_lines.may_be_in(whole):
        objects = [index for index, event in enumerate(events) if event.endswith("}")]
        unfolded = {index: parts for index in objects if (parts := _of_json(events[index]))}
    else:
        unfolded = {}
    return (
        _put_together(events, start, unfolded) if unfolded else Lines(events, range(start, start + len(events)), whole)
    )


def _unwrapped(events: list[str], whole: str) -> tuple[list[str], str]:
    """The events without envelopes, and them as one text. A collector may have wrapped what another one had."""
    for _ in range(MAX_ENVELOPES):
        bare = envelopes.removed(events, whole)
        if bare is events:
            break
        events, whole = bare, "\n".join(bare)
    return events, whole


def _physical(event: str) -> list[str]:
    return _of_json(event) or _plain(event).split("\n")


def _of_json(event: str) -> list[str]:
    """The lines that a JSON error unfolds to; empty if the event is not one."""
    parts = json_lines.unfold(event) if event.endswith("}") else None
    return _plain("\n".join(parts)).split("\n") if parts else []


def _put_together(events: list[str], start: int, unfolded: Mapping[int, list[str]]) -> Lines:
    text: list[str] = []
    origin: list[int] = []
    done = 0
    for index, parts in unfolded.items():
        text += events[done:index] + parts
        origin += [*range(start + done, start + index), *[start + index] * len(parts)]
        done = index + 1
    text, origin = (
        (text + events[done:])[-MAX_LINES:],
        [*origin, *range(start + done, start + len(events))][-MAX_LINES:],
    )
    return Lines(text, origin, "\n".join(text))


def _tail(log: Log) -> tuple[int, list[str], str]:
    """The index of the first event within the bounds, the events from there, and them as one text."""
    start = max(0, len(log) - MAX_LINES)
    events = list(log[start:])
    whole = "\n".join(events)
    if len(whole) < MAX_CHARS and not _has_long_event(events):
        return start, events, whole
    left = MAX_CHARS
    first = len(log)
    for index in range(len(log) - 1, start - 1, -1):
        left -= min(len(log[index]), MAX_LINE) + 1
        if left < 0:
            break
        first = index
    events = [event if len(event) <= MAX_LINE else _shortened(event) for event in log[first:]]
    return first, events, "\n".join(events)


def _has_long_event(events: list[str]) -> bool:
    """Whether an event is too long; most are short even when many are taken together."""
    together = (events[first : first + TOGETHER] for first in range(0, len(events), TOGETHER))
    return any(len("".join(some)) > MAX_LINE and max(map(len, some)) > MAX_LINE for some in together)


def _shortened(event: str) -> str:
    return f"{event[: MAX_LINE // 2]} … {event[-MAX_LINE // 2 :]}"


def _plain(text: str) -> str:
    """Remove escape sequences, and text that a carriage return overwrote."""
    text = escapes.without(text)
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return text
