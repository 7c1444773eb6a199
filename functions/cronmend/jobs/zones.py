"""A schedule's time zone: an IANA name, as EventBridge Scheduler wants it."""

import re
from datetime import UTC, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronmend.jobs.cron_fields import Mistake

_NO_ZONE = re.compile(r"localtime|Factory|posixrules|leapseconds|tzdata\.zi|(?:posix|right)/.*")
"""Files beside the zones of a time zone database, whose names AWS doesn't know."""
_ABBREVIATIONS = {
    **dict.fromkeys(("PST", "PDT", "PT"), "America/Los_Angeles"),
    **dict.fromkeys(("MDT", "MT"), "America/Denver"),
    **dict.fromkeys(("CDT", "CT"), "America/Chicago"),
    **dict.fromkeys(("EDT", "ET"), "America/New_York"),
    **dict.fromkeys(("AEST", "AEDT"), "Australia/Sydney"),
    **dict.fromkeys(("NZST", "NZDT"), "Pacific/Auckland"),
    "CST": "America/Chicago, or Asia/Shanghai",
    "IST": "Asia/Kolkata, Europe/Dublin or Asia/Jerusalem",
    "BST": "Europe/London, or Asia/Dhaka",
    "CEST": "Europe/Paris",
    "EEST": "Europe/Athens",
    "WEST": "Europe/Lisbon",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "SGT": "Asia/Singapore",
    "HKT": "Asia/Hong_Kong",
    "AKST": "America/Anchorage",
    "BRT": "America/Sao_Paulo",
    "SAST": "Africa/Johannesburg",
    "MSK": "Europe/Moscow",
}
"""No IANA names; several mean more than one zone."""


def time_zone(name: str, mistakes: list[Mistake]) -> tzinfo:
    """UTC after a mistake."""
    if name == "UTC":
        return UTC
    try:
        if not _NO_ZONE.fullmatch(name):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    mistakes.append(Mistake("timezone", name, "is not an IANA time zone", _remedy(name)))
    return UTC


def _remedy(name: str) -> str:
    if meant := _ABBREVIATIONS.get(name.upper()):
        return f"an abbreviation can mean several zones; write {meant}"
    known = sorted(zone for zone in available_timezones() if not _NO_ZONE.fullmatch(zone))
    near = [] if _NO_ZONE.fullmatch(name) else get_close_matches(name.replace(" ", "_"), known, n=1, cutoff=0.5)
    return f"write {near[0]}" if near and len(name) > 4 else "write an IANA name such as Europe/London"
