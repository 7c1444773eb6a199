"""The attributes by which an item with a promise is in the index of promises; items without them are not in it.

All of them are in one partition, which takes a thousand changes a second: ten thousand failures in a minute are about
500. promises.py reads the index.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

INDEX: Final = "Promises"
OPEN: Final = "open"
INCIDENT: Final = "incident"
"""The partition of the index with the jobs whose open incident promises nothing: people were alerted."""
FORGET: Final = "REMOVE promise, due"
"""The end of an update after which the item promises nothing."""


def attributes(due: datetime | None) -> Mapping[str, str]:
    return {"promise": OPEN, "due": text(due)} if due else {}


def attributes_of_job(due: datetime | None, began_at: datetime | None) -> Mapping[str, str]:
    """As :func:`attributes`; a job with an open incident is in the index, too, if nothing of it is due.

    Args:
        began_at: the start of the open incident; None if none is open.
    """
    if due or began_at is None:
        return attributes(due)
    return {"promise": INCIDENT, "due": text(began_at)}


def text(at: datetime) -> str:
    """Always in UTC with microseconds, so that texts sort by time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
