"""Go and Rust: panics, fatal runtime errors, and Rust's chains of causes."""

from typing import Final

from cronmend.diagnosis.fatal_error.lines import Lines
from cronmend.diagnosis.fatal_error.stated_error import StatedError, chain
from cronmend.model import FatalError
from cronmend.patterns import Pattern

MAX_CAUSES: Final = 12

_PANICKED: Final = "panicked at "
_OLD_END = Pattern(r"^(?P<message>.*)', \S+:\d+(?::\d+)?$")
"""Older versions of Rust print the message in quotation marks, and the place behind it."""
MAX_MESSAGE: Final = 24
"""Lines of a panic's message: a value that Rust formats for debugging has many."""
_FRAME_OF_GO = Pattern(r"^\s+\S+\.go:\d+(?: \+0x[0-9a-f]+)?\s*$")
_INDENTS: Final = frozenset("\t ")
_CAUSE = Pattern(r"^\s+(?:\d+: )?(?P<message>\S.*)$")


_PANICS: Final = ("panic: ", "fatal error: ", "\tpanic: ")


def go(lines: Lines, first: int) -> list[StatedError]:
    """Go prints a panic in a deferred call below the first one; both are returned, in the log's order."""
    found: list[StatedError] = []
    for index, line in enumerate(lines.text[first:], first):
        if line.startswith(_PANICS):
            kind, _, message = line.strip().partition(": ")
            more = [text.strip() for text in lines.text[index + 1 : index + 4] if text.startswith(("\t", "[signal"))]
            error = FatalError(kind, "\n".join([message.removesuffix(" [recovered]"), *more]), lines.origin[index])
            found.append(StatedError(error, index, _end_of_goroutines(lines, index)))
    return found


def is_frame(text: list[str], index: int) -> bool:
    """Whether this is a function or its place, one below the other, as Go's loggers print a stack below a record."""
    place = text[index]
    if place[:1] not in _INDENTS and index + 1 < len(text):
        place = text[index + 1]
    return ".go:" in place and place[:1] in _INDENTS and _FRAME_OF_GO.search(place) is not None


def _end_of_goroutines(lines: Lines, index: int) -> int:
    last = index
    for number in range(index + 1, len(lines)):
        line = lines.text[number]
        if line.startswith(_PANICS):
            break
        if (
            line.startswith(("goroutine ", "\t", "created by ", "main.", "runtime.", "[signal", "exit status"))
            or not line
        ):
            last = number
        elif not line.endswith(")"):
            break
    return last


_HEADS: Final = ("thread '", "Error:")
_CAUSES: Final = "Caused by:"


def rust(lines: Lines, first: int) -> list[StatedError]:
    found: list[StatedError] = []
    for index in [number for number, line in enumerate(lines.text[first:], first) if line.startswith(_HEADS)]:
        line = lines.text[index]
        if line.startswith("thread '") and _PANICKED in line:
            found.append(_panic(lines, index, line))
        elif line.startswith("Error:") and (stated := _with_causes(lines, index, line)):
            found.append(stated)
    return found


def _panic(lines: Lines, index: int, line: str) -> StatedError:
    """A panic with all lines of its message, and the causes that anyhow, eyre and failure format into it."""
    quoted = line.partition(_PANICKED)[2]
    message, last = _old_message(lines, index, quoted) if quoted.startswith("'") else _new_message(lines, index)
    while last + 1 < len(lines) and lines.text[last + 1].startswith(("note: ", "stack backtrace:", "  ")):
        last += 1
    outer, causes = _split(message)
    errors = [FatalError("panic", "\n".join(outer), lines.origin[index])]
    for cause in causes:
        errors.append(_inner(errors[-1], cause, lines.origin[index]))
    return StatedError(chain(errors), index, last)


def _old_message(lines: Lines, index: int, quoted: str) -> tuple[list[str], int]:
    message = [quoted[1:]]
    for last in range(index, min(index + MAX_MESSAGE, len(lines))):
        if last > index:
            message.append(lines.text[last])
        if match := _OLD_END.search(message[-1]):
            return [*message[:-1], match["message"]], last
    return message[:1], index


def _new_message(lines: Lines, index: int) -> tuple[list[str], int]:
    """The lines below the head, until the hint about backtraces or a line that starts something else."""
    message: list[str] = []
    last = index
    for number in range(index + 1, min(index + 1 + MAX_MESSAGE, len(lines))):
        line = lines.text[number]
        if message and not line.startswith((" ", "\t", "}", ")", "]", _CAUSES)) and line:
            break
        if line.strip():
            last = number
        message.append(line)
    return message[: last - index], last


def _split(message: list[str]) -> tuple[list[str], list[str]]:
    """The message itself and its causes, outermost first."""
    if _CAUSES not in message:
        return message, []
    start = message.index(_CAUSES)
    matches = (_CAUSE.search(line) for line in message[start + 1 : start + 1 + MAX_CAUSES])
    return [line for line in message[:start] if line], [match["message"] for match in matches if match]


def _with_causes(lines: Lines, index: int, line: str) -> StatedError | None:
    """``Error: …`` with the causes that anyhow and eyre print below it."""
    start = next(
        (number for number in range(index + 1, min(index + 4, len(lines))) if lines.text[number] == _CAUSES), 0
    )
    if not start:
        return None
    errors = [FatalError("Error", line.partition(":")[2].strip(), lines.origin[index])]
    last = start
    for number in range(start + 1, min(start + 1 + MAX_CAUSES, len(lines))):
        match = _CAUSE.search(lines.text[number])
        if not match:
            break
        errors.append(_inner(errors[-1], match["message"], lines.origin[number]))
        last = number
    return StatedError(chain(errors), index, last)


def _inner(outer: FatalError, message: str, origin: int) -> FatalError:
    """The cause of an error; the operating system's with the path that the outer error names."""
    is_of_path = "(os error " in message and "/" in outer.message
    return FatalError("", f"{outer.message}: {message}" if is_of_path else message, origin)
