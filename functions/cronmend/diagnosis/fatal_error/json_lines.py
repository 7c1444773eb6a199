"""Log lines that are JSON objects: the error in their fields as plain lines, as a runtime would print it.

Supports the fields of structlog, python-json-logger, loguru, pino, bunyan, winston, zap, zerolog, slog,
logback's and log4j's encoders, Serilog, Monolog, and the Elastic and OpenTelemetry conventions.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

type Json = Mapping[str, Any]

_HANDLED = frozenset(("trace", "debug", "verbose", "info", "information", "notice", "warn", "warning"))
_LEVEL = ("level", "levelname", "severity", "lvl", "log.level", "level_name", "@l", "Level", "loglevel", "log_level")
_STACK = (
    *("exception", "exc_info", "stack", "stack_trace", "stacktrace", "stackTrace", "traceback", "errorVerbose"),
    *("error.stack_trace", "exception.stacktrace", "error.stack", "exc_text", "StackTrace", "@x", "Exception", "trace"),
    *("extendedStackTrace", "backtrace"),
)
_MESSAGE = ("message", "msg", "event", "@m", "@mt", "Message", "RenderedMessage", "text", "short_message", "log")
_ERROR = (
    *("error", "err", "exception", "exc", "cause", "thrown", "e", "reason"),
    *("error_message", "errorMessage", "error.message"),
)
_ERROR_OR_STACK = tuple(dict.fromkeys(_ERROR + _STACK))
_SAID = (*_MESSAGE, "errorMessage", "value", "exc_value", "error", "reason")
"""The keys of an error's own message, the surest first."""
_TYPE = ("type", "name", "class", "exc_type", "exception_class", "errorType", "className", "kind", "error.type")
_MEMBERS = ("errors", "aggregateErrors", "exceptions", "innerExceptions", "InnerExceptions", "internal")
"""An error of several keeps them here."""
_DETAIL = "detail"
"""What a record says beside the name of its event."""
_NESTED = (
    "context",
    "extra",
    "fields",
    "record",
    "data",
    "payload",
    "attributes",
    "meta",
    "metadata",
    "http",
    "log",
    "trace",
)
_BODY = ("body", "response", "data", "details", "responseBody", "response_body")
"""An HTTP client's error keeps the service's answer here: what the service says counts more than its status."""
_CUE = (
    "rror",
    "xception",
    "raceback",
    "atal",
    "ritical",
    '"stack',
    "FATAL",
    "SEVERE",
    "ERROR",
    "CRITICAL",
    "anic",
    "ail",
    '"level":50',
    '"level":60',
    "::",
    ":in ",
)
_OF_RUBY = re.compile(r"[A-Z]\w*(?:::[A-Z]\w*)*: |\S+:\d+:in [`']")
"""An error with its class, or a frame."""
MAX_MEMBERS = 8
_EXIT_CODES = 255
"""The highest exit code."""
_NUMBERS_HANDLED = 49
"""pino and bunyan use 50 for an error; Monolog starts at 100 for debug and uses 400 for an error."""


def may_be_in(text: str) -> bool:
    """Whether the text may contain JSON objects. A search for one character is far faster than for two."""
    return "{" in text and '{"' in text


def unfold(line: str) -> list[str] | None:
    """The error in this line's JSON, as lines; None if it has none."""
    start = line.find('{"')
    if start < 0 or start > 200 or not any(cue in line for cue in _CUE):
        return None
    try:
        record = json.loads(line[start:])
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or (start and not _is_record(record, line[:start].rstrip())):
        return None
    if _handled(record):
        return _warned_by_sidekiq(record)
    return [text for text in _lines(record, depth=0) if text] or None


def _warned_by_sidekiq(record: Json) -> list[str] | None:
    """Sidekiq logs the error that ended a job as a warning, and the error's frames in a record of their own."""
    message = record.get("msg")
    if record.get("lvl") != "WARN" or not isinstance(message, str) or not _OF_RUBY.match(message):
        return None
    return f"WARN {message}".split("\n")


def _is_record(record: Json, before: str) -> bool:
    """Whether it is a log record, rather than a service's answer that the text before it introduces."""
    introduces = before.endswith(":") or "Error: " in before or "Exception: " in before
    keys = (*_STACK, *_LEVEL) if introduces else (*_MESSAGE, *_ERROR, *_STACK, *_LEVEL, *_NESTED)
    return any(key in record for key in keys)


def _handled(record: Json) -> bool:
    """Whether its level is below error: the job continued, whatever it reports."""
    level = _level(record)
    if isinstance(level, int | float):
        return level <= _NUMBERS_HANDLED or 100 <= level < 400
    return str(level).lower() in _HANDLED


def _level(record: Json) -> Any:
    found = next((record[key] for key in _LEVEL if key in record), None)
    if isinstance(found, dict):
        return found.get("name") or found.get("no") or ""
    if found is None and isinstance(inner := record.get("record") or record.get("log"), dict):
        return _level(inner)
    return "" if found is None else found


def _lines(record: Json, depth: int) -> Iterator[str]:
    """The message first, then the error fields: the runtime's own text comes last and so counts most."""
    message = next((record[key] for key in _MESSAGE if isinstance(record.get(key), str)), "")
    level = _level(record) if depth == 0 else ""
    if depth == 0:
        yield f"ERROR {message}" if message and str(level) else message
    for key in _NESTED if depth < 3 else ():
        if isinstance(inner := record.get(key), dict):
            yield from _lines(inner, depth + 1)
    if depth == 0 and isinstance(record.get("stack"), str):
        yield from _object(record)
        return
    for key in _ERROR_OR_STACK:
        if key in record:
            yield from _error(record[key], record)
    for key in record if depth == 0 else ():
        if key not in _ERROR_OR_STACK and _is_chain(record[key]):
            yield from _list(record[key])
    for member in _members(record):
        yield from _object(member)
    if depth == 0:
        yield record[_DETAIL] if isinstance(record.get(_DETAIL), str) else ""
        yield from () if _only_exits(record) else _code(record)


def _only_exits(record: Json) -> bool:
    """Whether its code is the program's exit code rather than an error's: no error is with it."""
    code = record.get("code")
    return isinstance(code, int) and code <= _EXIT_CODES and not any(key in record for key in _ERROR_OR_STACK)


def _error(value: Any, record: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value if "\n" in value else _with_type(value, record)
    elif isinstance(value, dict):
        yield from _object(value)
    elif isinstance(value, list):
        yield from _list(value)


def _with_type(value: str, record: Json) -> str:
    kind = next(
        (record[key] for key in ("error.type", "exception.type", "errorType", "exception_class") if key in record), ""
    )
    return f"{kind}: {value}" if kind else value


def _object(value: Json) -> Iterator[str]:
    """An error as an object: its type and message, its code as Node prints it, its stack, its cause."""
    stack = next((found for key in _STACK if (found := _stack(value.get(key)))), "")
    kind = next((value[key] for key in _TYPE if isinstance(value.get(key), str)), "Error")
    message = next((value[key] for key in _SAID if isinstance(value.get(key), str)), "")
    answer = _answer(value)
    stated = f"{kind}: {message}{answer}" if message else ""
    head, newline, frames = stack.partition("\n")
    if stated and (answer or message not in stack):
        yield stated
        stack = frames if newline and ":" not in head else stack
    if stack:
        yield stack
    yield from _code(value)
    causes = [value.get(key) for key in ("cause", "inner", "previous", "InnerException", "original", "parent")]
    for inner in (*causes, *_members(value)):
        if isinstance(inner, dict):
            yield from (f"Caused by: {line}" if number == 0 else line for number, line in enumerate(_object(inner)))


def _stack(value: Any) -> str:
    """A stack trace as one text; ``""`` if this is none."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return value if isinstance(value, str) else ""


def _members(value: Json) -> list[Json]:
    """The errors that an error or a service's answer lists."""
    listed: list[Any] = next((value[key] for key in _MEMBERS if isinstance(value.get(key), list)), [])
    return [each for each in listed[:MAX_MEMBERS] if isinstance(each, dict)]


def _answer(value: Json) -> str:
    """The code and message of a service's answer, after a colon; ``""`` if the error has none."""
    inner = next((value[key] for key in _BODY if key in value), None)
    if isinstance(inner, str):
        return f": {inner}"
    if not isinstance(inner, dict):
        return ""
    if isinstance(nested := inner.get("error") or inner.get("data"), dict):
        inner = nested
    said = (inner.get(key) for key in ("code", "error", "status", "type", "reason", *_MESSAGE))
    return "".join(f": {text}" for text in dict.fromkeys(said) if isinstance(text, str | int))


def _code(value: Json) -> Iterator[str]:
    code = value.get("code")
    if isinstance(code, str | int) and not isinstance(code, bool):
        yield f"    code: '{code}',"


def _list(value: list[Any]) -> Iterator[str]:
    """structlog's ``dict_tracebacks`` (a chain, outermost first), or frames as strings."""
    if all(isinstance(item, str) for item in value):
        yield from value
        return
    for number, item in enumerate(value):
        if isinstance(item, dict) and (kind := item.get("exc_type") or item.get("type")):
            stated = f"{kind}: {next((item[key] for key in _SAID if isinstance(item.get(key), str)), '')}"
            yield stated if number == 0 else f"Caused by: {stated}"


def _is_chain(value: Any) -> bool:
    """Whether it is a list of exceptions, whatever its key is called."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "exc_type" in value[0]
