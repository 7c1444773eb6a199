"""Log lines without what a collector put around each of them, so that readers see them as the program printed them.

Supports the JSON of Docker, FireLens and Fluent Bit, the prefixes of CRI, syslog (RFC 3164 and 5424), Compose and
kubectl, Airflow's and supercronic's records of a program's output, rufus-scheduler's numbered blocks, and a time or a
program's name before every line, also before frames.
"""

import json
import re
from collections.abc import Callable
from typing import Final

from cronmend.diagnosis.fatal_error import numbered
from cronmend.patterns import detector

FEWEST: Final = 3
"""Lines that need the same prefix for it to be one, if it has no form of its own."""

ENDS: Final = 8
"""The last lines that may show which envelope the log has: not every writer goes through the collector."""
_FIELDS: Final = ('"stream":', '"container_', '"ecs_', '"kubernetes":', '"source":"std', '"source": "std')
_OF_PROGRAMS: Final = frozenset(("level", "error", "err", "exception", "stack", "stack_trace", "exc_info"))
"""Fields of a program's own record: it is no envelope."""
_TEXT: Final = ("log", "message", "line", "MESSAGE")
_CRI: Final = re.compile(r"^\d{4}-\d\d-\d\dT\S++ std(?:out|err) [FP] ?")
_SYSLOG: Final = re.compile(
    r"^(?:(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]++ [\w./@-]++(?:\[\d++\])?: ?"
    r"|<\d{1,3}>1 \d{4}-\d\d-\d\dT\S++ \S++ \S++ \S++ \S++ (?:-|\[[^\]]*\]) ?)"
)
_AIRFLOW: Final = re.compile(
    r"^\[[^\]]++\] \{(?:subprocess|pod_manager|docker|process_utils|ssh|logging_mixin)\.py:\d++\} INFO - "
    r"(?:\[[\w-]++\] )?"
)
"""Output of the program that a task of Airflow runs; the task's own records have other sources."""
_POD: Final = re.compile(r"^\[pod/[\w.-]++/[\w.-]++\] ?")
_COLLECTORS: Final = ((" std", _CRI), ("[pod/", _POD), (".py:", _AIRFLOW), (":", _SYSLOG))
"""The prefixes of collectors, each with a part of it that is quickly looked for."""
_SUPERCRONIC: Final = re.compile(
    r'^time="[^"]*" level=info msg=(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<bare>\S*+)) channel=std(?:out|err)\b'
)
"""A line of a job that supercronic runs; its own records have no channel."""
_COMPOSE: Final = re.compile(r"^[a-z][\w.-]*+ ++\| ?")
_NAME: Final = re.compile(r"^[a-z][\w.-]*+: ")
"""A program's name, which a supervisor put before each of its lines; programs print their own name, too."""
_ANY_TIME: Final = (
    r"(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\[(?:\d{4}[-/]\d\d[-/]\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]|\d\d:\d\d:\d\d(?:[.,]\d+)?) "
)
_TIME: Final = re.compile(_ANY_TIME)
_STARTS_OF_TIMES: Final = frozenset("[0123456789")
_BLOCKS: Final = (
    r"  File \"|\tat |    at |\tfrom |Traceback \(most recent|Stack trace:|ra(?:ke|ils) aborted!|thread '|panic: "
    r"|fatal error: |goroutine |\*\* \(|\*\*\* |Exception in thread |Caused by:|    while executing|Unhandled exception"
    r"|Uncaught |Migrations for '|CallStack \(from|Execution halted|ERROR:|Msg |\t\S+\.go:\d"
)
"""How lines start in a stack trace, or in a report that a reader knows by its start."""
HIDDEN_BLOCK: Final = rf"(?m)^{_ANY_TIME}(?:{_BLOCKS})"
_is_block: Final = detector(rf"^(?:{_BLOCKS})")


def removed(events: list[str], hides_blocks: Callable[[], bool]) -> list[str]:
    """The same events, each without its envelope; the list itself if there is none.

    ``hides_blocks``: whether an event matches ``HIDDEN_BLOCK``.
    """
    ends = events[-ENDS:]
    end = "\n".join(ends)
    if "{" in end and any(_is_wrapped(event) for event in ends if event.startswith("{")):
        return [without_object(event) for event in events]
    if " channel=std" in end and any(_SUPERCRONIC.match(event) for event in ends):
        return [_without_record(event) for event in events]
    if (ruby := numbered.removed(events, ends)) is not events:
        return ruby
    pattern = _of_collector(ends, end) or _of_all(events, hides_blocks)
    return [_without(pattern, event) for event in events] if pattern else events


def without_time(line: str) -> str:
    """The line without the time that a logger or shell put before it; Go's log keeps its own, which shows its form."""
    return _without(_TIME, line) if line[:1] in _STARTS_OF_TIMES else line


def _without(prefix: re.Pattern[str], line: str) -> str:
    match = prefix.match(line)
    return line[match.end() :] if match else line


def _of_collector(events: list[str], whole: str) -> re.Pattern[str] | None:
    """A prefix of one of these events that no program prints itself."""
    found = (prefix for part, prefix in _COLLECTORS if part in whole and any(map(prefix.match, events)))
    return next(found, None)


def _of_all(events: list[str], hides_blocks: Callable[[], bool]) -> re.Pattern[str] | None:
    """A prefix that programs print, too: if all events have it, or if it hides the start of a stack trace."""
    last = events[-1] if events else ""
    if (named := _NAME.match(last)) and len(events) >= FEWEST and all(each.startswith(named[0]) for each in events):
        prefix = re.escape(named[0])
        return re.compile(prefix) if _starts_block(events, len(named[0])) else None
    if "| " in last[:40] and len(events) >= FEWEST and all(_COMPOSE.match(event) for event in events):
        return _COMPOSE
    return _TIME if last[:1] in _STARTS_OF_TIMES and _TIME.match(last) and hides_blocks() else None


def _starts_block(events: list[str], length: int) -> bool:
    return any(_is_block(event[length:]) for event in events[-ENDS:])


def _is_wrapped(event: str) -> bool:
    return any(field in event for field in _FIELDS) and without_object(event) is not event


def _without_record(event: str) -> str:
    match = _SUPERCRONIC.match(event)
    if match is None:
        return event
    return match["bare"] or re.sub(r"\\(.)", _unescaped, match["quoted"] or "")


def _unescaped(match: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(match[1], match[1])


def without_object(event: str) -> str:
    """The program's line in a collector's object; the event itself if it is the program's own."""
    if not event.startswith("{") or not any(field in event for field in _FIELDS):
        return event
    try:
        record = json.loads(event)
    except (ValueError, RecursionError):
        return event
    if not isinstance(record, dict) or not _OF_PROGRAMS.isdisjoint(record):
        return event
    texts = (record.get(key) for key in _TEXT)
    return next((text.rstrip("\n") for text in texts if isinstance(text, str)), event)
