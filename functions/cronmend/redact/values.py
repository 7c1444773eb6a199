"""Where a value ends: in quotes of any kind and escaping depth, in brackets, or bare."""

import re
from typing import Final

from cronmend.redact.names import is_code, is_shown, is_variable
from cronmend.redact.span import HIDDEN, Span

_WRAPPED: Final = re.compile(
    r"(?:(?:Some|Ok|Just|Optional|Secret|SecretStr|String|Text|str|new String)\(|@?[bBrRuUfF]{0,2}(?=[\"']))?+"
)
_MORE: Final = r"(?:\n[ \t]*+[A-Za-z0-9+/=_-]{16,}+(?=[\"'\n]|$))*+"
"""Further lines of a value whose quotation mark is not closed on the first line."""
_DOUBLE: Final = re.compile(rf'"((?:[^"\\\n]|\\.|"")*+{_MORE})')
_SINGLE: Final = re.compile(rf"'((?:[^'\\\n]|\\.|'')*+{_MORE})")
_ESCAPED: Final = re.compile(r"(\\+)([\"'])")
_UNTIL: Final = {quote: re.compile(rf"[^{quote}\n]*+{quote}?") for quote in "\"'"}
_LIST: Final = re.compile(r"[\[(]\s*+(?=[bu]?\\*[\"'])([^\])\n]*+)")
_BRACED: Final = re.compile(r"\{([^}\"'\n]{0,200}+)\}")
_MAP: Final = re.compile(r"[{(\[]\s*+\\*[\"'][^\"'\n]{0,100}[\"']\s*(?:=>|:)")
_BLOCK: Final = re.compile(r"[|>][+-]?[ \t]*\r?\n[ \t]+([^\n]+)")
_BARE: Final = re.compile(
    r"(?:\[hidden\]|[^\s,;&\"'<>)\]}\\`]|[)\]}\"'](?![\s,;.:)\]}>\"'\\]|$)|,(?![\s\"']|[\w.-]{1,64}[=:]|$)"
    r"|&(?![\w.%-]{1,64}=|amp;|\s|$)|<(?!/)|>(?![\s<]|$)|\\++(?![\"']))*+"
)
_SCHEME: Final = re.compile(
    r"(?i)(?:(bearer|basic|token|negotiate|ntlm|apikey|sharedkey(?:lite)?|googlelogin|splunk)"
    r"|(digest|oauth|aws4-hmac-sha256))(?:[ \t]+|%20)"
)
_PROSE: Final = re.compile(r"[A-Za-z][a-z']*+[,.]? [(A-Za-z]")
_LINE: Final = re.compile(r"[^\n]*+")
_ELEMENT: Final = re.compile(r"(?:<!\[CDATA\[)?+([^<>\]\n]*+)(?:\]\]>)?+</")


def element(text: str, start: int) -> Span | None:
    """The text of an XML element."""
    found = _ELEMENT.match(text, start)
    return found.span(1) if found and not is_shown(found[1], quoted=True) else None


def value(text: str, start: int) -> Span | None:
    """The value that starts here; None if there is nothing to hide."""
    if text.startswith(HIDDEN, start):
        return None
    wrapped = _WRAPPED.match(text, start)
    start = wrapped.end() if wrapped else start
    quoted = _quoted(text, start)
    if quoted:
        return None if is_shown(text[slice(*quoted)], quoted=True) else quoted
    if _MAP.match(text, start):
        return None
    for around in (_BLOCK, _LIST):
        if found := around.match(text, start):
            return None if is_shown(found[1].lstrip("\"'"), quoted=True) else found.span(1)
    if braced := _BRACED.match(text, start):
        return None if _is_template(braced[1]) else braced.span(1)
    return bare(text, start)


def is_prose(text: str, start: int) -> bool:
    """Whether the text after a colon starts with two words, and so is a sentence."""
    scheme = _SCHEME.match(text, start)
    if scheme and scheme[2]:
        return False
    return _PROSE.match(text, scheme.end() if scheme else start) is not None


def _quoted(text: str, start: int) -> Span | None:
    for plain in (_DOUBLE, _SINGLE):
        if found := plain.match(text, start):
            return found.span(1)
    opened = _ESCAPED.match(text, start)
    return (opened.end(), _escaped_end(text, opened.end(), opened[2], len(opened[1]))) if opened else None


def _escaped_end(text: str, start: int, quote: str, depth: int) -> int:
    """The index of the closing quotation mark, or of a less escaped one, which closes the surrounding string."""
    at = start
    while (found := _UNTIL[quote].match(text, at)) and found[0].endswith(quote):
        end = found.end() - 1
        slashes = len(found[0]) - 1 - len(found[0][:-1].rstrip("\\"))
        if slashes <= depth:
            return end - slashes
        at = found.end()
    return found.end() if found else at


def _is_template(inner: str) -> bool:
    """``{password}``, ``{{ .Values.password }}`` or the start of a map. In ODBC, braces enclose the value itself."""
    name = inner.strip("{} .")
    return not name or ": " in inner or is_code(name) or is_variable(name)


def bare(text: str, start: int) -> Span | None:
    """A value without quotation marks, after the name of its scheme if there is one."""
    scheme = _SCHEME.match(text, start)
    if scheme and scheme[2]:
        rest = _LINE.match(text, scheme.end())
        return (scheme.end(), rest.end()) if rest else None
    start = scheme.end() if scheme else start
    if is_code(text[start : start + 100]):
        return None
    found = _BARE.match(text, start)
    return found.span() if found and not _is_open(found[0]) else None


def _is_open(bare: str) -> bool:
    """Whether it may stay visible: the rest around a hidden part, if any, is not itself a secret."""
    rest = bare.replace(HIDDEN, "")
    return is_shown(rest, quoted=False) or not any(c.isalnum() for c in rest)
