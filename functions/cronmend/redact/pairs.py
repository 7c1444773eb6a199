"""Secrets with a name: ``password=…`` in the forms of many languages, and cookies."""

import re
from collections.abc import Iterator
from typing import Any, Final

import re2

from cronmend.redact import names, values
from cronmend.redact.cues import CLOSED, COLOR, EQUALS, STEM
from cronmend.redact.span import Span, without

_NAME: Final = rf"[\w.-]*{STEM}[\w.-]*"
_HEAD: Final = re2.compile(
    rf"(?i)({_NAME})(?:"
    rf"({CLOSED}[ \t]*{EQUALS}{COLOR}(?:[ \t]|%20)*{COLOR}(?:\n?[ \t]*string\(\d+\)[ \t]*)?)"
    r"|(\\*[\"']?(?:\s+[\w:.-]+=[\"'][^\"'<>]{0,80}[\"'])*>)"
    rf"|(\\*[\"']?[,;]?\s*\\*[\"']?value\\*[\"']?[ \t]*{EQUALS}[ \t]*)"
    rf")"
)
_COOKIE: Final = re2.compile(rf"(?i)\b(?:set-)?cookie2?{CLOSED}[ \t]*{EQUALS}[ \t]*(\\*[\"'])?")
_COOKIES: Final = re.compile(r"[^\n\"'\\]*+")

_PLACE: Final = re.compile(r"\d{1,6}\b(?![\w.-])")
_FEW: Final = re.compile(r"\d{1,9}\b(?![\w.-])")
_COUNTED: Final = ("tokens", "pass", "secrets", "keys", "passwords", "credentials")


def hide(text: str) -> str:
    text = without(text, _cookies(text))
    return without(text, _pairs(text))


def _cookies(text: str) -> Iterator[Span]:
    done = 0
    for head in _COOKIE.finditer(text):
        found = _COOKIES.match(text, head.end()) if head.end() >= done else None
        if found:
            done = found.end()
            if "=" in found[0]:
                yield found.span()


def _pairs(text: str) -> Iterator[Span]:
    done = 0
    for head in _HEAD.finditer(text):
        if head.start() >= done and names.is_secret(head[1]) and (found := _value(text, head)):
            yield found
            done = found[1]


def _value(text: str, head: Any) -> Span | None:
    if head[3]:
        opened = text[head.start() - 1 : head.start()] == "<" or head[3].lstrip("\\") in {'">', "'>"}
        return values.element(text, head.end()) if opened else None
    if head[2] and _is_no_pair(text, head):
        return None
    return values.value(text, head.end())


def _is_no_pair(text: str, head: Any) -> bool:
    """A comparison, a part of an ARN, a line number in a file, a count, or a sentence with a colon."""
    before, sign, at = text[head.start() - 1 : head.start()], head[2], head.end()
    if text.startswith(("=", "~"), at) and not text.startswith("=>", at):
        return True
    if sign == ":" and (before in {":", "/"} or _PLACE.match(text, at) or text.startswith(":", at)):
        return True
    if head[1].lower().endswith(_COUNTED) and _FEW.match(text, at):
        return True
    return sign.rstrip(" \t").endswith(":") and sign[-1] in " \t" and values.is_prose(text, at)
