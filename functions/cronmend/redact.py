"""Takes secrets out of text before it is stored or sent. Pure; linear in the text's length (RE2)."""

from typing import Final

import re2

from cronmend.patterns import detector

HIDDEN: Final = "[hidden]"

_NAME = (
    r"[a-z0-9_.-]*(?:password|passwort|passwd|pwd|passphrase|secret|api[_-]?key|access[_-]?key|"
    r"account[_-]?key|signing[_-]?key|auth[_-]?key"
    r"|encryption[_-]?key|token|credential|private[_-]?key|authorization|sharedaccesssignature|"
    r"connection[_-]?string)[a-z0-9_-]*"
)


def _is_error(name: str) -> bool:
    """``CredentialsError: …`` names an error, and what follows is its message."""
    return name.rstrip(" :=>\"'\\").lower().endswith(("error", "exception"))


_SECRETS: Final = tuple(
    (cues, re2.compile(pattern), replacement)
    for cues, pattern, replacement in (
        (("private key",), r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)", HIDDEN),
        (("://",), r"([a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@'\"]*):[^\s'\"]*@", rf"\1:{HIDDEN}@"),
        (("akia", "asia", "abia", "acca"), r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b", HIDDEN),
        (("eyj",), r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?", HIDDEN),
        (
            (
                "xox",
                "xapp",
                "gh",
                "glpat",
                "k_live",
                "k_test",
                "whsec",
                "npm_",
                "pypi-",
                "dop_v1",
                "sk-",
                "aiza",
                "sg.",
            ),
            (
                r"\b(?:xox[abeoprs]-|xapp-|gh[oprsu]_|github_pat_|glpat-|[prs]k_(?:live|test)_|whsec_|npm_|"
                r"pypi-|dop_v1_|sk-|AIza|SG\.)[A-Za-z0-9_.-]{8,}"
            ),
            HIDDEN,
        ),
        (("hooks.",), r"(hooks\.slack\.com/(?:services|workflows|triggers)/)[A-Za-z0-9/_-]+", rf"\1{HIDDEN}"),
        (("bearer", "basic", "token"), r"(?i)\b(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{8,}", rf"\1 {HIDDEN}"),
        (
            ("pass", "pwd", "secret", "key", "token", "credential", "authorization", "signature", "string"),
            rf"(?i)({_NAME}\\?[\"']?\s*(?:=>|[=:])\s*\\?)"
            rf"(\"[^\"]*\"|'[^']*'|\[hidden\]|(?:bearer |basic )?[^\s,;&)\]}}\"']+)",
            lambda match: match[0] if _is_error(match[1]) else f"{match[1]}{HIDDEN}",
        ),
        (("--",), rf"(?i)(--{_NAME}[ =])(\S+)", rf"\1{HIDDEN}"),
    )
)


_may_hide: Final = detector("|".join(cue for cues, _, _ in _SECRETS for cue in cues))


def redact(text: str) -> str:
    """The text without what looks like a password, key or token."""
    if not text.isascii():
        text = text.encode(errors="replace").decode()  # halves of characters, which no pattern can be matched with
    lowered = text.lower()
    if not _may_hide(lowered):
        return text
    for cues, pattern, replacement in _SECRETS:
        if any(cue in lowered for cue in cues):
            text = str(pattern.sub(replacement, text))
    return text
