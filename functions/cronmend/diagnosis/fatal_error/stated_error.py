"""The result of the language readers: an error as reported in a log, with its place there."""

from typing import Final

from msgspec import Struct

from cronmend.model import FatalError

MAX_CAUSES: Final = 24
"""Of a longer chain, the outermost and the innermost half of this many causes are kept."""

_LINES_BELOW: Final = {"SQL compilation error": 2, "System check identified": 5}
"""How many lines below a message with this text continue it: the place in the query and the reason, or a list."""


class StatedError(Struct, frozen=True):
    """An error with its first and last physical line, both included."""

    error: FatalError
    first: int
    last: int
    frames: str = ""
    """The innermost frames, as the runtime printed them."""
    group: bool = False
    """Whether the causes are members of a group (exception group, AggregateException), not a chain."""
    context: tuple[FatalError, ...] = ()
    """The errors that were being handled when this one was raised, nearest first."""


def chain(errors: list[FatalError]) -> FatalError:
    """One error from a list, outermost first: the others become its causes, at most ``MAX_CAUSES``."""
    outer, *causes = errors
    if not causes:
        return outer
    if len(causes) > MAX_CAUSES:
        causes = causes[: MAX_CAUSES // 2] + causes[-MAX_CAUSES // 2 :]
    return FatalError(outer.type, outer.message, outer.line, tuple(causes))


def flat(error: FatalError) -> list[FatalError]:
    """The outermost error and its causes, outermost first."""
    return [error, *error.causes]


def announces(line: str) -> int:
    """How many lines below the first line of a message continue it: after a colon, or a code without a text."""
    if below := next((lines for text, lines in _LINES_BELOW.items() if text in line), 0):
        return below
    return int(line.endswith(":") or line.rstrip("0123456789.").endswith("Code: "))
