"""Go and Rust: panics, fatal runtime errors, and Rust's chains of causes."""

from typing import Final

from cronmend.diagnosis.fatal_error.lines import Lines
from cronmend.diagnosis.fatal_error.stated_error import StatedError, chain
from cronmend.model import FatalError
from cronmend.patterns import Pattern

MAX_CAUSES: Final = 12

_RUST_OLD = Pattern(r"panicked at '(?P<message>.*)', \S+:\d+")
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


def rust(lines: Lines, first: int) -> list[StatedError]:
    found: list[StatedError] = []
    for index in [number for number, line in enumerate(lines.text[first:], first) if line.startswith(_HEADS)]:
        line = lines.text[index]
        if line.startswith("thread '") and "panicked at " in line:
            found.append(_panic(lines, index, line))
        elif line.startswith("Error:") and (stated := _with_causes(lines, index, line)):
            found.append(stated)
    return found


def _panic(lines: Lines, index: int, line: str) -> StatedError:
    match = _RUST_OLD.search(line)
    follows = lines.text[index + 1] if index + 1 < len(lines) else ""
    message = match["message"] if match else follows
    last = index if match else min(index + 1, len(lines) - 1)
    while last + 1 < len(lines) and lines.text[last + 1].startswith(("note: ", "stack backtrace:", "  ")):
        last += 1
    return StatedError(FatalError("panic", message, lines.origin[index]), index, last)


def _with_causes(lines: Lines, index: int, line: str) -> StatedError | None:
    """``Error: …`` with the causes that anyhow and eyre print below it."""
    start = next(
        (number for number in range(index + 1, min(index + 4, len(lines))) if lines.text[number] == "Caused by:"), 0
    )
    if not start:
        return None
    errors = [FatalError("Error", line.partition(":")[2].strip(), lines.origin[index])]
    last = start
    for number in range(start + 1, min(start + 1 + MAX_CAUSES, len(lines))):
        match = _CAUSE.search(lines.text[number])
        if not match:
            break
        errors.append(FatalError("", _with_path(errors[-1].message, match["message"]), lines.origin[number]))
        last = number
    return StatedError(chain(errors), index, last)


def _with_path(outer: str, message: str) -> str:
    """The operating system's error after the path that the outer error names."""
    return f"{outer}: {message}" if "(os error " in message and "/" in outer else message
