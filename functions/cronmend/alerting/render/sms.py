"""A report as a text message on a phone. Pure."""

import unicodedata
from typing import Final

from cronmend.alerting.render.text import clip, one_line
from cronmend.model.report import Report

MAX_SMS: Final = 140
"""One part of a text message; SNS sends a longer one as several, each paid for."""
_STAND_INS: Final = str.maketrans(
    {**dict.fromkeys("[{", "("), **dict.fromkeys("]}", ")"), **dict.fromkeys("`’‘", "'"), **dict.fromkeys("\\|", "/")}
    | {"~": "-", "^": "", "…": "...", "→": "-", "“": '"', "”": '"', "–": "-", "—": "-", "·": "-"}
)
"""For what the alphabet of GSM 03.38 has not, or only at the price of two characters."""


def sms(report: Report) -> str:
    """What happened and what to do, in letters that every phone has."""
    text = unicodedata.normalize("NFKD", one_line(report.summary or report.headline).translate(_STAND_INS))
    plain = one_line(text.translate(_STAND_INS).encode("ascii", "ignore").decode())
    return clip(f"Cronmend: {plain}", MAX_SMS, cut="...")
