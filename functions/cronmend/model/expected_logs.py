"""What the owner of a job expects in the log of a run that exits with 0. Patterns are in RE2's syntax."""

from enum import StrEnum

from msgspec import Struct

from cronmend.model.runs import Log


class Silence(StrEnum):
    """Whether a run may write nothing at all."""

    OK = "ok"
    FAILS = "fails"


class NumberInLog(Struct, frozen=True):
    """A number that a line reports, and its bounds; at least one of these is set."""

    pattern: str
    """Its first group is the number. The last line that matches counts."""
    min: float | None = None
    max: float | None = None


class ExpectedLog(Struct, frozen=True):
    must_contain: tuple[str, ...] = ()
    must_not_contain: tuple[str, ...] = ()
    number: NumberInLog | None = None
    silence: Silence | None = None
    """None if an empty log is like any other: it contains nothing."""

    @property
    def is_checked(self) -> bool:
        return bool(self.must_contain or self.must_not_contain or self.number or self.silence is Silence.FAILS)


class WholeLog(Struct, frozen=True):
    lines: Log
    from_start: bool = True
    """False if it is longer than what was read: the lines are its end."""
