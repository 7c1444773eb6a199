"""Secrets on a command line: ``--password x``, ``["--token", "x"]``, and the short flags of well-known programs."""

import re
from collections.abc import Iterator
from typing import Final

import re2

from cronmend.redact import names, values
from cronmend.redact.span import Span, without

_FLAG: Final = re2.compile(r"(?i)(?:^|[\s\"'\[(\\=])(--?[a-z][\w.-]*)(?:\\*[\"'][ \t]*,[ \t]*|[ \t]+)")
_SHORT: Final = (
    re2.compile(r"\b(?:mysql\w*|mariadb\w*)\b[^\n|;]*? -p([^\s\"';|]+)"),
    re2.compile(r"\b(?:sshpass|mongo\w*|docker login|podman login)\b[^\n|;]*? -p[ ]?([^\s\"';|-][^\s\"';|]*)"),
    re2.compile(r"\b(?:redis-cli|valkey-cli)\b[^\n|;]*? -a ([^\s\"';|]+)"),
    re2.compile(r"\b(?:ldap\w+)\b[^\n|;]*? -w ([^\s\"';|]+)"),
    re2.compile(r"\b(?:sqlcmd|bcp)\b[^\n|;]*? -P ?([^\s\"';|]+)"),
    re2.compile(r"\b(?:curl|http|wget)\b[^\n|;]*? (?:-u|--user|-a|--proxy-user)[ =][\"']?[^\s:\"']+:([^\s\"';|]+)"),
)
_PROSE: Final = re.compile(
    r"(?i)(?:is|was|are|to|or|and|not|flag|options?|argument|must|for|with|requires?|from|if|value|cannot|can|as|in|instead"
    r"|has|needs?|expects?|given|set|on|the|should)\b(?![\w.-]*\d)"
)


def hide(text: str) -> str:
    text = without(text, _flags(text))
    for short in _SHORT:
        text = without(text, (m.span(1) for m in short.finditer(text) if not names.is_shown(m[1], quoted=False)))
    return text


def _flags(text: str) -> Iterator[Span]:
    done = 0
    for flag in _FLAG.finditer(text):
        at = flag.end()
        prose = text.startswith(("-", "=", ":"), at) or _PROSE.match(text, at)
        if at >= done and not prose and names.is_secret(flag[1]) and (found := values.value(text, at)):
            yield found
            done = found[1]
