"""A pattern per stage, found in every text that the stage would change; most texts need no stage at all."""

from typing import Final

KEYS: Final = r"(?i)private[ -](?:key|lines)|(?m:^[ \t]*[a-z0-9+/]{60})"

ADDRESSES: Final = r"(?i):(?://|\\/\\/)[^\s:/@'\"<>]*[:@]|%3a%2f%2f|oracle:|sqlplus|sqlldr|impdp|expdp"
"""Most addresses have neither a colon nor an at sign after their scheme, and so no password."""

_PROGRAMS: Final = r"(?:mysql|mariadb|sshpass|mongo|redis-cli|valkey-cli|docker|podman|curl|wget|ldap|sqlcmd|bcp|http)"
_FLAG: Final = r"(?:pass|pwd|secret|token|credential|key|auth)"
FLAGS: Final = rf"(?i)-[\w.-]*{_FLAG}[\w.-]*(?:\\*[\"'])?[ \t,]|\b{_PROGRAMS}\w*\b.* -"

STEM: Final = (
    r"(?:pass|pwd|secret|token|credential|auth|[a-z_. -]key|connection_?string|sharedaccesssignature|sess|assertion"
    r"|connect\.sid)"
)
EQUALS: Final = r"(?:=>|:=|=|:|%3[ad])"
COLOR: Final = r"(?:\x1b\[[\d;]*m)*"
CLOSED: Final = rf"(?:\\*[\"'`])?\]?{COLOR}"
PAIRS: Final = rf"(?i){STEM}[\w.-]*{CLOSED}\s*(?:[=:>,;]|%3[ad]|value|\\)|cookie2?{CLOSED}[ \t]*{EQUALS}"
