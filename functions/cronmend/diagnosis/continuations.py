"""What a message says on the lines below it: names after a colon, a parser's place, a service's answer. Pure."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final

from cronmend import escapes
from cronmend.diagnosis import frames

LISTED: Final = 16
"""Lines below the deciding one that may list names."""
FIELDS: Final = 60
"""Lines below a request's error among which the service's answer is looked for."""
_PARSING: Final = re.compile(r"\bwhile (?:parsing|scanning) [\w ]{1,60}$")
"""How a parser of YAML says where it was: on the next lines follow the place, the problem, and the problem's place."""
_OF_DBT: Final = re.compile(r"\b(?:Database|Runtime|Compilation|Parsing) Error in \w+ \S+ \([^)]+\)$")
"""dbt's heading of an error in a file: its message is below."""
_REQUEST: Final = re.compile(r"\bRequest failed with status code \d{3}$")
"""axios's message: the answer's body is a field of the error, which Node.js prints below the stack."""
_ANNOUNCING: Final = {
    " validation error": re.compile(r"\b\d{1,3} validation errors? for \S{1,80}$"),
    "terminate called ": re.compile(r"^terminate called after throwing an instance of '[^']{1,200}'$"),
    "while ": _PARSING,
    " Error in ": _OF_DBT,
    "Request failed ": _REQUEST,
}
"""The forms of lines that are continued without a colon at their end, each with words of it."""
_LISTED: Final = re.compile(r"(?P<name>[A-Za-z_][\w.-]{0,80})(?:$|\s*[:=(]|\s+[-–—]\s)")
_SAYS: Final = "what():"
"""How C++ starts an exception's message below its type."""
_OF_R: Final = "! "
"""How R's packages start an error's message below its call."""
_BODY: Final = re.compile(r"^\s+(?:data|body): \{")
_ANSWER: Final = re.compile(
    r"^\s+(?:message|error|error_description|detail|title): (?P<quote>['\"`])(?P<said>.{3,300})(?P=quote),?$"
)


def of(parts: Sequence[str], deciding: int) -> tuple[str, ...]:
    """What continues the line; empty if nothing does."""
    line = parts[deciding].rstrip()
    if not _announces(line):
        return ()
    if _PARSING.search(line):
        below = [part.strip() for part in parts[deciding + 1 : deciding + 4]]
        return tuple(below[1:] if below[:1] and below[0].startswith("in ") else below[:2])
    if _OF_DBT.search(line):
        return tuple(islice((part.strip() for part in parts[deciding + 1 :] if part.strip()), 1))
    if _REQUEST.search(line):
        return _answer(parts[deciding + 1 : deciding + 1 + FIELDS])
    return _listed(parts[deciding + 1 : deciding + 1 + LISTED])


def _announces(line: str) -> bool:
    return line.endswith(":") or any(words in line and form.search(line) for words, form in _ANNOUNCING.items())


def _answer(parts: Sequence[str]) -> tuple[str, ...]:
    """What the service said, among the fields of its answer."""
    body = next((number for number, part in enumerate(parts) if _BODY.match(part)), len(parts))
    return tuple(islice((found["said"] for part in parts[body:] if (found := _ANSWER.match(part))), 1))


def _listed(parts: Sequence[str]) -> tuple[str, ...]:
    """The names listed below a line; if the next line is no name but indented, that line alone."""
    names: list[str] = []
    for part in parts:
        text = escapes.without(part).strip().removeprefix("- ").lstrip(" *•·")
        if not names and text.startswith(_OF_R):
            return (text.removeprefix(_OF_R),)
        name = _LISTED.match(text)
        if frames.is_frame(part) or (not names and text and (name is None or text.startswith(_SAYS))):
            return (text,) if part.startswith(" ") and not frames.is_frame(part) and not text.startswith("-") else ()
        if names and not text:
            break
        names += [name["name"]] if name else []
    return tuple(dict.fromkeys(names))
