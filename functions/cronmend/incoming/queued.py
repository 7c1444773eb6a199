"""Events that arrive through an SQS queue: a batch of records, each with an event as its body.

Shape: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event. A person who
invokes a function passes the event itself.
"""

import json
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from cronmend.errors import BadEvent, refusing
from cronmend.incoming import start_failures
from cronmend.incoming.envelope import Json

SOURCE = "aws:sqs"


class QueuedEvent(Struct, frozen=True):
    """One delivery of a queued event."""

    id: str
    receipt: str
    body: str
    received: int
    """How often the queue has delivered it, this time included."""
    received_at: datetime
    """When the queue delivered it for the first time."""
    schedules_queue: str = ""
    """Of a schedule's dead letter, the ARN of its queue, which has no dead-letter queue of its own; else ``""``."""

    def content(self) -> dict[str, Any]:
        """The event.

        Raises:
            BadEvent: the body isn't a JSON object.
        """
        with refusing(lambda error: BadEvent(f"message {self.id}: its body is not JSON: {error}")):
            found = json.loads(self.body)
        if not isinstance(found, dict):
            raise BadEvent(f"message {self.id}: its body is a {type(found).__name__}, not an object")
        return found


def is_batch(event: Json) -> bool:
    records = event.get("Records") if isinstance(event, dict) else None
    return isinstance(records, list) and bool(records) and records[0].get("eventSource") == SOURCE


def queued_event(record: Json) -> QueuedEvent:
    """One record of a batch; SQS writes its numbers as strings and its times as milliseconds since 1970."""
    attributes = record["attributes"]
    is_dead_letter = start_failures.is_dead_letter(record.get("messageAttributes") or {})
    return QueuedEvent(
        id=record["messageId"],
        receipt=record["receiptHandle"],
        body=start_failures.as_event(record) if is_dead_letter else record["body"],
        received=int(attributes["ApproximateReceiveCount"]),
        received_at=datetime.fromtimestamp(int(attributes["ApproximateFirstReceiveTimestamp"]) / 1000, UTC),
        schedules_queue=record["eventSourceARN"] if is_dead_letter else "",
    )
