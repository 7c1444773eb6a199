"""A fingerprint of a failure's cause: equal for two runs that failed for the same reason. Pure."""

import hashlib
import re
from typing import Final

from cronmend.model import Category
from cronmend.model.failed_run import FailedRun
from cronmend.model.incident import Incident

MAX_LINE: Final = 500
_QUOTED: Final = r"\"[^\"\n]*\"|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)|‘[^’\n]*’|“[^”\n]*”"
_URL: Final = r"(?P<host>\bhttps?://[^/\s?#'\"]+)[^\s'\"]*"
_PATH: Final = r"(?<![\w<])(?:[A-Za-z]:)?[/\\](?:[\w.@+~-]+[/\\])+(?P<file>[\w.@+~-]*)"
_ID: Final = r"\b(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?:0x)?(?=[a-fA-F]{0,64}\d)[0-9a-fA-F]{8,})\b"
_NUMBER: Final = r"[-+]?\d+(?:[.,:/]\d+|[TZ](?=\d|\b)|-\d+)*"
_VARYING: Final = re.compile(f"(?P<quoted>{_QUOTED})|{_URL}|{_PATH}|{_ID}|{_NUMBER}")
"""Parts that differ from run to run. An unmatched quotation mark is searched for up to the end: lines are bounded."""
_SPACES: Final = re.compile(r"\s+")


def fingerprint(line: str) -> str:
    """The line, bounded, with quoted values, addresses, directories, IDs, times and numbers replaced."""
    return _SPACES.sub(" ", _VARYING.sub(_equal, line[:MAX_LINE])).strip()


def cause_of(incident: Incident) -> str:
    """A short name shared by failures with one cause, in any job.

    A deploy breaks each job at a different column or table, so for a deploy race only the code counts.
    """
    category, rule, line = incident.category, incident.diagnosis.rule, fingerprint(incident.diagnosis.line)
    code = _code(incident.failed) if incident.failed else ""
    if category is Category.DEPLOY_RACE:
        parts = [category.value, code]
    elif category.traits.any_image:
        parts = [category.value, rule, line]
    else:
        parts = [category.value, rule, line, code]
    return hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()[:12]


def _code(failed: FailedRun) -> str:
    return failed.container.image_digest or failed.container.image


def _equal(match: re.Match[str]) -> str:
    """The replacement of a varying part. The host of an address is kept, and the file name of a path."""
    found = match.groupdict()
    if found["quoted"]:
        return "<value>"
    if found["host"]:
        return f"{_NUMBERS.sub('<n>', found['host'])}/<path>"
    if found["file"] is not None:
        return f"<path>/{_NUMBERS.sub('<n>', found['file'])}"
    return "<n>"


_NUMBERS: Final = re.compile(r"\d+")
