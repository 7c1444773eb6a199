"""What all channels do to text: cut it, and take the power out of it. Pure."""

import re
from typing import Final

from cronmend import escapes

_CUT: Final = "…"
_ZERO_WIDTH: Final = "\u200b"
_EMOJI: Final = re.compile(r":(?=[\w+-]{1,100}:)")
_MARKUP: Final = re.compile(r"<(?=[!@#]|https?:|mailto:)")


def inert(text: str) -> str:
    """Text that Slack shows as it is: only these three characters begin markup, and in this order they are escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """For Slack's ``plain_text``, where nothing is escaped: what looks like markup or an emoji is broken."""
    return _EMOJI.sub(f":{_ZERO_WIDTH}", _MARKUP.sub(f"<{_ZERO_WIDTH}", one_line(text)))


def fenceable(text: str) -> str:
    """A fence in the log would end ours: a zero-width space between its ticks keeps it text."""
    return text.replace("```", f"`{_ZERO_WIDTH}`{_ZERO_WIDTH}`")


def one_line(text: str) -> str:
    """Without line breaks and control characters, which subjects and headers may not hold."""
    return " ".join(clean(text).split())


def clean(text: str) -> str:
    """A line without what can't be shown: colours, control characters, halves of characters."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " for c in escapes.without(text))


def clip(text: str, limit: int, cut: str = _CUT) -> str:
    """At most ``limit`` characters, never ending inside an escaped one."""
    if len(text) <= limit:
        return text
    kept = text[: max(0, limit - len(cut))]
    ampersand = kept.rfind("&", max(0, len(kept) - 5))
    if ampersand >= 0 and ";" not in kept[ampersand:]:
        kept = kept[:ampersand]
    return kept + cut


def clip_bytes(text: str, limit: int) -> str:
    """At most ``limit`` bytes of UTF-8, never half a character."""
    raw = text.encode(errors="replace")
    return text if len(raw) <= limit else raw[:limit].decode(errors="ignore")
