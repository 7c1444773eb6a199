"""Log lines → the error that ended the process, with a reader for each family of languages.

The last error in the log ended the run, unless it comes from telemetry, a warning or a notifier.
"""

from functools import cached_property
from itertools import compress
from typing import Final

from msgspec import Struct

from cronmend.diagnosis.fatal_error import (
    go_rust,
    java_node_dotnet,
    line_kinds,
    lines,
    python,
    ruby_php_elixir,
    single_lines,
    statements,
)
from cronmend.diagnosis.fatal_error.line_kinds import Level
from cronmend.diagnosis.fatal_error.lines import Lines
from cronmend.diagnosis.fatal_error.signs import Sign
from cronmend.diagnosis.fatal_error.single_lines import Loose
from cronmend.diagnosis.fatal_error.stated_error import StatedError
from cronmend.diagnosis.fatal_error.statements import Says
from cronmend.model import FatalError, Log

__all__ = ["Reading", "StatedError", "find", "read", "telling"]

_READERS: Final = (
    (Sign.PYTHON, python.errors),
    (Sign.JAVA_NODE_DOTNET, java_node_dotnet.errors),
    (Sign.RUBY, ruby_php_elixir.ruby),
    (Sign.PHP, ruby_php_elixir.php),
    (Sign.ELIXIR, ruby_php_elixir.elixir),
    (Sign.GO, go_rust.go),
    (Sign.RUST, go_rust.rust),
)
"""Each reader with the sign that every log which it can read has."""

ABOVE: Final = 4
"""How many lines above its sign an error may start."""


class Reading(Struct, frozen=True, dict=True):
    """The errors in the log's tail.

    ``errors`` have frames or a form of their own: the one that ended the run first, then those before it. ``loose`` are
    single lines after it that may report the end instead, last first. ``survived`` are errors that were handled or that
    occurred in telemetry: they can only explain consequences.
    """

    errors: tuple[StatedError, ...]
    survived: tuple[StatedError, ...]
    lines: Lines

    @cached_property
    def single(self) -> Loose:
        """The single lines after ``errors`` that may report the end."""
        skipped = {line for one in self.survived for line in range(_head(self.lines, one), one.last + 1)}
        return single_lines.errors(self.lines, self.errors[0].last if self.errors else -1, skipped)

    @property
    def loose(self) -> tuple[StatedError, ...]:
        return self.single.near

    @cached_property
    def closing(self) -> StatedError | None:
        """A survived error at the very end, if nothing shows that the job continued after it."""
        last = _last_survived(self)
        return None if last is None or any(line.strip(" |+-") for line in self.lines.text[last.last + 1 :]) else last


def _head(tail: Lines, survived: StatedError) -> int:
    """The first line of an error, or the warning above it, which is part of it."""
    first = survived.first
    return first - int(first > 0 and line_kinds.level(tail.text[first - 1]) is Level.WARNING)


def read(log: Log) -> Reading:
    """All errors that the end of this log reports."""
    tail = lines.read(log)
    stated = _stated(tail)
    stated.sort(key=lambda error: error.last, reverse=True)
    noise = [_is_noise(error, tail) for error in stated]
    survived = tuple(compress(stated, noise))
    return _with_closing(
        Reading(tuple(error for error, is_noise in zip(stated, noise, strict=True) if not is_noise), survived, tail)
    )


def _stated(tail: Lines) -> list[StatedError]:
    """What the suiting readers find; they pass over the ordinary lines before the first sign of an error."""
    first = max(0, tail.signs.start - ABOVE)
    suiting = [reader for sign, reader in _READERS if sign in tail.signs.present]
    return [error for reader in suiting for error in reader(tail, first)]


def _with_closing(reading: Reading) -> Reading:
    """If no other error can have ended the run, the last one did, even under a warning, unless the job continued."""
    last = _last_survived(reading)
    if last is None or reading.errors or reading.single.is_specific:
        return reading
    return Reading((last,), tuple(error for error in reading.survived if error is not last), reading.lines)


def _last_survived(reading: Reading) -> StatedError | None:
    last = next(iter(reading.survived), None)
    if last is None or single_lines.last_sign_of_life(reading.lines.text, len(reading.lines)) > last.last:
        return None
    return None if line_kinds.is_sending("\n".join(reading.lines.text[last.first : last.last + 1])) else last


def find(log: Log) -> FatalError | None:
    """The error that ended the process, judging by the log alone."""
    reading = read(log)
    return next((stated.error for stated in (*reading.errors, *reading.loose)), None)


def telling(reading: Reading) -> str:
    """The line that says most about the end of the run; ``""`` if no line says anything."""
    places = [stated.first for stated in (*reading.single.near, *reading.single.above)]
    return reading.lines.text[max(places, key=lambda place: _telling(reading.lines, place))] if places else ""


def _telling(lines: Lines, place: int) -> Says:
    return min(statements.says(lines.text[place], single_lines.level_of(lines, place)), Says.DENIES)


def _is_noise(stated: StatedError, tail: Lines) -> bool:
    """An error from sending telemetry, or one logged below level ERROR."""
    above = tail.text[stated.first - 1] if stated.first else ""
    level = line_kinds.level(above)
    if level is Level.WARNING:
        return True
    if Sign.SENDING not in tail.signs.present:
        return False
    above = above if level is Level.ERROR else ""
    return line_kinds.is_sending("\n".join([above, *tail.text[stated.first : stated.last + 1]]))
