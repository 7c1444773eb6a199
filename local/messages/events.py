"""Collect Cronmend's own events from the default bus, through a rule and a queue."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Self

from botocore.exceptions import BotoCoreError, ClientError

from local.aws import Clients
from local.messages.inbox import BusEvent

NAME: Final = "local-messages"
PATTERN: Final = {"source": ["cronmend"]}
_PAUSE: Final = 0.5


class EventCollector:
    """Collects as long as this context is open.

    Args:
        put: gets each event.
    """

    def __init__(self, clients: Clients, put: Callable[[BusEvent], None]) -> None:
        self._clients = clients
        self._put = put
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="event-collector", daemon=True)
        self._queue = ""

    def __enter__(self) -> Self:
        sqs, events = self._clients.sqs, self._clients.events
        self._queue = sqs.create_queue(QueueName=NAME)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name=NAME, EventPattern=json.dumps(PATTERN))
        events.put_targets(Rule=NAME, Targets=[{"Id": "queue", "Arn": arn}])
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._end.wait(_PAUSE):
            try:
                self._collect()
            except (ClientError, BotoCoreError):
                # The emulator is stopping or busy. Events stay in the queue.
                continue

    def _collect(self) -> None:
        sqs = self._clients.sqs
        for raw in sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", []):
            event: dict[str, Any] = json.loads(raw["Body"])
            self._put(BusEvent(datetime.now(UTC), str(event.get("detail-type", "")), event.get("detail") or {}))
            sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=raw["ReceiptHandle"])
