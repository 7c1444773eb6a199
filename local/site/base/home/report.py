"""The weekly report: how many events each district has."""

import logging
from collections import Counter

from home.models import EventPage

log = logging.getLogger("report")

RECIPIENTS = {"old town": "old-town@example.org", "hillside": "hillside@example.org"}


def weekly_report() -> str:
    counts = Counter(EventPage.objects.order_by("district").values_list("district", flat=True))
    log.info("%d districts with events", len(counts))
    return "\n".join(_line(district, count) for district, count in (counts or {"harbour": 0}).items())


def _line(district: str, count: int) -> str:
    return f"{_address(district)}: {count} events"


def _address(district: str) -> str:
    return RECIPIENTS[district]
