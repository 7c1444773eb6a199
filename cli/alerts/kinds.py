"""The kinds of value in alerts.toml that jobs.toml does not have."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from cli.toml_files.kinds import Complaint, Duration, Kind, Schema, Text, as_list
from cronmend.alerting.routes import CHANNELS
from cronmend.jobs.cron import CronError
from cronmend.jobs.cron import parse as parse_cron

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

    def complaints(self, value: Any) -> Iterator[Complaint]:
        if isinstance(value, str):
            yield "a string, not a list", f"write {as_list([value])}"
        elif not isinstance(value, list):
            yield f"{value} is not a list", f"write a list, e.g. {self.example}"
        elif len(value) < self.low:
            yield "an empty list", f"write e.g. {self.example}, or leave the key out"
        else:
            for number, item in enumerate(value):
                yield from self.item.complaints(item)
                if item in value[:number]:
                    yield f"{item!r} is written twice", "remove one of the two"

    def schema(self) -> Schema:
        return {"type": "array", "items": self.item.schema(), "minItems": self.low, "uniqueItems": True}


@dataclass(frozen=True, slots=True)
class Channel:
    def complaints(self, value: Any) -> Iterator[Complaint]:
        name, colon, where = value.partition(":") if isinstance(value, str) else ("", "", "")
        if name not in CHANNELS:
            yield f"{value!r} is no channel", f"write {', '.join(CHANNELS)} or slack:<channel id>"
        elif colon and name != "slack":
            yield f"{value!r}: only slack can be told where", f'write "{name}"'
        elif colon and not re.fullmatch(_SLACK_CHANNEL, where, re.ASCII):
            remedy = 'write the id, e.g. "slack:C0123ABCD"; Slack shows it at the end of the channel\'s details'
            yield f"{where!r} is no id of a Slack channel", remedy

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^(?:{'|'.join(CHANNELS)}|slack:{_SLACK_CHANNEL})$"}


@dataclass(frozen=True, slots=True)
class Zone:
    def complaints(self, value: Any) -> Iterator[Complaint]:
        if not isinstance(value, str):
            yield f"{value} is not a string", 'write an IANA name, e.g. "Europe/London"'
            return
        try:
            parse_cron("rate(1 day)", value)
        except CronError as error:
            for mistake in error.mistakes:
                yield f"{value!r} {mistake.problem}", mistake.remedy

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, to the minute."""

    midnight: bool = False
    """Whether the end of the day may be written."""

    def complaints(self, value: Any) -> Iterator[Complaint]:
        if isinstance(value, time) and value == value.replace(second=0, microsecond=0):
            return
        if not isinstance(value, str) or not re.fullmatch(self._pattern(), value, re.ASCII):
            yield f"{value!s} is no time of day", 'write hours and minutes in quotes, e.g. "22:00"'

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^(?:{self._pattern()})$"}

    def _pattern(self) -> str:
        return f"{_CLOCK}|{MIDNIGHT}" if self.midnight else _CLOCK


@dataclass(frozen=True, slots=True)
class OrNever:
    """A duration, or the word for none."""

    length: Duration

    def complaints(self, value: Any) -> Iterator[Complaint]:
        if value != NEVER:
            yield from ((problem, f'{remedy}, or "{NEVER}"') for problem, remedy in self.length.complaints(value))

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^(?:[0-9]+[smhd]|{NEVER})$"}


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table, the keys of which are checked one by one."""

    properties: Mapping[str, Kind]

    def complaints(self, value: Any) -> Iterator[Complaint]:
        if not isinstance(value, Mapping):
            yield f"{value!r} is not a table", 'write e.g. { start = "22:00", end = "07:00" }'

    def schema(self) -> Schema:
        properties = {name: kind.schema() for name, kind in self.properties.items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}


DAY = Text(pattern=rf"({_DAY})(-({_DAY}))?", shape='a day or days, e.g. "SAT" or "MON-FRI"')
JOB = Text(
    high=129,
    pattern=r"[0-9a-zA-Z_.*?-]+/[0-9a-zA-Z_.*?-]+",
    shape='a pattern for <group>/<name>, e.g. "*/publish-*" (* is any text, ? one character)',
)
MENTION = Text(
    high=500,
    pattern=rf"{_MENTION}(?: {_MENTION})*",
    shape='a mention by Slack id, e.g. "<!subteam^S0123ABCD>", "<@U0123ABCD>" or "<!here>", with a blank between two',
)


def clock(value: str | time) -> time:
    """A time that was checked; the end of the day is the beginning of the next."""
    return value if isinstance(value, time) else time() if value == MIDNIGHT else time.fromisoformat(value)


def days(items: list[str]) -> frozenset[int]:
    """The days of single ones and ranges; a range may go over the end of the week. 0 is Monday."""
    found: set[int] = set()
    for item in items:
        first, _, last = item.partition("-")
        begin = DAYS.index(first)
        length = (DAYS.index(last) - begin) % 7 if last else 0
        found |= {(begin + step) % 7 for step in range(length + 1)}
    return frozenset(found)
