"""Passwords in addresses: ``scheme://user:password@host``, and Oracle's ``user/password@host``."""

import re
from collections.abc import Iterator
from typing import Final

import re2

from cronmend.redact.names import is_shown
from cronmend.redact.span import HIDDEN, Span, without

_USER: Final = re2.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?://|\\/\\/)[^\s:/\\@'\"<>?#\[\]]*:")
_REST: Final = re.compile(r"(?:[^\s'\"<>\\:]|:(?!//)|\\(?![\"'nrt]))*+")
_PORT: Final = re.compile(r"(?:\d{0,5}|port|PORT|\*|%[ds]|[{<$][^@]*+)(?:[,;)\]}.]*$|[/?#,;&])")
_SLASH: Final = re.compile(r"[/?#]")
_ENCODED: Final = re2.compile(r"(?i)%3a%2f%2f[^\s%]*%3a((?:[^\s%]|%[0-35-9a-f][0-9a-f]|%4[1-9a-f])+)%40")
_TOKEN: Final = re2.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://([^\s:/@'\"<>]{16,})@")
_ORACLE: Final = re2.compile(
    r"(?i)(?:oracle:(?:thin|oci8?):|\b(?:sqlplus|sqlldr|impdp|expdp)\s+(?:-\w+\s+)*)[\w.$#-]+/(\"[^\"\n]*\"|[^\s@\"'/]+)"
)


def hide(text: str) -> str:
    text = without(text, _passwords(text))
    text = without(text, (m.span(1) for m in _TOKEN.finditer(text) if any(c.isdigit() for c in m[1])))
    text = without(text, (m.span(1) for m in _ENCODED.finditer(text)))
    return without(text, (m.span(1) for m in _ORACLE.finditer(text)))


def _passwords(text: str) -> Iterator[Span]:
    for user in _USER.finditer(text):
        rest = _REST.match(text, user.end())
        if rest and (length := _length(rest[0], web=user[0].lower().startswith("http"))):
            yield user.end(), user.end() + length


def _length(rest: str, *, web: bool) -> int:
    """The password's length: up to the last ``@``, in a web address the last one before the path."""
    authority = _SLASH.split(rest, maxsplit=1)[0]
    at = authority.rfind("@") if web and "@" in authority else rest.rfind("@")
    if rest.startswith(HIDDEN) or ("@" not in authority and _PORT.match(rest)):
        return 0
    if at < 0:
        at = 0 if web else _cut(authority)
    return 0 if is_shown(rest[:at], quoted=True) else at


def _cut(authority: str) -> int:
    """If the text was cut before the ``@``: letters with digits are a password, not a port. Not for web addresses."""
    return len(authority) if any(c.isdigit() for c in authority) and any(c.isalpha() for c in authority) else 0
