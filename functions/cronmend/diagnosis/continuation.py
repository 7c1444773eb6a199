"""What a line of a log announces and the lines below it say, such as the names of missing variables. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from cronmend import escapes
from cronmend.diagnosis import frames

LISTED: Final = 16
"""Lines below a line that may list names."""
_PARSING: Final = re.compile(r"\bwhile (?:parsing|scanning) [\w ]{1,60}$")
"""How a parser of YAML says where it was: on the next lines follow the place, the problem, and the problem's place."""
_ANNOUNCING: Final = {
    " validation error": re.compile(r"\b\d{1,3} validation errors? for \S{1,80}$"),
    "terminate called ": re.compile(r"^terminate called after throwing an instance of '[^']{1,200}'$"),
    "while ": _PARSING,
}
"""The forms of lines that announce something without a colon at their end, each with words of it."""
_LISTED: Final = re.compile(r"(?P<name>[A-Za-z_][\w.-]{0,80})(?:$|\s*[:=(]|\s+[-–—]\s)")
_SAYS: Final = "what():"
"""How C++ starts an exception's message below its type."""


def below(parts: Sequence[str], number: int) -> tuple[str, ...]:
    """The names listed below this line; if the next line is no name but indented, that line alone.

    Below a parser's line: the problem and its place. Empty if the line announces nothing.
    """
    line = parts[number].rstrip()
    if not _announces(line):
        return ()
    if _PARSING.search(line):
        rest = [part.strip() for part in parts[number + 1 : number + 4]]
        return tuple(rest[1:] if rest[:1] and rest[0].startswith("in ") else rest[:2])
    return _listed(parts[number + 1 : number + 1 + LISTED])


def _announces(line: str) -> bool:
    return line.endswith(":") or any(words in line and form.search(line) for words, form in _ANNOUNCING.items())


def _listed(parts: Sequence[str]) -> tuple[str, ...]:
    names: list[str] = []
    for part in parts:
        text = escapes.without(part).strip().removeprefix("- ").lstrip(" *•·")
        name = _LISTED.match(text)
        if frames.is_frame(part) or (not names and text and (name is None or text.startswith(_SAYS))):
            return (text,) if part.startswith(" ") and not frames.is_frame(part) and not text.startswith("-") else ()
        if names and not text:
            break
        names += [name["name"]] if name else []
    return tuple(dict.fromkeys(names))
