"""Terminal escape sequences, such as colors, and what other programs leave of them. Pure; linear in the length."""

import re
from typing import Final

_SEQUENCE: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"  # colors, and where the cursor goes; perhaps cut off
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f\n]*+(?:\x07|\x1b\\|\x9c)"  # links, titles
    r"|\x1b\]\d*+;?"  # a link or title that nothing ends: what follows stays
    r"|\x1b[ -/]*+[0-~]?"
)
"""ECMA-48; https://invisible-island.net/xterm/ctlseqs/ctlseqs.html. No repetition gives anything back, and none runs
past the start of another sequence, so the time is linear; RE2 takes far longer to replace many short matches."""
_EIGHT_BIT: Final = re.compile("[\x90\x98\x9b\x9d-\x9f]")
_WRITTEN_OUT: Final = re.compile(r"(?:\\x1[bB]|\\u001[bB]|\\0?33|\\e|\^\[|\u241b|\ufffd)\[[\d;:]*+[mK]")
"""A color whose escape character was replaced by a text for it."""
_COLOR: Final = re.compile(r"\[[1-9]\d{0,2}(?:;\d{1,3})*m(?!\])")
_RESET: Final = re.compile(r"\[(?:0|22|39|49)(?:;\d{1,3})*m(?!\])")


def may_be_in(text: str) -> bool:
    """A cheap check, for long texts."""
    return _has_sequence(text) or ("[" in text and any(map(text.__contains__, ("[0m", "[22m", "[39m", "[49m"))))


def without(text: str) -> str:
    """The text as a terminal shows it, without colors, links and titles."""
    if _has_sequence(text):
        text = _SEQUENCE.sub("", text)
    if "[" not in text:
        return text
    return "\n".join(map(_without_bare, _WRITTEN_OUT.sub("", text).split("\n")))


def _without_bare(line: str) -> str:
    """Without colors that lost their escape character, if the line ends one: ``rate[5m]`` is no color."""
    is_colored = _RESET.search(line) and (_COLOR.search(line) or line.rstrip().endswith("[0m"))
    return _RESET.sub("", _COLOR.sub("", line)) if is_colored else line


def _has_sequence(text: str) -> bool:
    return "\x1b" in text or (not text.isascii() and _EIGHT_BIT.search(text) is not None)
