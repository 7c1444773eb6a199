"""Takes secrets out of a log line before it is stored or sent. Pure; linear in the text's length (RE2)."""

from typing import Final

import re2

HIDDEN: Final = "[hidden]"

_SECRETS = tuple(
    (re2.compile(pattern), replacement)
    for pattern, replacement in (
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)", HIDDEN),
        (r"([a-zA-Z][a-zA-Z0-9+.-]{1,40}://[^\s:/@'\"]*):[^\s/'\"]*@", rf"\1:{HIDDEN}@"),
        (r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b", HIDDEN),
        (r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?", HIDDEN),
        (
            r"\b(?:xox[abeprs]-|xapp-|gh[opsur]_|github_pat_|glpat-|[rs]k_(?:live|test)_|whsec_|npm_)[A-Za-z0-9_-]{8,}",
            HIDDEN,
        ),
        (r"hooks\.slack\.com/services/[A-Za-z0-9/]+", f"hooks.slack.com/services/{HIDDEN}"),
        (r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", rf"\1 {HIDDEN}"),
        (
            r"(?i)([a-z0-9_.-]*(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?key|token|credential|private[_-]?key)"
            r"[a-z0-9_-]*[\"']?\s*(?:=>|[=:])\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&)\]}\"']+)",
            rf"\1{HIDDEN}",
        ),
    )
)


def redact(text: str) -> str:
    """The text without what looks like a password, key or token."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
