"""Several pollers of Lambda's queues in the emulator's process, as at AWS.

The emulator polls all queues and streams in one thread, which waits for each invocation: a function that waits for a
late log would hold up every other event and message. Uses private names; ``tests/local/test_starting.py`` fails if
another version doesn't have them.
"""

import threading
import time
import traceback
from collections.abc import Callable

from ministack.services import lambda_svc

POLL = "_poll_sqs"
LOOP = "_poll_loop"
POLLERS = 4
SECONDS_BETWEEN_POLLS = 0.2


def install() -> None:
    """Poll queues in threads of their own, and no longer in the emulator's."""
    poll: Callable[[], bool] = getattr(lambda_svc, POLL)
    setattr(lambda_svc, POLL, lambda: False)
    for number in range(POLLERS):
        threading.Thread(target=_poll_forever, args=(poll,), name=f"queue-{number}", daemon=True).start()


def _poll_forever(poll: Callable[[], bool]) -> None:
    while True:
        try:
            found = poll()
        except Exception:  # noqa: BLE001 # the emulator's own loop goes on as well, and logs it
            traceback.print_exc()
            found = False
        if not found:
            time.sleep(SECONDS_BETWEEN_POLLS)
