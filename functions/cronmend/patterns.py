"""RE2 patterns that cost nothing before their first use, and the cheap question whether one occurs at all."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any

import re2


class Pattern:
    """Like what ``re2.compile`` gives, but compiled at its first use: a process meets few of all languages."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    @cached_property
    def _compiled(self) -> Any:
        return re2.compile(self._pattern)

    def search(self, text: str) -> Any:
        return self._compiled.search(text)

    def finditer(self, text: str) -> Iterator[Any]:
        found: Iterator[Any] = self._compiled.finditer(text)
        return found

    def sub(self, replacement: str, text: str) -> str:
        return str(self._compiled.sub(replacement, text))


def indexer(patterns: Sequence[str]) -> Callable[[str], list[int]]:
    """A function that tells which of these RE2 patterns occur in a text, by number; compiled at its first use."""
    automaton = cache(lambda: _automaton(patterns))
    return lambda text: sorted(automaton().Match(text) or ())


def detector(pattern: str) -> Callable[[str], bool]:
    """A function that tells whether this RE2 pattern occurs in a text; compiled at its first use."""
    automaton = cache(lambda: _automaton([pattern]))
    return lambda text: automaton().Match(text) is not None


def _automaton(patterns: Sequence[str]) -> Any:
    options = re2.Options()
    options.never_capture = True
    automaton = re2.Set.SearchSet(options)
    for pattern in patterns:
        automaton.Add(pattern)
    automaton.Compile()
    return automaton
