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
_HEADING: Final = re.compile(
    r"\b(?:Database|Runtime|Compilation|Parsing) Error in \w+ \S+ \([^)]+\)$|\bMigrations have failed validation$"
)
"""dbt's heading of an error in a file, and Flyway's: the message is below."""
_REQUEST: Final = re.compile(r"\bRequest failed with status code \d{3}$")
"""axios's message: the answer's body is a field of the error, which Node.js prints below the stack."""
_OPENS_LIST: Final = ": ["
_OF_ZOD: Final = re.compile(r'"path": \[\s*"(?P<path>[^"]{1,100})"[^\]]{0,200}\],\s*"message": "(?P<said>[^"]{1,200})"')
"""The first issue of Zod's error, which is printed as a list in JSON."""
_RPC: Final = re.compile(r"\bof RPC that terminated with:$")
_DETAILS: Final = re.compile(r'^\s+details = "(?P<said>.{1,300})"$')
"""What a call of gRPC in Python says."""
_ANNOUNCING: Final = {
    " validation error": re.compile(r"\b\d{1,3} validation errors? for \S{1,80}$"),
    "terminate called ": re.compile(r"^terminate called after throwing an instance of '[^']{1,200}'$"),
    "while ": _PARSING,
    " Error in ": _HEADING,
    "Migrations ": _HEADING,
    "Request failed ": _REQUEST,
}
"""The forms of lines that are continued without a colon at their end, each with words of it."""
_LISTED: Final = re.compile(r"(?P<name>(?:\d{1,6}\.)*[A-Za-z_][\w.-]{0,80})(?:$|\s*[:=(]|\s+[-–—]\s)")
_CONTEXT: Final = "context stack:"
"""How Polars starts the list of what it was doing below an error; the last one names the object."""
_OF_CONTEXT: Final = re.compile(r"^\s*\[\d{1,3}\] (?P<said>\S.{0,200})$")
_SAYS: Final = "what():"
"""How C++ starts an exception's message below its type."""
_OF_R: Final = "! "
"""How R's packages start an error's message below its call."""
_BODY: Final = re.compile(r"^\s+(?:data|body): \{")
_SAYING: Final = ("error_description", "message", "detail", "title", "error")
"""Fields of an answer that say what happened, the most telling first."""
_ANSWER: Final = re.compile(
    rf"^\s+(?P<key>{'|'.join(_SAYING)}): (?P<quote>['\"`])(?P<said>.{{3,300}}?)(?P=quote)(?: \}})?,?$"
)


def of(parts: Sequence[str], deciding: int) -> tuple[str, ...]:
    """What continues the line; empty if nothing does."""
    line = parts[deciding].rstrip()
    if not _announces(line):
        return _context(parts[deciding + 1 : deciding + 1 + LISTED])
    if _PARSING.search(line):
        said = [part.strip() for part in parts[deciding + 1 : deciding + 4]]
        return tuple(said[1:] if said[:1] and said[0].startswith("in ") else said[:2])
    if _HEADING.search(line):
        return tuple(islice((part.strip() for part in parts[deciding + 1 :] if part.strip()), 1))
    if _REQUEST.search(line):
        return _answer(parts[deciding + 1 : deciding + 1 + FIELDS])
    return _below(line, parts[deciding + 1 : deciding + 1 + LISTED])


def _context(below: Sequence[str]) -> tuple[str, ...]:
    """The last step of a context stack that starts right below, apart from blank lines."""
    start = next((number for number, part in enumerate(below) if part.strip()), len(below))
    if start == len(below) or not below[start].rstrip().endswith(_CONTEXT):
        return ()
    return tuple(found["said"].strip() for part in below[start + 1 :] if (found := _OF_CONTEXT.match(part)))[-1:]


def _below(line: str, below: Sequence[str]) -> tuple[str, ...]:
    if line.endswith(_OPENS_LIST):
        found = _OF_ZOD.search("\n".join(below))
        return (f"{found['path']}: {found['said']}",) if found else ()
    if _RPC.search(line):
        return tuple(islice((found["said"] for part in below if (found := _DETAILS.match(part))), 1))
    return _listed(below)


def _announces(line: str) -> bool:
    if line.endswith((":", _OPENS_LIST)):
        return True
    likely = [form for words, form in _ANNOUNCING.items() if words in line]
    return any(form.search(line) for form in likely)


def _answer(parts: Sequence[str]) -> tuple[str, ...]:
    """What the service said, among the fields of its answer."""
    body = next((number for number, part in enumerate(parts) if _BODY.match(part)), len(parts))
    fields = (f" {field}" for part in parts[body:] for field in _BODY.sub("", part).split(", "))
    said = {found["key"]: found["said"] for field in fields if (found := _ANSWER.match(field))}
    return tuple(islice((said[key] for key in _SAYING if key in said), 1))


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
