"""What only some teams call a secret: addresses of people, numbers of cards, and patterns of their own."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import re2

from cronmend.patterns import Pattern
from cronmend.redact.span import HIDDEN, without

_EMAIL: Final = Pattern(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b")
_CARD: Final = Pattern(r"\b[2-6]\d(?:[ -]?\d){11,17}\b")
SYNTAX: Final = "https://github.com/google/re2/wiki/Syntax"


class BadPattern(ValueError):
    """A team's pattern is of no use; the message names it and the remedy."""


def emails(text: str) -> str:
    return without(text, (found.span() for found in _EMAIL.finditer(text)))


def cards(text: str) -> str:
    return without(text, (found.span() for found in _CARD.finditer(text) if _is_card(found[0])))


def _is_card(written: str) -> bool:
    """13 to 19 digits with Luhn's check digit, which nine in ten other numbers don't have."""
    digits = [int(c) for c in reversed(written) if c.isdigit()]
    doubled = (2 * digit for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


@lru_cache(maxsize=8)
def hiding(patterns: tuple[str, ...]) -> Callable[[str], str]:
    """A function that hides whatever one of these patterns matches.

    Raises:
        BadPattern: the first that does not compile, or that matches nothing at all everywhere.
    """
    compiled = [_compiled(pattern) for pattern in patterns]
    return lambda text: _all(compiled, text)


def _all(compiled: list[Any], text: str) -> str:
    """Between what is hidden already: the word for it is none of the text's own."""
    for pattern in compiled:
        text = HIDDEN.join(
            without(piece, (found.span() for found in pattern.finditer(piece))) for piece in text.split(HIDDEN)
        )
    return text


def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        why = error.args[0].decode() if isinstance(error.args[0], bytes) else error
        raise BadPattern(
            f"the pattern {pattern!r} is not understood ({why}): write it as RE2 reads it, {SYNTAX}"
        ) from None
    if compiled.search("") is not None:
        raise BadPattern(
            f"the pattern {pattern!r} matches an empty text, so anywhere: let it match one character at least"
        )
    return compiled


def listed(text: str) -> tuple[str, ...]:
    """Patterns out of one text: between new lines, or commas that stand in no brackets of any kind."""
    return tuple(part for line in text.splitlines() for raw in _split(line) if (part := raw.strip()))


def _split(line: str) -> list[str]:
    parts, depth, escaped = [""], 0, False
    for char in line:
        if char == "," and depth == 0 and not escaped:
            parts.append("")
            continue
        parts[-1] += char
        if not escaped:
            depth = max(0, depth + (char in "([{") - (char in ")]}"))
        escaped = char == "\\" and not escaped
    return parts
