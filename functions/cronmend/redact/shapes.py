"""Secrets recognized by their form, whatever precedes them."""

from collections.abc import Callable
from typing import Final, NamedTuple

from cronmend.patterns import Pattern, indexer
from cronmend.redact.span import without


class Shape(NamedTuple):
    """A secret's form. If the pattern has a group, only the group is hidden. ``cue`` occurs in any text it matches."""

    cue: str
    pattern: str
    proof: Callable[[str], bool] = lambda _: True


def _mixed(value: str) -> bool:
    """Not a word or a name: has letters and digits, or both cases after the first letter."""
    inner = value[1:]
    letters = any(c.isalpha() for c in value)
    return letters and (any(c.isdigit() for c in value) or (inner.lower() != inner and not value.isupper()))


_TOKENS: Final = (
    # AWS: access keys, session tokens
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
    r"(?:IQoJb3JpZ2lu|[FI][Qw]oGZXIvYXdz)[A-Za-z0-9+/=%_-]{8,}",
    # JWT and other JSON in base64, with or without its other parts
    r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)+|eyJ[A-Za-z0-9_+/-]{20,}={0,2}",
    # Slack, Discord's and Telegram's bots
    r"xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}",
    r"(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{30,}",
    # code hosts
    r"gh[oprsu]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}",
    r"gl(?:pat|dt|rt|ptt|cbt|soat|ft|imt|agent|oas|ffct)-[A-Za-z0-9_.=-]{16,}",
    r"ATATT3[A-Za-z0-9_=-]{16,}|ATBB[A-Za-z0-9]{20,}",
    # money, mail, telephone
    r"[prs]k_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/=]{8,}|sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{16,}",
    r"SG\.[A-Za-z0-9_-]{16,}(?:\.[A-Za-z0-9_-]+)?|key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}\b|SK[0-9a-f]{32}",
    r"xkeysib-[0-9a-f]{32,}(?:-[A-Za-z0-9]+)?|shp(?:at|ss|ca|pa)_[0-9a-fA-F]{16,}",
    # packages and images
    r"npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{16,}|rubygems_[0-9a-f]{40,}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{16,}",
    # models
    r"sk-(?:ant|proj|svcacct|or|admin)-[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9]{20,}|hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{30,}",
    # clouds and what runs in them
    r"AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_.-]{16,}|GOCSPX-[A-Za-z0-9_-]{16,}|1//0[A-Za-z0-9_-]{20,}",
    r"do[por]_v1_[0-9a-f]{16,}|dapi[0-9a-f]{32}|hv[sbr]\.[A-Za-z0-9_-]{16,}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{16,}",
    r"[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{30,}|pul-[0-9a-f]{40}|HRKU-[A-Za-z0-9_-]{16,}|nfp_[A-Za-z0-9]{30,}",
    r"gl(?:sa|c)_[A-Za-z0-9_=+/-]{20,}|NRAK-[A-Z0-9]{20,}|sntry[su]_[A-Za-z0-9_=+/-]{20,}|PMAK-[0-9a-f]{20,}-?[0-9a-f]*",
    r"lin_api_[A-Za-z0-9]{30,}|ntn_[A-Za-z0-9]{30,}|figd_[A-Za-z0-9_-]{20,}|sbp_[0-9a-f]{30,}|pscale_(?:tkn|pw)_[A-Za-z0-9_.-]{20,}",
    r"AGE-SECRET-KEY-1[A-Z0-9]{20,}|AKCp[A-Za-z0-9]{40,}|dp\.(?:pt|st|ct)\.[A-Za-z0-9_.-]{20,}",
)
_PREFIXES: Final = (
    r"AKIA|ASIA|ABIA|ACCA|IQoJb3|[FI][Qw]oGZX|eyJ|xox[abeoprs]|xapp-|:AA|gh[oprsu]_|github_pat|gl[a-z]{2,5}-|ATATT3|ATBB|"
    r"k_live_|k_test_|whsec_|sq0|SG\.|key-|-us\d|SK[0-9a-f]{8}|xkeysib|shp[a-z]{2}_|npm_|pypi-|rubygems_|dckr_|sk-|hf_|gsk_|"
    r"AIza|ya29\.|GOCSPX|1//0|_v1_|dapi|hv[sbr]\.|atlasv1|Q~|pul-|HRKU|nfp_|glsa_|glc_|NRAK|sntry|PMAK|lin_api|ntn_|figd_|"
    r"sbp_|pscale_|AGE-SECRET|AKCp|dp\.[psc]t\."
)
SHAPES: Final = (
    Shape(_PREFIXES, rf"\b({'|'.join(_TOKENS)})"),
    Shape(
        r"(?i)hooks\.slack|/webhooks/|webhook\.office",
        r"(?i)(?:hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/"
        r"|webhook\.office\.com/webhookb2/)([A-Za-z0-9/_@-]+)",
    ),
    # presigned addresses, and the signature of a signed request
    Shape(
        r"(?i)signature|security-token|sig(?:=|%3d)",
        r"(?i)(?:x-(?:amz|goog)-(?:signature|security-token)|\bsignature|[?&;]sig)(?:=|%3d)([A-Za-z0-9%+/=_~-]{16,})",
    ),
    Shape(
        r"(?i)(?:bearer|basic|apikey)(?:\s|%20|\+)",
        r"(?i)\b(?:bearer|basic|apikey)(?:\s|%20|\+)+([A-Za-z0-9._~+/%-]{8,}=*)",
        _mixed,
    ),
    Shape(r"(?i)token\s", r"(?i)\btoken\s+([A-Za-z0-9._~+/-]{16,}=*)", _mixed),
    # JSON web keys: the private parts
    Shape(
        r"\\*\"(?:d|p|q|dp|dq|qi|k)\\*\"\s*:", r"\\*\"(?:d|p|q|dp|dq|qi|k)\\*\"\s*:\s*\\*\"([A-Za-z0-9_-]{20,})", _mixed
    ),
    # statements that set a password
    Shape(
        r"(?i)identified\s|password\s+['\"]",
        r"(?i)\b(?:(?:user|to)\s+\S+\s+identified(?:\s+with\s+\S+)?\s+by|password)\s+(?:'((?:[^'\\\n]|''|\\.)+)|\"((?:[^\"\\\n]|\\.)+))",
    ),
    Shape(r"(?i)requirepass|masterauth", r"(?i)\b(?:requirepass|masterauth)\s+\"?([^\s\"]+)"),
)

CUE: Final = "|".join(f"(?:{shape.cue})" for shape in SHAPES)
_occurring: Final = indexer([shape.cue for shape in SHAPES])
_PATTERNS: Final = tuple(Pattern(shape.pattern) for shape in SHAPES)


def hide(text: str) -> str:
    for number in _occurring(text):
        matches = _PATTERNS[number].finditer(text)
        proven = (m for m in matches if SHAPES[number].proof(m[m.lastindex or 0]))
        text = without(text, (m.span(m.lastindex or 0) for m in proven))
    return text
