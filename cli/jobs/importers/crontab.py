"""A crontab → the tables of jobs. It doesn't say where they run: add that under [defaults]."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cli.jobs.importers.convert import Converted
from cli.jobs.importers.crontab_words import arguments, job_name, names_users
from cli.jobs.unix_cron import translated, why_not
from cronmend.jobs.cron import CronError
from cronmend.jobs.cron_fields import Mistake

_VARIABLE = re.compile(r"(?P<quote>[\"']?)(?P<name>[A-Za-z_]\w*)(?P=quote)\s*=\s*(?P<value>.*)")
_ZONE = re.compile(r"(?:CRON_)?TZ=(?P<zone>\S+)\s+(?P<rest>(?:@|[\d*]).*)")
_NAMES = "SUN|MON|TUE|WED|THU|FRI|SAT|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_ITEM = rf"(?:\*|\?|\d+[LW]?|L|{_NAMES})"
_FIELD = rf"{_ITEM}(?:[-,/~#]{_ITEM})*"
_FIELDS = re.compile(rf"(?P<fields>(?:{_FIELD}\s+){{5,7}})(?P<command>\S.*)", re.IGNORECASE | re.ASCII)
_NICKNAME = re.compile(r"(?P<when>@every\s+\S+|@\w+)\s+(?P<command>\S.*)")
_YEAR = re.compile(r"(?:19|20|21)\d\d(?:[-,/]\d+)*")
_STDIN = re.compile(r"(?<!\\)%")
_CRON_SETTINGS = ("SHELL", "PATH", "MAILTO", "HOME", "LOGNAME", "USER", "RANDOM_DELAY", "MAILFROM", "CONTENT_TYPE")


@dataclass(slots=True)
class _State:
    """What the lines so far have set."""

    timezone: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Line:
    when: Sequence[str]
    """The fields of the time, or one nickname."""
    command: str
    timezone: str = ""


def is_crontab(text: str) -> bool:
    """Whether it has a job, and most of its lines are a crontab's."""
    lines = _lines(text).values()
    jobs = sum(1 for line in lines if _parsed(line))
    settings = sum(1 for line in lines if _VARIABLE.fullmatch(line))
    return jobs > 0 and 2 * (jobs + settings) >= len(lines)


def has_users(text: str) -> bool:
    """Whether a user's name follows the time in each line, as in /etc/crontab and /etc/cron.d."""
    return names_users([line.command for each in _lines(text).values() if (line := _parsed(each))])


def converted(text: str, *, system: bool = False) -> tuple[list[Converted], list[str]]:
    """The jobs, and notes on the lines that aren't converted.

    Args:
        system: a user's name follows the time.
    """
    state, jobs, notes = _State(), [], []
    for number, line in _lines(text).items():
        parsed = _parsed(line)
        if not parsed and (variable := _VARIABLE.fullmatch(line)):
            notes += [f"line {number}: {each}" for each in _set(state, variable["name"], variable["value"])]
            continue
        if not parsed:
            notes.append(f"line {number}: not a crontab line: {line!r}")
            continue
        try:
            jobs.append(_job(parsed, state, system=system))
        except CronError as error:
            notes.append(f"line {number}: {why_not(error)}: {line}")
    return jobs, notes


def _lines(text: str) -> dict[int, str]:
    numbered = enumerate((raw.strip() for raw in text.splitlines()), 1)
    return {number: line for number, line in numbered if line and not line.startswith("#")}


def _parsed(line: str) -> _Line | None:
    zone = _ZONE.fullmatch(line)
    rest = zone["rest"] if zone else line
    match = _NICKNAME.fullmatch(rest)
    found = [match["when"]] if match else []
    if not match and (match := _FIELDS.fullmatch(rest)):
        found = match["fields"].split()
    return _Line(found, match["command"], zone["zone"] if zone else "") if match else None


def _set(state: _State, name: str, value: str) -> Iterator[str]:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    if name == "CRON_TZ":
        state.timezone = value
    elif name in _CRON_SETTINGS:
        yield f"{name}={value} is a setting of cron that a task doesn't have"
    else:
        state.environment[name] = value
        if name == "TZ":
            yield "TZ is a variable of the command; if your cron also reads it as the zone of the times, add timezone"


def _job(line: _Line, state: _State, *, system: bool) -> Converted:
    notes: list[str] = []
    command = line.command
    if system:
        user, command = (*command.split(None, 1), "")[:2]
        notes.append(f"the crontab runs it as {user}; the image decides the user of a task")
    schedule = translated(_when(line.when, notes))
    if _STDIN.search(command):
        notes.append("the part after %, which cron passes to the command's standard input, isn't converted")
        command = _STDIN.split(command)[0].strip()
    command = command.replace("\\%", "%")
    if not command:
        remedy = "if the crontab names no users, add --kind crontab"
        raise CronError(Mistake("command", line.command, "no command follows the user", remedy))
    variables, words = arguments(command)
    table: dict[str, object] = {"schedule": schedule, "command": words}
    if timezone := line.timezone or state.timezone:
        table["timezone"] = timezone
    if environment := {**state.environment, **variables}:
        table["environment"] = environment
    return Converted(job_name(command, state.names), table, notes)


def _when(fields: Sequence[str], notes: list[str]) -> str:
    """Five fields or a nickname. Seven fields start with seconds and end with a year, as in supercronic.

    Raises:
        CronError: the fields can't be told apart, or AWS has no equivalent.
    """
    if len(fields) == 7:
        seconds, *five, year = fields
    elif len(fields) == 6 and _YEAR.fullmatch(fields[5]):
        seconds, five, year = "0", list(fields[:5]), fields[5]
    elif len(fields) == 6:
        remedy = "write five, without the seconds in front or the year at the end"
        raise CronError(Mistake("schedule", " ".join(fields), "six fields", remedy))
    else:
        return " ".join(fields)
    if not seconds.isdigit():
        problem = f"the seconds are {seconds}, but EventBridge starts a job at most once a minute"
        raise CronError(Mistake("schedule", " ".join(fields), problem, "write 0, or run a service"))
    if int(seconds):
        notes.append(f"the seconds ({seconds}) aren't converted; the job starts within the minute")
    expression = translated(" ".join(five))
    return expression if year == "*" else f"{expression.removesuffix(' *)')} {year})"
