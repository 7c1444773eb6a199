"""Whether the log of a run that exited with 0 is as the job's owner expects. No rule of a failure is used. Pure."""

from collections import deque
from collections.abc import Iterator
from copy import replace
from typing import Final

from msgspec import Struct

from cronmend.diagnosis.excerpt import shown
from cronmend.model import Category, Diagnosis, Missing
from cronmend.model.expected_logs import ExpectedLog, NumberInLog, Silence, WholeLog
from cronmend.patterns import Pattern
from cronmend.redact import Redactor, redact
from cronmend.wording import sentence

_ADVICE: Final = (
    "Check what the job did. If its log is right, change what jobs.toml expects of it. Otherwise fix the cause, then "
    "run `cronmend rerun JOB`."
)
_SHOWN: Final = 60
"""Characters of a pattern that a sentence quotes."""


class Unmet(Struct, frozen=True):
    """An expectation that the log doesn't meet."""

    rule: str
    cause: str
    """As a clause that follows "it exited with 0, but"."""
    line: str = ""


def unmet(expected: ExpectedLog, log: WholeLog) -> Unmet | None:
    """The first expectation that isn't met; None if all are, or if it isn't known because the log is too long."""
    if not any(line.strip() for line in log.lines):
        return _silent(expected)
    return next(_unmet(expected, log), None)


def undecided(expected: ExpectedLog, log: WholeLog) -> str:
    """Why the log can't be checked in full, as a clause; ``""`` if it can."""
    if log.from_start:
        return ""
    text = "\n".join(log.lines)
    wanted = (*expected.must_contain, *([expected.number.pattern] if expected.number else ()))
    if not expected.must_not_contain and all(_pattern(each).search(text) for each in wanted):
        return ""
    return f"it is longer than the {len(log.lines):,} lines that Cronmend reads"


def diagnosis(found: Unmet, log: WholeLog, hide: Redactor = redact) -> Diagnosis:
    parts = shown(f"It exited with 0, but {found.cause}.", found.line, log.lines, None, hide)
    cause = hide(f"it exited with 0, but {found.cause}")
    return Diagnosis(
        Category.UNEXPECTED_OUTPUT, found.rule, parts.sentence, parts.line, parts.excerpt, _ADVICE, cause=cause
    )


def unchecked(success: Diagnosis, reason: str) -> Diagnosis:
    """A log that can't be read is no failure, but its record says so."""
    return replace(success, sentence=f"{success.sentence} {sentence(f'its log was not checked: {reason}')}")


def with_log(expected: ExpectedLog, success: Diagnosis, log: WholeLog | Missing, hide: Redactor = redact) -> Diagnosis:
    """The diagnosis of a run that exited with 0, by its log."""
    if isinstance(log, Missing):
        return unchecked(success, log.reason)
    if found := unmet(expected, log):
        return diagnosis(found, log, hide)
    reason = undecided(expected, log)
    return unchecked(success, reason) if reason else success


def _silent(expected: ExpectedLog) -> Unmet | None:
    if expected.silence is Silence.OK:
        return None
    asks = expected.must_contain or expected.number or expected.silence is Silence.FAILS
    return Unmet("log.silence", "its log is empty") if asks else None


def _unmet(expected: ExpectedLog, log: WholeLog) -> Iterator[Unmet]:
    text = "\n".join(log.lines)
    for pattern in expected.must_not_contain:
        if found := _pattern(pattern).search(text):
            yield Unmet("log.must_not_contain", f"its log contains {_quoted(pattern)}", _line_at(text, found.start()))
    for pattern in expected.must_contain if log.from_start else ():
        if not _pattern(pattern).search(text):
            yield Unmet("log.must_contain", f"its log doesn't contain {_quoted(pattern)}")
    if expected.number:
        yield from _number(expected.number, text, log)


def _number(expected: NumberInLog, text: str, log: WholeLog) -> Iterator[Unmet]:
    last = next(iter(deque(_pattern(expected.pattern).finditer(text), maxlen=1)), None)
    if last is None:
        if log.from_start:
            yield Unmet("log.number", f"its log has no number for {_quoted(expected.pattern)}")
        return
    line, value = _line_at(text, last.start()), _value(last.group(1) or "")
    if value is None:
        yield Unmet("log.number", f"its log has no number for {_quoted(expected.pattern)}", line)
    elif expected.min is not None and value < expected.min:
        yield Unmet("log.number", f"its log reports {value:g}, less than {expected.min:g}", line)
    elif expected.max is not None and value > expected.max:
        yield Unmet("log.number", f"its log reports {value:g}, more than {expected.max:g}", line)


def _pattern(pattern: str) -> Pattern:
    """``^`` and ``$`` match at the borders of a line, too."""
    return Pattern(f"(?m){pattern}")


def _value(text: str) -> float | None:
    """Commas, spaces and underscores between thousands are left out."""
    try:
        return float(text.translate({ord(sign): None for sign in ", _"}))
    except ValueError:
        return None


def _line_at(text: str, place: int) -> str:
    start = text.rfind("\n", 0, place) + 1
    return text[start:].partition("\n")[0]


def _quoted(pattern: str) -> str:
    return f'"{pattern[:_SHOWN]}…"' if len(pattern) > _SHOWN else f'"{pattern}"'
