"""Private keys, including keys that were cut to their start, middle or end."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import re2

from cronmend.redact.span import Span, without

_MARK: Final = re2.compile(
    r"(?i)-{4,5} ?(begin|end) [a-z0-9 ]*private key(?: block)? ?-{4,5}|private-(lines): \d+(?:\\[rn]|[\r\n])"
)
_BREAK: Final = r"(?:\s|\\+[nr])"
_BODY: Final = re.compile(
    rf"(?:{_BREAK}*+(?:Proc-Type|DEK-Info|Comment|Version|Subject): ?[^\s\\]*+)*+"
    rf"{_BREAK}*+(?:[A-Za-z0-9+/=]++(?=[\r\n\"'\\]|$))?(?:{_BREAK}++[A-Za-z0-9+/=]{{16,}}+)*+"
)
_TAIL: Final = re2.compile(
    rf"(?:[A-Za-z0-9+/]{{16,}}={{0,2}}{_BREAK}*)+(?:[A-Za-z0-9+/=]+{_BREAK}*)?\z|[A-Za-z0-9+/=]+{_BREAK}*\z"
)
_HEX: Final = re.compile(r"(?i)(?:0x)?[0-9a-f]++")
_LINE: Final = re2.compile(r"(?m)^[ \t]*([A-Za-z0-9+/]{60,100}={0,2})[ \t\r]*$")


class _Mark(NamedTuple):
    start: int
    end: int
    opens: bool


def hide(text: str) -> str:
    clean = without(text, _blocks(text))
    return without(clean, (line.span(1) for line in _LINE.finditer(clean) if _is_base64(line[1])))


def _blocks(text: str) -> Iterator[Span]:
    """The text from each key's header to its footer; if one is missing, as far as the text looks like a key."""
    marks = [_Mark(m.start(), m.end(), (m[1] or "begin").lower() == "begin") for m in _MARK.finditer(text)]
    edge = _Mark(0, 0, False), _Mark(len(text), len(text), True)
    for before, mark in pairwise((edge[0], *marks, edge[1])):
        if before.opens:
            body = _BODY.match(text, before.end, mark.start)
            yield before.start, mark.end if not mark.opens else body.end() if body else before.end
        elif not mark.opens:
            tail = _TAIL.search(text[before.end : mark.start])
            yield (before.end + tail.start() if tail else mark.start), mark.end


def _is_base64(line: str) -> bool:
    """False for numbers and for hashes in hex."""
    both = line.lower() != line and line.upper() != line
    return both and any(c.isdigit() for c in line) and not _HEX.fullmatch(line)
