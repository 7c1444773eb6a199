"""Lambda's queues and streams in the emulator's process: several pollers, as at AWS, and short waits.

The emulator polls all of them in one thread, which waits for each invocation and, if it found nothing, a second: a
function that waits for a late log would hold up every other event and message. An event whose function was killed comes
again after seconds; at AWS, that takes until the function's time is over. Uses private names;
``tests/local/test_starting.py`` fails if another version doesn't have them.
"""

import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import lambda_svc, sqs

QUEUES = "_poll_sqs"
STREAMS = "_poll_dynamodb_streams"
POLLERS = {QUEUES: 4, STREAMS: 1}
"""How many threads poll: a stream's records stay in order."""
LOOP = "_poll_loop"
EXECUTE = "_execute_function"
LOCK = "_queues_lock"
QUEUE_OF = "_queue_by_arn"
QUEUES_BY_URL = "_queues"
SECONDS_BETWEEN_POLLS = 0.1
SECONDS_AFTER_A_KILL = 0.5
ALL = "all_items"
_handled: set[str] = set()
"""The receipt handles of the messages that a function has now."""


def install() -> None:
    """Poll in threads of their own, and no longer in the emulator's."""
    setattr(lambda_svc, EXECUTE, releasing(getattr(lambda_svc, EXECUTE)))
    for name, pollers in POLLERS.items():
        poll: Callable[[], bool] = getattr(lambda_svc, name)
        setattr(lambda_svc, name, lambda: False)
        for number in range(pollers):
            threading.Thread(target=_poll_forever, args=(poll,), name=f"{name}-{number}", daemon=True).start()


def _poll_forever(poll: Callable[[], bool]) -> None:
    while True:
        try:
            found = poll()
        except Exception:  # noqa: BLE001 # as in the emulator's own loop, the next poll may work
            traceback.print_exc()
            found = False
        if not found:
            time.sleep(SECONDS_BETWEEN_POLLS)


def releasing(execute: Callable[[Any, Any], Mapping[str, Any]]) -> Callable[[Any, Any], Mapping[str, Any]]:
    """What runs a function for an event, and makes the event visible again if the function fails."""

    def run(function: Any, event: Any) -> Mapping[str, Any]:
        records = event.get("Records", ()) if isinstance(event, dict) else ()
        queued = [record for record in records if record.get("eventSource") == "aws:sqs"]
        handles = {record["receiptHandle"] for record in queued}
        _handled.update(handles)
        try:
            result = execute(function, event)
        finally:
            _handled.difference_update(handles)
        if result.get("error"):
            for record in queued:
                _release(record)
        return result

    return run


def redeliver() -> int:
    """Make visible what is delivered again later, unless a function has it now; returns how many messages it was."""
    now, count = time.time(), 0
    with getattr(sqs, LOCK):
        for _, queue in getattr(getattr(sqs, QUEUES_BY_URL), ALL)():
            for message in queue["messages"]:
                if message["visible_at"] > now and message.get("receipt_handle") not in _handled:
                    message["visible_at"] = now
                    count += 1
    return count


def _release(record: Mapping[str, Any]) -> None:
    with getattr(sqs, LOCK):
        queue = getattr(sqs, QUEUE_OF)(record["eventSourceARN"])
        for message in queue["messages"] if queue else ():
            if message.get("receipt_handle") == record["receiptHandle"]:
                message["visible_at"] = time.time() + SECONDS_AFTER_A_KILL
