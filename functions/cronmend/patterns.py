"""RE2 patterns that are compiled at their first use, and cheap checks whether any of them occurs in a text."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

import re2


class Match:
    """Like a match of ``re``, made of RE2's places: its own match looks up all names of groups at each question."""

    __slots__ = ("_found", "_names", "_text")

    def __init__(self, text: str, found: Any, names: Mapping[str, int]) -> None:
        self._text = text
        self._found = found
        self._names = names

    def __getitem__(self, group: int | str) -> Any:
        start, end = self._found.span(group if isinstance(group, int) else self._names[group])
        return None if start < 0 else self._text[start:end]

    def groups(self) -> tuple[Any, ...]:
        return tuple([self[number] for number in range(1, self._found.re.groups + 1)])

    def groupdict(self) -> Mapping[str, Any]:
        return {name: self[name] for name in self._names}

    def span(self) -> tuple[int, int]:
        start, end = self._found.span()
        return start, end

    def start(self) -> int:
        return self.span()[0]


class Pattern:
    """Like the result of ``re2.compile``, but compiled at its first use: a process meets few of the languages."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    @cached_property
    def _compiled(self) -> Any:
        return re2.compile(self._pattern)

    @cached_property
    def _names(self) -> Mapping[str, int]:
        return dict(self._compiled.groupindex)

    def search(self, text: str) -> Any:
        """Read as bytes if they are its characters: in other texts, RE2's wrapper counts those before each place."""
        text = encodable(text)
        found = self._compiled.search(text.encode() if text.isascii() else text)
        return Match(text, found, self._names) if found else None

    def finditer(self, text: str) -> Iterator[Any]:
        found: Iterator[Any] = self._compiled.finditer(encodable(text))
        return found

    def sub(self, replacement: str, text: str) -> str:
        return str(self._compiled.sub(replacement, encodable(text)))


def encodable(text: str) -> str:
    """RE2 reads UTF-8, which has no halves of characters: each becomes a question mark, so places stay the same."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def utf8(text: str) -> bytes:
    """A text as RE2 reads it; its wrapper would encode a string itself, and fail for halves of characters."""
    return text.encode("utf-8", "replace")


def indexer(patterns: Sequence[str]) -> Callable[[str], tuple[int, ...]]:
    """A function that returns the indexes of the RE2 patterns that occur in a text; compiled at its first use."""
    automaton = cache(lambda: _automaton(patterns))
    return lambda text: tuple(sorted(automaton().Match(utf8(text)) or ()))


def detector(pattern: str) -> Callable[[str], bool]:
    """A function that returns whether this RE2 pattern occurs in a text; compiled at its first use."""
    automaton = cache(lambda: _automaton([pattern]))
    return lambda text: automaton().Match(utf8(text)) is not None


def _automaton(patterns: Sequence[str]) -> Any:
    options = re2.Options()
    options.never_capture = True
    automaton = re2.Set.SearchSet(options)
    for pattern in patterns:
        automaton.Add(pattern)
    automaton.Compile()
    return automaton
