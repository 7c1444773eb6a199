"""Text that only some teams treat as secret: email addresses, card numbers, and their own patterns."""

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
    """A team's pattern can't be used; the message names it and the remedy."""


def emails(text: str) -> str:
    return without(text, (found.span() for found in _EMAIL.finditer(text)))


def cards(text: str) -> str:
    return without(text, (found.span() for found in _CARD.finditer(text) if _is_card(found[0])))


def _is_card(written: str) -> bool:
    """13 to 19 digits with a valid Luhn check digit, which nine in ten other numbers don't have."""
    digits = [int(c) for c in reversed(written) if c.isdigit()]
    doubled = (2 * digit for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


@lru_cache(maxsize=8)
def hiding(patterns: tuple[str, ...]) -> Callable[[str], str]:
    """A function that hides each match of these patterns.

    Raises:
        BadPattern: one of them does not compile, or matches an empty text.
    """
    compiled = [_compiled(pattern) for pattern in patterns]
    return lambda text: _all(compiled, text)


def _all(compiled: list[Any], text: str) -> str:
    """Searches only between parts already hidden, since ``[hidden]`` is not part of the original text."""
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
        raise BadPattern(f"the pattern {pattern!r} is not valid RE2 ({why}): correct it, see {SYNTAX}") from None
    if compiled.search("") is not None:
        raise BadPattern(f"the pattern {pattern!r} matches an empty text: change it to match at least one character")
    return compiled


def listed(text: str) -> tuple[str, ...]:
    """The patterns in a setting, separated by newlines, or by commas outside brackets of any kind."""
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
