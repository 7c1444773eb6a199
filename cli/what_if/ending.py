"""How a run ended, as far as its log says so itself. Pure.

ECS forgets a task's exit code about an hour after its end, so only the log is left. It shows an end in three ways: an
exception that nothing handled, a statement of the exit code, or a statement that all went well. Any other log shows
neither a success nor a failure: a job may log an error and continue, and it may fail without a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cronmend.diagnosis import fatal_error
from cronmend.diagnosis.fatal_error import Reading, StatedError, line_kinds, single_lines
from cronmend.diagnosis.fatal_error.line_kinds import Level
from cronmend.model import Log
from cronmend.patterns import Pattern


class End(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Ending:
    end: End
    why: str
    """A clause: what in the log says so, or why nothing does."""
    code: int | None = None
    """The exit code, if the log states it, or says that the run went well."""


_EXIT: Final = Pattern(
    r"(?i)\bexit(?:ed|ing|s)?[ -](?:with )?(?:(?:status|code|exit code)(?: was| is| of)? ?[:=]? ?)(\d{1,3})\b"
    r"|\bexit[_ -]?(?:code|status)\"?(?: was| is| of)? ?[:=]? ?(\d{1,3})\b|\bexited with (\d{1,3})$"
)
_DIED: Final = Pattern(
    r"^(?:CommandError|SystemCheckError): |^npm (?:ERR!|error) |^Killed$|^Segmentation fault"
    r"|^make(?:\[\d+\])?: \*\*\* .+ Error \d+$"
)
"""The last words of programs that then exit with another code than 0."""
_WELL: Final = Pattern(
    r"(?i)\b(?:completed?|finished|ended|done|succeeded)\b.{0,40}\b(?:successfully|with success|without errors?)\b"
    r"|\bsuccessfully (?:completed?|finished|ended)\b"
)
_NOT_WELL: Final = Pattern(
    r"(?i)\b(?:not|never|un\w{3,}|in\w{3,}fully|fail\w*|errors?|partial\w*|abort\w*|cancel\w*|but)\b|n['’]t\b"
)
_NO_ERRORS: Final = Pattern(r"(?i)\b(?:without|no|0) (?:errors?|failures?)\b|\b(?:errors?|failures?|failed)[:=] ?0\b")
_PART: Final = Pattern(
    r"(?i)\b(?:step|stage|phase|page|batch|chunk|part|item|row|record|file|table|iteration|attempt|request|migration|"
    r"query|download|upload|connection|login|handshake)s?\b|\b\d+ ?(?:/|of) ?\d+\b"
)
_NUMBER: Final = Pattern(r"\d+")
_LATELY: Final = 200
"""Lines."""
_ELSEWHERE: Final = Pattern(
    r"(?i)exception (?:ignored )?in (?:thread ['\"]?(?:thread|pool|async|worker)|callback)|exception ignored"
    r"|never retrieved|^(?:warning|deprecationwarning)|thread '(?:tokio|worker|<unnamed>)[^']*' panicked"
)
"""An exception beside the main one: the program continues."""
_PANICKED: Final = Pattern(r"^thread 'main'.* panicked at |^panic: ")
_AFTER: Final = Pattern(
    r"^\s*(?:Node\.js v|exit status \d|Sentry is attempting|Waiting up to|Press Ctrl|note: run with|at |from |#\d+ "
    r"|thrown in |\.\.\. \d+ more|<asynchronous suspension>|\(Background on this error|\[(?:SQL|parameters): )"
)
"""Lines that runtimes print below the exception that ends them."""


def ending(log: Log, success: Sequence[str] = ()) -> Ending:
    """
    Args:
        success: texts that the user says a job writes at its end if it succeeds.
    """
    said = [line for line in log if line.strip()]
    if not said:
        return Ending(End.NOT_KNOWN, "its log is empty")
    found = _stated(said, success) or _unhandled(log, fatal_error.read(log))
    return found or Ending(End.NOT_KNOWN, "its log doesn't say how it ended")


def _stated(said: list[str], success: Sequence[str]) -> Ending | None:
    """By the last line, or the last before those about closing and cleaning up: what follows may have ended the run."""
    for line in reversed(said):
        if stated := _of_line(line, said, success):
            return stated
        if not line_kinds.tears_down(line):
            return None
    return None


def _of_line(line: str, said: list[str], success: Sequence[str]) -> Ending | None:
    if any(text in line for text in success):
        return Ending(End.SUCCEEDED, "its log has a text of --success", 0)
    if found := _EXIT.search(line):
        code = int(next(filter(None, found.groups())))
        return Ending(End.FAILED if code else End.SUCCEEDED, f"its log says that it exited with {code}", code)
    if _DIED.search(line):
        return Ending(End.FAILED, "a program says at the end of its log that it failed")
    if _is_well(line) and not _is_step(line, said):
        return Ending(End.SUCCEEDED, "its log says that it went well", 0)
    return None


def _is_step(line: str, said: list[str]) -> bool:
    """Whether the line is about a part of the work: then the next part may have been cut off."""
    form = _NUMBER.sub("#", line)
    return bool(_PART.search(line)) or sum(_NUMBER.sub("#", each) == form for each in said[-_LATELY:]) > 1


def _is_well(line: str) -> bool:
    return bool(_WELL.search(line)) and not _NOT_WELL.search(_NO_ERRORS.sub("", line))


def _unhandled(log: Log, reading: Reading) -> Ending | None:
    error = next(iter(reading.errors), None)
    if error is None or not _stops(reading, error) or _is_logged(log, reading, error) or _continued(reading, error):
        return None
    return Ending(End.FAILED, "an exception that nothing handled ends its log")


def _stops(reading: Reading, error: StatedError) -> bool:
    return bool(error.frames or _PANICKED.search(reading.lines.text[error.first]))


def _is_logged(log: Log, reading: Reading, error: StatedError) -> bool:
    """Whether the program itself wrote the exception as a record, and so may have handled it."""
    lines, first = reading.lines, error.first
    above = first - 1 if first else first
    if any(_ELSEWHERE.search(lines.text[line]) for line in (above, first)):
        return True
    if log[lines.origin[first]].lstrip().startswith("{") or single_lines.level_of(lines, first) is not Level.NONE:
        return True
    return above != first and single_lines.level_of(lines, above) in (Level.ERROR, Level.WARNING)


def _continued(reading: Reading, error: StatedError) -> bool:
    after = reading.lines.text[error.last + 1 :]
    return any(line.strip(" |+-~^}") and not _AFTER.search(line) for line in after)
