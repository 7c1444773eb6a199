"""The kinds of value in a TOML file: what each accepts, how it reports a wrong value, and its JSON Schema."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Protocol

type Problem = tuple[str, str]
"""What is wrong, and what to write instead; both start lowercase, without a full stop."""
type Schema = dict[str, Any]

_DURATION = re.compile(r"(?P<value>[0-9]+)(?P<unit>[smhd])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Kind(Protocol):
    def problems(self, value: Any) -> Iterator[Problem]: ...

    def schema(self) -> Schema: ...


@dataclass(frozen=True, slots=True)
class Text:
    low: int = 1
    high: int = 1600
    pattern: str = ""
    shape: str = ""
    """The pattern in words, with an example."""

    def problems(self, value: Any) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield f"{shown(value)} is not a string", f'write it in quotes: "{value}"'
        elif not self.low <= len(value) <= self.high:
            yield (
                f"{len(value)} characters, but {self.low} to {self.high} are allowed",
                "shorten it" if value else "write a value, or remove the key",
            )
        elif self.pattern and not re.fullmatch(self.pattern, value, re.ASCII):
            yield f"{value!r} is not {self.shape.partition(',')[0]}", f"write {self.shape}"

    def schema(self) -> Schema:
        limits: Schema = {"type": "string", "minLength": self.low, "maxLength": self.high}
        return limits | ({"pattern": f"^(?:{self.pattern})$"} if self.pattern else {})


@dataclass(frozen=True, slots=True)
class Choice:
    words: tuple[str, ...]
    instead: tuple[tuple[str, str], ...] = ()
    """What to write for a word that belongs elsewhere."""

    def problems(self, value: Any) -> Iterator[Problem]:
        if remedy := next((remedy for word, remedy in self.instead if value == word), ""):
            yield f"{shown(value)} is not one of {', '.join(self.words)}", remedy
        elif value not in self.words:
            near = get_close_matches(str(value).lower(), [word.lower() for word in self.words], n=1)
            likely = [word for word in self.words if near and word.lower() == near[0]] or self.words
            remedy = "write " + " or ".join(f'"{word}"' for word in likely)
            yield f"{shown(value)} is not one of {', '.join(self.words)}", remedy

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Flag:
    on: tuple[str, ...] = ()
    """Words that AWS has for true."""

    def problems(self, value: Any) -> Iterator[Problem]:
        if not isinstance(value, bool):
            word = str(value).lower()
            if word in ("1", "yes", "on", "true", "enabled", *map(str.lower, self.on)):
                likely = "true"
            elif word in ("0", "no", "off", "false", "disabled", "none", ""):
                likely = "false"
            else:
                likely = "true or false"
            yield f"{shown(value)} is not true or false", f"write {likely}, without quotes"

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Count:
    low: int
    high: int

    def problems(self, value: Any) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield f"{shown(value)} is not a whole number", f"write a number from {self.low} to {self.high}"
        elif not self.low <= value <= self.high:
            yield f"{value} is outside {self.low}-{self.high}", f"write a number from {self.low} to {self.high}"

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Duration:
    low: timedelta
    high: timedelta
    step: timedelta = timedelta(seconds=1)

    def problems(self, value: Any) -> Iterator[Problem]:
        allowed = f"{as_duration(self.low)} to {as_duration(self.high)}"
        if not isinstance(value, str) or not _DURATION.fullmatch(value):
            yield f"{shown(value)} is not a duration", f'write a number and s, m, h or d, such as "10m" ({allowed})'
        elif not self.low <= duration(value) <= self.high:
            bound = self.low if duration(value) < self.low else self.high
            yield f"{value} is outside {allowed}", f'write "{as_duration(bound)}", or a value in that range'
        elif duration(value) % self.step:
            yield f"{value} is not a multiple of {as_duration(self.step)}", "write whole minutes"

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^[0-9]+[smhd]$"}


@dataclass(frozen=True, slots=True)
class Strings:
    """A list of strings."""

    item: Kind = Text()
    low: int = 1
    high: int = 1000
    shape: str = "a list of strings"

    def problems(self, value: Any) -> Iterator[Problem]:
        if isinstance(value, str):
            yield "a string, not a list", f"write {as_list(_split(value))}"
        elif not isinstance(value, list):
            yield f"{shown(value)} is not a list", f"write {self.shape}"
        elif not self.low <= len(value) <= self.high:
            yield f"{len(value)} items, but {self.low} to {self.high} are allowed", f"write {self.shape}"
        else:
            for item in value:
                yield from self.item.problems(item)

    def schema(self) -> Schema:
        return {"type": "array", "items": self.item.schema(), "minItems": self.low, "maxItems": self.high}


@dataclass(frozen=True, slots=True)
class DateTime:
    def problems(self, value: Any) -> Iterator[Problem]:
        example = "2026-05-06T11:15:00Z"
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                yield f"{value!r} is not a date and time", f"write a value such as {example}"
                return
        if isinstance(value, date) and (not isinstance(value, datetime) or value.tzinfo is None):
            yield f"{value.isoformat()} has no time zone", f"write it in UTC, such as {example}"
        elif not isinstance(value, datetime):
            yield f"{shown(value)} is not a date and time", f"write a value such as {example}"

    def schema(self) -> Schema:
        return {"type": "string", "format": "date-time"}


@dataclass(frozen=True, slots=True)
class StringTable:
    """A table of names and strings."""

    def problems(self, value: Any) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield f"{shown(value)} is not a table", 'write { NAME = "value" }'
            return
        for name, text in value.items():
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name, re.ASCII):
                yield f"{name!r} is not a variable name", "use letters, digits and _, and start with a letter or _"
            if not isinstance(text, str):
                word = str(text).lower() if isinstance(text, bool) else text
                yield f"the value of {name} is {shown(text)}, not a string", f'write {name} = "{word}"'

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": {"type": "string"}}


def duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    assert match, text  # noqa: S101 - Duration has checked the value before
    return timedelta(seconds=min(int(match["value"]), 10**9) * _SECONDS[match["unit"]])


def as_duration(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    unit = next(unit for unit in "dhms" if seconds % _SECONDS[unit] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"


def as_list(words: Sequence[str]) -> str:
    return "[" + ", ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words) + "]"


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def shown(value: Any) -> str:
    """A wrong value as its problem quotes it."""
    return f'"{value}"' if isinstance(value, str) else str(value)
