"""Signs of errors in a log. One scan finds all of them, and what has no sign in the log isn't looked for. Pure."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import cached_property
from typing import Final

from msgspec import Struct

from cronmend.diagnosis.fatal_error import envelopes, line_kinds
from cronmend.patterns import indexer

TOGETHER: Final = 100
"""Lines that are scanned as one text: where they have no sign, none of them is looked at again."""


class Sign(IntEnum):
    """What a reader or a check needs in a text to find anything."""

    PYTHON = 0
    JAVA_NODE_DOTNET = 1
    RUBY = 2
    PHP = 3
    ELIXIR = 4
    GO = 5
    RUST = 6
    OTHER_START = 7
    """Where a reader may start, too, if its own sign is anywhere in the log."""
    HIDDEN_BLOCK = 8
    """The start of a stack trace behind a time."""
    SENDING = 9
    """Telemetry while it sends data."""


_PATTERNS: Final[Mapping[Sign, str]] = {
    Sign.PYTHON: r"File \"|Traceback \(most recent|(?:^|\n)Planned operations:\n",
    Sign.JAVA_NODE_DOTNET: r"[\t ]at |\nat ",
    Sign.RUBY: r":in [`']|ra(?:ke|ils) aborted!|\.rb: ",
    Sign.PHP: r"(?:Fatal|Parse) error: |\nStack trace:\n#0 |\n +at \S+\.php:\d",
    Sign.ELIXIR: r"\*\* \(",
    Sign.GO: r"panic: |fatal error: ",
    Sign.RUST: r"panicked at |\nCaused by:",
    Sign.OTHER_START: r"╰─|atal error: |Next |Stack trace:|Caused by:|rake aborted!",
    Sign.HIDDEN_BLOCK: envelopes.HIDDEN_BLOCK,
    Sign.SENDING: line_kinds.SENDING,
}
_STARTS: Final = frozenset(sign for sign in Sign if sign <= Sign.OTHER_START)
_in_text: Final = indexer(list(_PATTERNS.values()))


class Signs(Struct, frozen=True, dict=True):
    """The signs of these lines, which are scanned at the first question."""

    lines: Sequence[str]

    @cached_property
    def present(self) -> frozenset[int]:
        return frozenset().union(*self._parts.values())

    def hides_blocks(self) -> bool:
        return Sign.HIDDEN_BLOCK in self.present

    @property
    def start(self) -> int:
        """The first line of the first part in which a reader may start; 0 if there is none."""
        return next((number for number, found in self._parts.items() if not found.isdisjoint(_STARTS)), 0)

    @cached_property
    def _parts(self) -> Mapping[int, frozenset[int]]:
        """The signs of each part by its first line. Some are of several lines: a line on both sides is scanned, too."""
        return {
            number: frozenset(_in_text("\n".join(self.lines[max(0, number - 1) : number + TOGETHER + 1])))
            for number in range(0, len(self.lines), TOGETHER)
        }
