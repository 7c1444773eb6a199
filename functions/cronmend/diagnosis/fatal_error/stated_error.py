"""What the readers of the languages hand over: an error that a log states, and how it got there."""

from dataclasses import dataclass

from cronmend.model import FatalError


@dataclass(frozen=True, slots=True)
class StatedError:
    """An error with its place among the physical lines (first and last line, both included)."""

    error: FatalError
    first: int
    last: int
    frames: str = ""
    """The innermost frames, as the runtime printed them."""
    group: bool = False
    """The causes stand beside each other (exception group, AggregateException), not in a chain."""
    context: tuple[FatalError, ...] = ()
    """What was being handled when this error was raised, nearest first."""


def chain(errors: list[FatalError]) -> FatalError:
    """Outermost first → one error whose causes are the others."""
    outer = errors[0]
    return FatalError(outer.type, outer.message, outer.line, tuple(errors[1:]))


def flat(error: FatalError) -> list[FatalError]:
    """The outermost error and its causes, outermost first."""
    return [error, *error.causes]
