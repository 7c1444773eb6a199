"""A crontab → the tables of jobs. It doesn't say where they run: add that under [defaults]."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from cli.jobs.importers.convert import Converted
from cli.jobs.unix_cron import translated
from cronmend.jobs.cron import CronError

_VARIABLE = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*)")
_LINE = re.compile(r"(?P<when>@\w+|(?:\S+\s+){4}\S+)\s+(?P<command>.+)")
_SHELL = re.compile(r"&&|\|\|?|[<>;`*?~]|\$")
_CRON_SETTINGS = ("SHELL", "PATH", "MAILTO", "HOME", "LOGNAME", "CRON_TZ", "TZ", "RANDOM_DELAY", "MAILFROM")


@dataclass(slots=True)
class _State:
    """What the lines so far have set."""

    timezone: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


def converted(text: str, *, system: bool = False) -> tuple[list[Converted], list[str]]:
    """The jobs, and notes on the lines that aren't converted.

    Args:
        system: a user name follows the time, as in /etc/crontab.
    """
    state, jobs, notes = _State(), [], []
    for number, line in enumerate((raw.strip() for raw in text.splitlines()), 1):
        if not line or line.startswith("#"):
            continue
        if variable := _VARIABLE.fullmatch(line):
            notes += [f"line {number}: {each}" for each in _set(state, variable["name"], variable["value"])]
        else:
            job = _job(line, state, system=system)
            jobs += [job] if isinstance(job, Converted) else []
            notes += [f"line {number}: {job}"] if isinstance(job, str) else []
    return jobs, notes


def _set(state: _State, name: str, value: str) -> Iterator[str]:
    value = value.strip().strip("\"'")
    if name in ("CRON_TZ", "TZ"):
        state.timezone = value
    elif name in _CRON_SETTINGS:
        yield f"{name}={value} is a setting of cron that a task doesn't have"
    else:
        state.environment[name] = value


def _job(line: str, state: _State, *, system: bool) -> Converted | str:
    match = _LINE.fullmatch(line)
    if not match:
        return f"{line!r} is not a crontab line"
    command = match["command"]
    user, _, rest = command.partition(" ") if system else ("", "", command)
    try:
        schedule = translated(match["when"])
    except CronError as error:
        return "; ".join(f"{mistake.problem}; {mistake.remedy}" for mistake in error.mistakes) + f": {line}"
    notes = [f"the crontab runs it as {user}; the image decides the user of a task"] if user else []
    if re.search(r"(?<!\\)%", rest):
        notes.append("the part after %, which cron passes to the command's standard input, isn't converted")
        rest = re.split(r"(?<!\\)%", rest)[0].strip()
    rest = rest.replace("\\%", "%")
    table: dict[str, object] = {"schedule": schedule, "command": _words(rest)}
    if state.timezone:
        table["timezone"] = state.timezone
    if state.environment:
        table["environment"] = dict(state.environment)
    return Converted(_name(rest, state.names), table, notes)


def _words(command: str) -> list[str]:
    try:
        return ["sh", "-c", command] if _SHELL.search(command) else shlex.split(command)
    except ValueError:
        return ["sh", "-c", command]


def _name(command: str, names: set[str]) -> str:
    """A name from the words that distinguish commands: not the interpreter, options or paths."""
    words = [word.rpartition("/")[2] for word in re.split(r"[\s;|&<>]+", command) if word and not word.startswith("-")]
    plain = [
        word for word in words if not re.fullmatch(r"(ba)?sh|cd|python[\d.]*|manage\.py|exec|env|\w+=.*|null|1|2", word)
    ]
    base = re.sub(r"[^a-z0-9]+", "-", " ".join(plain[:2] or words[:1]).lower()).strip("-")[:50] or "job"
    name, number = base, 2
    while name in names:
        name, number = f"{base}-{number}", number + 1
    names.add(name)
    return name
