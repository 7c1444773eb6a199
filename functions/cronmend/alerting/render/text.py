"""Text for all channels: cut it, and disable its markup. Pure."""

import re
import unicodedata
from typing import Final

from cronmend import escapes

_CUT: Final = "…"
_ZERO_WIDTH: Final = "\u200b"
_EMOJI: Final = re.compile(r":(?=[\w+-]{1,100}:)")
_LEFT_OVER: Final = re.compile(r"^[:;,\s]+|(?P<first>[:;,])(?:\s+[:;,]+)+(?=\s|$)")
"""Punctuation with nothing between it."""
_MARKUP: Final = re.compile(r"<(?=[!@#]|https?:|mailto:)")


def inert(text: str) -> str:
    """Escape text so that Slack shows it as it is. Only these three characters start markup; ``&`` has to go first."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """For Slack's ``plain_text``, where nothing can be escaped: zero-width spaces break up markup and emoji."""
    return _EMOJI.sub(f":{_ZERO_WIDTH}", _MARKUP.sub(f"<{_ZERO_WIDTH}", one_line(text)))


def fenceable(text: str) -> str:
    """Break up three backticks in the text, which would end the code block."""
    return text.replace("```", f"`{_ZERO_WIDTH}`{_ZERO_WIDTH}`")


def one_line(text: str) -> str:
    """The text without line breaks and control characters, which subjects and headers can't contain."""
    return " ".join(clean(text).split())


def in_ascii(text: str) -> str:
    """One line in ASCII: without what ASCII lacks, and without the punctuation that this leaves alone."""
    plain = one_line(unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode())
    return _LEFT_OVER.sub(lambda found: found["first"] or "", plain)


def clean(text: str) -> str:
    """A line without colors, control characters and lone surrogates, which can't be shown."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " for c in escapes.without(text))


def clip(text: str, limit: int, cut: str = _CUT) -> str:
    """At most ``limit`` characters; never cuts an escape sequence such as ``&amp;``."""
    if len(text) <= limit:
        return text
    kept = text[: max(0, limit - len(cut))]
    ampersand = kept.rfind("&", max(0, len(kept) - 5))
    if ampersand >= 0 and ";" not in kept[ampersand:]:
        kept = kept[:ampersand]
    return kept + cut


def clip_bytes(text: str, limit: int) -> str:
    """At most ``limit`` bytes of UTF-8; never cuts a character."""
    raw = text.encode(errors="replace")
    return text if len(raw) <= limit else raw[:limit].decode(errors="ignore")
