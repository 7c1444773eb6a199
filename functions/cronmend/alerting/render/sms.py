"""A report as a text message. Pure."""

import unicodedata
from typing import Final

from cronmend.alerting.render.text import clip, in_ascii, one_line
from cronmend.model.report import Report

MAX_SMS: Final = 140
"""Characters of one part of a text message. SNS splits a longer text into several parts and charges for each."""
_STAND_INS: Final = str.maketrans(
    {**dict.fromkeys("[{", "("), **dict.fromkeys("]}", ")"), **dict.fromkeys("`’‘", "'"), **dict.fromkeys("\\|", "/")}
    | {"~": "-", "^": "", "…": "...", "→": "-", "“": '"', "”": '"', "–": "-", "—": "-", "·": "-"}
)
"""Replacements for characters that GSM 03.38 lacks, or counts as two."""


def sms(report: Report) -> str:
    """What happened and what to do, in characters that every phone can show."""
    text = unicodedata.normalize("NFKD", one_line(report.summary or report.headline).translate(_STAND_INS))
    plain = in_ascii(text.translate(_STAND_INS))
    return clip(f"Cronmend: {plain}", MAX_SMS, cut="...")
