"""A log's tail as plain lines, bounded: the input of all readers of errors."""

from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Final

from msgspec import Struct

from cronmend import escapes
from cronmend.diagnosis.fatal_error import envelopes, json_lines
from cronmend.diagnosis.fatal_error.signs import TOGETHER, Signs
from cronmend.model import Log

MAX_LINES: Final = 2_000
"""Counted from the end of the log, since the last error decides."""
MAX_CHARS: Final = 256 * 1024
MAX_ENVELOPES: Final = 3
"""How many envelopes inside one another are removed."""
MAX_LINE: Final = 16 * 1024
"""A longer line keeps its start and its end: the type comes first, the message of a wrapper last."""


class Lines(Struct, frozen=True):
    """Physical lines, the index of each line's log event, all lines as one text, and what it has signs of."""

    text: list[str]
    origin: Sequence[int]
    whole: str
    signs: Signs

    def __len__(self) -> int:
        return len(self.text)


def read(log: Log) -> Lines:
    """The last lines of the log, without envelopes, colors and overwritten progress bars, with JSON errors unfolded."""
    start, events, whole = _tail(log)
    bare, signs = _unwrapped(events)
    if bare is not events:
        events, whole = bare, "\n".join(bare)
    if escapes.may_be_in(whole) or "\r" in whole or "\n" in "".join(events):
        unfolded = {index: _physical(event) for index, event in enumerate(events)}
    elif json_lines.may_be_in(whole):
        objects = [index for index, event in enumerate(events) if event.endswith("}")]
        unfolded = {index: parts for index in objects if (parts := _of_json(events[index]))}
    else:
        unfolded = {}
    if unfolded:
        return _put_together(events, start, unfolded)
    return Lines(events, range(start, start + len(events)), whole, signs)


def _unwrapped(events: list[str]) -> tuple[list[str], Signs]:
    """The events without envelopes, and their signs. A collector may have wrapped what another one had."""
    signs = Signs(events)
    for _ in range(MAX_ENVELOPES):
        bare = envelopes.removed(events, signs.hides_blocks)
        if bare is events:
            break
        events, signs = bare, Signs(bare)
    return events, signs


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
    return Lines(text, origin, "\n".join(text), Signs(text))


def _tail(log: Log) -> tuple[int, list[str], str]:
    """The index of the first event within the bounds, the events from there, and them as one text."""
    start = max(0, len(log) - MAX_LINES)
    events = list(log[start:])
    whole = "\n".join(events)
    if len(whole) < MAX_CHARS and not _has_long_event(events, whole):
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


def _has_long_event(events: list[str], whole: str) -> bool:
    """Whether an event is too long; most logs are short even as a whole, and most events even with many others."""
    if len(whole) <= MAX_LINE:
        return False
    together = batched(events, TOGETHER, strict=False)
    return any(len("".join(some)) > MAX_LINE and max(map(len, some)) > MAX_LINE for some in together)


def _shortened(event: str) -> str:
    return f"{event[: MAX_LINE // 2]} … {event[-MAX_LINE // 2 :]}"


def _plain(text: str) -> str:
    """Remove escape sequences, and text that a carriage return overwrote."""
    text = escapes.without(text)
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return text
