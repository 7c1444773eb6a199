"""Wait for what the emulated account does by itself."""

import time
from collections.abc import Callable

SECONDS = 300.0
"""Until a wait gives up: long enough for a machine that is many times slower than usual."""
_POLL = 0.1


def until[T](look: Callable[[], T], meanwhile: Callable[[], object] = lambda: None) -> T:
    """The first answer that counts as true; the last one if there was none in time, for the assertion to show.

    Args:
        meanwhile: done after each look that was in vain, such as what lets a timer fire now.
    """
    end = time.monotonic() + SECONDS
    while not (seen := look()) and time.monotonic() < end:
        meanwhile()
        time.sleep(_POLL)
    return seen
