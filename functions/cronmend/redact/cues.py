"""What occurs in a text wherever a stage has anything to hide: most texts hold none of it, and no stage is imported."""

from typing import Final

KEYS: Final = r"(?i)private[ -](?:key|lines)|(?m:^[ \t]*[a-z0-9+/]{60})"

ADDRESSES: Final = r"(?i):(?://|\\/\\/)[^\s:/@'\"<>]*[:@]|%3a%2f%2f|oracle:|sqlplus|sqlldr|impdp|expdp"
"""An address without a colon or an at sign behind its scheme, as most are, holds no password."""

_PROGRAMS: Final = r"(?:mysql|mariadb|sshpass|mongo|redis-cli|valkey-cli|docker|podman|curl|wget|ldap|sqlcmd|bcp|http)"
_FLAG: Final = r"(?:pass|pwd|secret|token|credential|key|auth)"
FLAGS: Final = rf"(?i)-[\w.-]*{_FLAG}[\w.-]*(?:\\*[\"'])?[ \t,]|\b{_PROGRAMS}\w*\b.* -"

STEM: Final = (
    r"(?:pass|pwd|secret|token|credential|auth|[a-z_. -]key|connection_?string|sharedaccesssignature|sess|assertion"
    r"|connect\.sid)"
)
EQUALS: Final = r"(?:=>|:=|=|:|%3[ad])"
COLOUR: Final = r"(?:\x1b\[[\d;]*m)*"
CLOSED: Final = rf"(?:\\*[\"'`])?\]?{COLOUR}"
PAIRS: Final = rf"(?i){STEM}[\w.-]*{CLOSED}\s*(?:[=:>,;]|%3[ad]|value|\\)|cookie2?{CLOSED}[ \t]*{EQUALS}"
