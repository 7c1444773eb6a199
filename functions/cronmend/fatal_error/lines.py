"""A log's tail as plain lines, bounded: what every reader of errors starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import re2

from cronmend.fatal_error import json_lines
from cronmend.model import Log

MAX_LINES: Final = 2_000
"""Of the log's end; what decides is there, and the last error wins anyway."""
MAX_CHARS: Final = 256 * 1024
MAX_LINE: Final = 16 * 1024
"""A longer line keeps its beginning and its end: the type stands first, the message of a wrapper last."""

_ESCAPES = re2.compile(r"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[()][A-Z0-9]|[=>A-Z])")


@dataclass(frozen=True, slots=True)
class Lines:
    """Physical lines, for each the index of the log event it came from, and all of them as one text."""

    text: list[str]
    origin: Sequence[int]
    whole: str

    def __len__(self) -> int:
        return len(self.text)


def read(log: Log) -> Lines:
    """The last lines of the log, without colours and overwritten progress bars, JSON errors unfolded."""
    start, events = _tail(log)
    whole = "\n".join(events)
    plain = _plain(whole)
    if plain is whole and whole.count("\n") == len(events) - 1 and not json_lines.may_be_in(whole):
        return Lines(events, range(start, start + len(events)), whole)
    return _unfolded(events, start)


def _unfolded(events: list[str], start: int) -> Lines:
    text: list[str] = []
    origin: list[int] = []
    for index, event in enumerate(events, start):
        parts = json_lines.unfold(event) if event.endswith("}") else None
        if not parts and not any(letter in event for letter in "\n\r\x1b"):
            text.append(event)
            origin.append(index)
            continue
        physical = _plain("\n".join(parts) if parts else event).split("\n")
        text += physical
        origin += [index] * len(physical)
    text, origin = text[-MAX_LINES:], origin[-MAX_LINES:]
    return Lines(text, origin, "\n".join(text))


def _tail(log: Log) -> tuple[int, list[str]]:
    """The events within the bounds, and the index of the first of them."""
    if len(log) <= MAX_LINES and sum(map(len, log)) <= MAX_LINE:
        return 0, list(log)
    left = MAX_CHARS
    first = len(log)
    for index in range(len(log) - 1, max(-1, len(log) - 1 - MAX_LINES), -1):
        left -= min(len(log[index]), MAX_LINE) + 1
        if left < 0:
            break
        first = index
    return first, [event if len(event) <= MAX_LINE else _shortened(event) for event in log[first:]]


def _shortened(event: str) -> str:
    return f"{event[: MAX_LINE // 2]} … {event[-MAX_LINE // 2 :]}"


def _plain(text: str) -> str:
    """Without escape sequences; of what a carriage return overwrote only the last state stays."""
    if "\x1b" in text:
        text = str(_ESCAPES.sub("", text))
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return text
