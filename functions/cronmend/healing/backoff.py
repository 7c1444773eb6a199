"""How long to wait before a re-run: exponential backoff with full jitter, the same whenever it is computed. Pure.

The jitter is derived from the attempt's key: a function that is invoked again plans the same time, and jobs that failed
together are re-run at different times. https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
"""

import hashlib
from datetime import timedelta

LONGEST = timedelta(hours=1)


def wait(base: timedelta, repeats: int, key: str) -> timedelta:
    """Between 0 and twice ``base``, doubled with each repeat, at most an hour; at first, ``base`` on average."""
    span = min(LONGEST, 2 * base * 2 ** min(repeats, 16))
    return timedelta(seconds=round(fraction(key) * span.total_seconds()))


def fraction(key: str) -> float:
    """A number from 0 up to 1, evenly distributed over all keys."""
    return int.from_bytes(hashlib.sha256(f"jitter/{key}".encode()).digest()[:8]) / 2**64
