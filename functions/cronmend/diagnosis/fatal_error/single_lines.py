"""Errors on one line of a log, without frames: from shells, clients, Go's log.Fatal, one-line handlers."""

from collections.abc import Iterable, Set
from typing import Final

from cronmend.diagnosis.fatal_error import line_kinds
from cronmend.diagnosis.fatal_error.line_kinds import Level
from cronmend.diagnosis.fatal_error.lines import Lines
from cronmend.diagnosis.fatal_error.stated_error import StatedError
from cronmend.model import FatalError
from cronmend.patterns import Pattern

SEARCH_BACK: Final = 30
"""How many lines at the end of the log may report the error on their own."""
CONTINUED_AFTER: Final = 4
"""This many ordinary records after an error show that the job continued."""

_TYPE = Pattern(
    r"(?:^|[\s(\[:>=\"'-])((?:[A-Za-z_][\w$]*(?:\.|::|\\))*[A-Za-z_][\w$]*(?:Error|Exception|"
    r"Timeout|Refused|Exit|NotFound|DoesNotExist))(?: \[[\w.]+\])?: (.*)$"
)
_OWN_WORDS = Pattern(r"^(ERROR|FATAL|Fatal): (\S+ \S+ \S+ \S.*)$")
"""A script's own last message, without a log format."""
_COLUMN = Pattern(r"\s+[\w.]+:\d+\s*$")
"""The place of a log call, which rich prints at the right margin."""
_PART = (
    "  File ",
    "\t",
    "    at ",
    "    from ",
    "goroutine ",
    "created by ",
    "   at ",
    "#",
    "note: ",
    "= note: ",
    "hint: ",
)
"""The starts of lines that belong to another line: frames, continued messages, a compiler's notes."""


def errors(lines: Lines, after: int, survived: Iterable[StatedError]) -> list[StatedError]:
    """The lines after ``after`` that may report what ended the run, last first."""
    return _between(lines, after, len(lines) - 1, {line for one in survived for line in range(one.first, one.last + 1)})


def above(lines: Lines, first: int) -> list[StatedError]:
    """The lines before ``first`` that may report the cause of the error there, last first.

    Warnings count as well: a consequence may follow from an error that the job survived at first.
    """
    return _between(lines, -1, first - 1, frozenset(), warnings=True)


def _between(lines: Lines, after: int, last: int, survived: Set[int], warnings: bool = False) -> list[StatedError]:
    found: list[StatedError] = []
    ordinary = 0
    for index in range(last, max(after, last - SEARCH_BACK), -1):
        line = lines.text[index]
        if not line.strip(" |+-") or index in survived or line.startswith(_PART):
            continue
        level = line_kinds.level(line)
        if level is Level.BELOW_WARNING:
            ordinary += 1
            if ordinary == CONTINUED_AFTER:
                break
        elif warnings if level is Level.WARNING else line_kinds.may_end_a_run(line):
            found.append(_stated(lines, index, line))
    return found


def _rest(lines: Lines, index: int) -> list[str]:
    """The indented rest of a message, then the whole message on one line: rich wraps lines and adds a column."""
    rest = []
    for text in lines.text[index + 1 : index + 6]:
        if not text.startswith(("\t", " " * 6)) or text.lstrip().startswith(("at ", "File ")):
            break
        rest.append(text.strip())
    whole = " ".join([_COLUMN.sub("", lines.text[index]).strip(), *rest])
    return [*rest, whole] if rest else []


def _stated(lines: Lines, index: int, line: str) -> StatedError:
    more = _rest(lines, index)
    match = _TYPE.search(line) or _OWN_WORDS.search(line)
    kind, message = (match[1], match[2]) if match else ("", line.strip())
    return StatedError(FatalError(kind, "\n".join([message, *more]), lines.origin[index]), index, index)
