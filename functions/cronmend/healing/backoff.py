"""How long to wait before a re-run: exponential backoff with full jitter, the same whenever it is computed. Pure.

The jitter comes from the attempt's key, so that a function that is called again plans the same moment, while jobs that
failed together come back apart. https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
"""

import hashlib
from datetime import timedelta

LONGEST = timedelta(hours=1)


def wait(base: timedelta, repeats: int, key: str) -> timedelta:
    """Somewhere in twice ``base``, doubled with each repeat and never beyond an hour: ``base`` on average at first."""
    span = min(LONGEST, 2 * base * 2 ** min(repeats, 16))
    return timedelta(seconds=round(fraction(key) * span.total_seconds()))


def fraction(key: str) -> float:
    """Evenly between 0 and 1 over all keys."""
    return int.from_bytes(hashlib.sha256(f"jitter/{key}".encode()).digest()[:8]) / 2**64
