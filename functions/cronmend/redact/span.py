"""The start and end of a secret in a text."""

from collections.abc import Iterable, Iterator
from typing import Final

HIDDEN: Final = "[hidden]"

type Span = tuple[int, int]


def without(text: str, spans: Iterable[Span]) -> str:
    """The text with each span hidden. Spans are ordered by start; a span inside another one is ignored."""
    return "".join(_pieces(text, spans))


def _pieces(text: str, spans: Iterable[Span]) -> Iterator[str]:
    done = 0
    for start, end in spans:
        if end <= done or start >= end:
            continue
        if start >= done:
            yield text[done:start]
            yield HIDDEN
        done = end
    yield text[done:]
