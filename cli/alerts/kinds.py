"""The kinds of value in alerts.toml that jobs.toml doesn't have."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from cli.toml_files.kinds import Duration, Kind, Problem, Schema, Text, as_list
from cronmend.alerting.routes import CHANNELS
from cronmend.jobs import cron
from cronmend.jobs.cron import CronError

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
NEVER = "never"
MIDNIGHT = "24:00"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY = "|".join(DAYS)
_MENTION = r"<(?:@[UW][A-Z0-9]{2,20}|!subteam\^S[A-Z0-9]{2,20}|!here|!channel|!everyone)>"
_SLACK_CHANNEL = r"[CDG][A-Z0-9]{7,20}"


@dataclass(frozen=True, slots=True)
class Items:
    """A list of different words."""

    item: Kind
    example: str
    low: int = 1

    def problems(self, value: Any) -> Iterator[Problem]:
        if isinstance(value, str):
            yield "a string, not a list", f"write {as_list([value])}"
        elif not isinstance(value, list):
            yield f"{value} is not a list", f"write a list, such as {self.example}"
        elif len(value) < self.low:
            yield "an empty list", f"write {self.example}, or remove the key"
        else:
            for number, item in enumerate(value):
                yield from self.item.problems(item)
                if item in value[:number]:
                    yield f"{item!r} is written twice", "remove one of the two"

    def schema(self) -> Schema:
        return {"type": "array", "items": self.item.schema(), "minItems": self.low, "uniqueItems": True}


@dataclass(frozen=True, slots=True)
class ChannelName:
    def problems(self, value: Any) -> Iterator[Problem]:
        name, colon, where = value.partition(":") if isinstance(value, str) else ("", "", "")
        if name not in CHANNELS:
            yield f"{value!r} is not a channel", f"write {', '.join(CHANNELS)} or slack:<channel id>"
        elif colon and name != "slack":
            yield f"{value!r} names a target, which only slack takes", f'write "{name}"'
        elif colon and not re.fullmatch(_SLACK_CHANNEL, where, re.ASCII):
            remedy = 'write the ID, such as "slack:C0123ABCD"; Slack shows it at the end of the channel\'s details'
            yield f"{where!r} is not the ID of a Slack channel", remedy

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^(?:{'|'.join(CHANNELS)}|slack:{_SLACK_CHANNEL})$"}


@dataclass(frozen=True, slots=True)
class Zone:
    def problems(self, value: Any) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield f"{value} is not a string", 'write an IANA name, such as "Europe/London"'
            return
        try:
            cron.parse("rate(1 day)", value)
        except CronError as error:
            for mistake in error.mistakes:
                yield f"{value!r} {mistake.problem}", mistake.remedy

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, to the minute."""

    midnight: bool = False
    """Whether ``24:00`` is allowed."""

    def problems(self, value: Any) -> Iterator[Problem]:
        if isinstance(value, time) and value == value.replace(second=0, microsecond=0):
            return
        if not isinstance(value, str) or not re.fullmatch(self._pattern(), value, re.ASCII):
            yield f"{value!s} is not a time of day", 'write hours and minutes in quotes, such as "22:00"'

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^(?:{self._pattern()})$"}

    def _pattern(self) -> str:
        return f"{_CLOCK}|{MIDNIGHT}" if self.midnight else _CLOCK


@dataclass(frozen=True, slots=True)
class OrNever:
    """A duration, or ``never``."""

    length: Duration

    def problems(self, value: Any) -> Iterator[Problem]:
        if value != NEVER:
            yield from ((problem, f'{remedy}, or "{NEVER}"') for problem, remedy in self.length.problems(value))

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^(?:[0-9]+[smhd]|{NEVER})$"}


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table; its keys are checked one by one elsewhere."""

    properties: Mapping[str, Kind]

    def problems(self, value: Any) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield f"{value!r} is not a table", 'write a table such as { start = "22:00", end = "07:00" }'

    def schema(self) -> Schema:
        properties = {name: kind.schema() for name, kind in self.properties.items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}


DAY = Text(pattern=rf"({_DAY})(-({_DAY}))?", shape='a day or days, such as "SAT" or "MON-FRI"')
JOB = Text(
    high=129,
    pattern=r"[0-9a-zA-Z_.*?-]+/[0-9a-zA-Z_.*?-]+",
    shape='a pattern for <group>/<name>, such as "*/publish-*" (* matches any text, ? one character)',
)
MENTION = Text(
    high=500,
    pattern=rf"{_MENTION}(?: {_MENTION})*",
    shape='a Slack mention, such as "<!subteam^S0123ABCD>", "<@U0123ABCD>" or "<!here>", with a space between two',
)


def clock(value: str | time) -> time:
    """A time from a value without mistakes; ``24:00`` is the start of the next day."""
    return value if isinstance(value, time) else time() if value == MIDNIGHT else time.fromisoformat(value)


def days(items: list[str]) -> frozenset[int]:
    """The days of single names and ranges; a range may continue past Sunday. 0 is Monday."""
    found: set[int] = set()
    for item in items:
        first, _, last = item.partition("-")
        start = DAYS.index(first)
        length = (DAYS.index(last) - start) % 7 if last else 0
        found |= {(start + step) % 7 for step in range(length + 1)}
    return frozenset(found)
