"""Jobs of Heroku Scheduler → the tables of jobs. It has no export, so they come from its dashboard.

Either as text, copied from the page, or as the JSON that the page loads: ``every`` is 10, 60 or 1440 minutes, and
``at`` the minutes after the full hour or after midnight. https://devcenter.heroku.com/articles/scheduler
Neither says where a job runs on ECS.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from cli.jobs.importers.convert import Converted
from cli.jobs.importers.crontab_words import arguments, job_name
from cli.jobs.importers.found import dropped
from cli.jobs.unix_cron import translated, why_not
from cronmend.errors import UNREADABLE, Permanent
from cronmend.jobs.cron import CronError

_TIME = r"""
    every\ 10\ minutes
    | (?:every\ hour|hourly)(?:\ at\ :?(?P<past>\d{1,2})(?:\ minutes?)?(?:\ past\ the\ hour)?)?
    | (?:every\ day|daily)(?:\ at\ (?P<hour>\d{1,2}):(?P<minute>\d\d)(?:\ ?(?P<half>[ap]m))?(?:\ utc)?)?
"""
_FIRST = re.compile(rf"(?:{_TIME})(?=$|[\s:])", re.IGNORECASE | re.VERBOSE)
_LAST = re.compile(rf"(?<!\S)(?:{_TIME})$", re.IGNORECASE | re.VERBOSE)
_SIZE = re.compile(
    r"(?<!\S)(?:Standard|Performance|Private|Shield)-\w+(?:-RAM)?$|^(?:Eco|Basic|Hobby|Free)$", re.IGNORECASE
)
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_DAY = rf"(?:{_MONTH}\.? \d{{1,2}}|\d{{1,4}}[-/]\d{{1,2}}[-/]\d{{1,4}}|today|tomorrow)\b.*"
_PAGE = re.compile(
    r"(?:heroku )?scheduler|(?:add |edit |remove |delete |new )*jobs?|edit|remove|delete|tasks?|(?:run )?command"
    rf"|dyno size|frequency|schedule|(?:last run|next due)\b.*|never|.* ago|in \d+ \w+|{_DAY}",
    re.IGNORECASE,
)
_PROMPT = "$ "
_ATTRIBUTES = frozenset({"command", "every", "at", "dyno-size", "ran-at", "created-at", "create-at", "updated-at"})
_IN_CRON = {10: "*/10 * * * *", 60: "{minute} * * * *", 1440: "{minute} {hour} * * *"}
_CONFIG = "Heroku's config vars aren't part of its Scheduler: the task definition has to set what the commands need."


class _Part(Enum):
    COMMAND = auto()
    TIME = auto()
    SIZE = auto()


@dataclass(frozen=True, slots=True)
class _Cell:
    """A part of the page that says something of a job."""

    line: int
    part: _Part
    text: str
    schedule: str = ""
    """Of a time, in a crontab's fields; ``""`` if the page doesn't show the whole of it."""


@dataclass(slots=True)
class _Job:
    command: str
    schedule: str
    """In a crontab's fields; ``""`` if it isn't known."""
    notes: list[str]


def is_text(text: str) -> bool:
    """Whether a third of what isn't the page's own words are times."""
    cells = [each for each in _cells(text) if each.part is not _Part.SIZE]
    return bool(cells) and 3 * sum(each.part is _Part.TIME for each in cells) >= len(cells)


def is_document(document: Any) -> bool:
    return bool(_rows(document)) and all(map(_is_row, _rows(document)))


def converted(text: str) -> tuple[list[Converted], list[str]]:
    """The jobs, and notes on what no job of Heroku's has.

    Raises:
        Permanent: the text has a command without a time, or a time without a command.
    """
    document = _document(text)
    jobs = map(_of_row, _rows(document)) if is_document(document) else _of_cells(_cells(text))
    names: set[str] = set()
    return [_converted(each, names) for each in jobs], [_CONFIG]


def _document(text: str) -> Any:
    """The JSON that the page loads; None if it is the page's text."""
    try:
        return json.loads(text)
    except UNREADABLE:
        return None


def _rows(document: Any) -> Sequence[Any]:
    data = document.get("data") if isinstance(document, Mapping) else None
    return data if isinstance(data, list) else [data] if data else []


def _is_row(row: Any) -> bool:
    attributes = row.get("attributes") if isinstance(row, Mapping) else None
    if not isinstance(attributes, Mapping) or not {"command", "every", "at"} <= attributes.keys():
        return False
    return isinstance(attributes["command"], str)


def _of_row(row: Mapping[str, Any]) -> _Job:
    attributes = row["attributes"]
    notes = [_of_size(str(attributes["dyno-size"]))] if attributes.get("dyno-size") else []
    notes += dropped(attributes, _ATTRIBUTES, "the job")
    return _Job(attributes["command"], _loaded(attributes["every"], attributes["at"] or 0, notes), notes)


def _loaded(every: Any, at: Any, notes: list[str]) -> str:
    if not isinstance(every, int) or every not in _IN_CRON:
        notes.append(f"every {every!r} isn't 10, 60 or 1440 minutes; add schedule")
    elif not isinstance(at, int) or not 0 <= at < every:
        notes.append(f"at {at!r} isn't a minute from 0 to {every - 1}; add schedule")
    else:
        return _IN_CRON[every].format(minute=at % 60, hour=at // 60)
    return ""


def _of_cells(cells: Sequence[_Cell]) -> Iterator[_Job]:
    """A command and a time for each job; on lines of their own, in the same order throughout."""
    words = [each for each in cells if each.part is not _Part.SIZE]
    notes = _of_sizes([each for each in cells if each.part is _Part.SIZE], [each.line for each in words[::2]])
    for number in range(0, len(words), 2):
        pair = {each.part: each for each in words[number : number + 2]}
        if len(pair) != 2 or not (_on_one_line(pair) or [*pair] == [each.part for each in words[:2]]):
            raise _unpaired(words[number])
        time, own = pair[_Part.TIME], notes[number // 2]
        if not time.schedule:
            own.append(f"{time.text!r} doesn't say at what minute; add schedule")
        yield _Job(pair[_Part.COMMAND].text, time.schedule, own)


def _of_sizes(sizes: Sequence[_Cell], starts: Sequence[int]) -> list[list[str]]:
    """The notes of each job.

    Args:
        starts: the line on which each job starts.
    """
    notes: list[list[str]] = [[] for _ in starts]
    for each in sizes:
        if number := bisect_right(starts, each.line):
            notes[number - 1].append(_of_size(each.text))
    return notes


def _on_one_line(pair: Mapping[_Part, _Cell]) -> bool:
    return len({each.line for each in pair.values()}) == 1


def _unpaired(cell: _Cell) -> Permanent:
    lacks = "time" if cell.part is _Part.COMMAND else "command"
    example = "Every day at 2:00 AM UTC  rake cleanup"
    return Permanent(
        f"line {cell.line}: {cell.text!r} has no {lacks}. If it is of no job, remove it; else write its job on "
        f"one line, such as: {example}"
    )


def _of_size(size: str) -> str:
    return f"the dyno size {size} isn't converted; the task definition decides, or cpu and memory"


def _converted(job: _Job, names: set[str]) -> Converted:
    command = job.command.strip()
    variables, words = arguments(command)
    table: dict[str, Any] = {"schedule": _schedule(job), "command": words, "environment": variables}
    if re.fullmatch(r"[\w-]+", command):
        job.notes.append(f"if {command} is a process type of the Procfile, write its command")
    return Converted(job_name(command, names), {key: value for key, value in table.items() if value}, job.notes)


def _schedule(job: _Job) -> str:
    try:
        return translated(job.schedule) if job.schedule else ""
    except CronError as error:
        job.notes.append(f"its time isn't converted: {why_not(error)}")
        return ""


def _cells(text: str) -> list[_Cell]:
    """If the page shows prompts, only what follows one is a command."""
    found = [
        cell
        for number, line in enumerate(text.splitlines(), 1)
        for chunk in line.split("\t")
        for cell in _parts(number, chunk.strip())
    ]
    prompts = any(each.text.startswith(_PROMPT) for each in found if each.part is _Part.COMMAND)
    kept = [each for each in found if each.part is not _Part.COMMAND or not prompts or each.text.startswith(_PROMPT)]
    return [_Cell(each.line, each.part, each.text.removeprefix(_PROMPT), each.schedule) for each in kept]


def _parts(line: int, chunk: str) -> Iterator[_Cell]:
    """The parts of a cell of the page, or of a whole line in which a person has written them."""
    time = None if _PAGE.fullmatch(chunk) else _FIRST.match(chunk) or _LAST.search(chunk)
    yield from _words(line, chunk[: time.start()] if time else chunk)
    if time:
        yield _Cell(line, _Part.TIME, time[0], _fields(time))
        yield from _words(line, chunk[time.end() :].lstrip(": "))


def _words(line: int, text: str) -> Iterator[_Cell]:
    """A command and a size, or one of them; nothing of what the page itself says."""
    if _PAGE.fullmatch(text.strip()):
        return
    size = _SIZE.search(text.strip())
    command = text.strip()[: size.start()].strip() if size else text.strip()
    if command:
        yield _Cell(line, _Part.COMMAND, command)
    if size:
        yield _Cell(line, _Part.SIZE, size[0])


def _fields(time: re.Match[str]) -> str:
    """A crontab's fields; ``""`` for an hour or a day without its minute."""
    if time["hour"]:
        half = (time["half"] or "").lower()
        hour = int(time["hour"]) % 12 + 12 * (half == "pm") if half else int(time["hour"])
        return f"{int(time['minute'])} {hour} * * *"
    if time["past"]:
        return f"{int(time['past'])} * * * *"
    return "*/10 * * * *" if "10" in time[0] else ""
