"""Handle what a queue delivers: one event that fails doesn't stop the others, and is delivered again later.

A delivery that fails is repeated after a delay that grows from seconds to half an hour. The queue counts deliveries and
moves an event to the dead-letter queue after :data:`MOST_DELIVERIES`, which takes hours. An event that no retry can
make usable goes there at once. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec import Struct

from cronmend.errors import BadEvent, CronmendError, Permanent, Retryable
from cronmend.incoming.queued import QueuedEvent, is_batch, queued_event
from cronmend.incoming.timer_forms import is_overdue
from cronmend.ports.queues import EventQueue
from cronmend.telemetry import SAM_LOCAL, count, logger, measure

FIRST_DELAY = timedelta(seconds=15)
MARGIN = timedelta(seconds=5)
"""Between the end of a function that is killed and the next delivery of its event."""
LONGEST_DELAY = timedelta(minutes=30)
MOST_DELIVERIES = 24
"""``maxReceiveCount`` in the template. The last delivery is between four and nine hours after the first."""

type Answer = dict[str, Any]
type Handle = Callable[[dict[str, Any], QueuedEvent | None], Answer]
"""Handles one event; without a queued one, a person has invoked the function with the event itself.

The queue has an answer of its own: except under ``sam local``, no one reads that of a queued event."""


def delay_after(event_id: str, received: int) -> timedelta:
    """How long to wait after this delivery: at most twice as long as before, at least half of that, by the event ID."""
    whole = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(received - 1, 16))
    fraction = int.from_bytes(hashlib.sha256(f"{event_id}/{received}".encode()).digest()[:8]) / 2**64
    return timedelta(seconds=whole.total_seconds() * (1 + fraction) / 2)


def passed(event: dict[str, Any], handle: Callable[[dict[str, Any]], Answer]) -> Answer:
    """The answer to an event that no queue delivered. Raises what ``handle`` raises, unless ``reconcile`` passed it.

    ``reconcile`` passes it again while the promise isn't kept. An error would be a dead letter each time.
    """
    try:
        return handle(event)
    except (Retryable, Permanent) as error:
        if not is_overdue(event):
            raise
        logger.warning("Overdue promise not kept", reason=str(error), kind=event.get("kind"), job=event.get("job"))
        return {"done": f"not done yet, reconcile will try again: {error}"}


class Consumer(Struct, frozen=True):
    """A function's handler for its queue's batches, and for bare events."""

    function: str
    """Its name in metrics."""
    handle: Handle
    queue: Callable[[], EventQueue]
    may_wait: Callable[[dict[str, Any]], bool] = lambda event: False
    """Whether an event may wait for the queue's own timeout if its first delivery kills the function: it saves a call.
    May raise BadEvent."""

    def __call__(self, event: dict[str, Any], context: LambdaContext) -> Answer:
        """The answer to a bare event; for a batch, the records that failed. Raises only for a bare event."""
        if not is_batch(event):
            return passed(event, lambda bare: self.handle(bare, None))
        answers, failed = list[Answer](), list[dict[str, str]]()
        for record in event["Records"]:
            # Never an error of the whole function: Lambda would poll less, and the delays already leave time.
            try:
                answers.append(self._delivered(record, context))
            except Exception as error:  # noqa: BLE001 # the queue delivers the event again
                logger.info("Record failed", reason=f"{type(error).__name__}: {error}", message_id=record["messageId"])
                failed.append({"itemIdentifier": record["messageId"]})
        answer = {"batchItemFailures": failed}
        # The queue's answer has a form of its own; a person at this machine reads what was decided, too.
        return {**answer, "answers": answers} if SAM_LOCAL else answer

    def _delivered(self, record: Mapping[str, Any], context: LambdaContext) -> Answer:
        """If the function is killed, the event comes again soon after its time is over, unless it may wait."""
        queued = queued_event(record)
        if queued.received > 1 or not self._waits(queued):
            left = timedelta(milliseconds=context.get_remaining_time_in_millis())
            self._delay(queued, max(left + MARGIN, delay_after(queued.id, queued.received)))
        try:
            return self._handled(queued)
        except Exception as error:
            if queued.schedules_queue and queued.received >= MOST_DELIVERIES:
                return self._kept(queued, f"{type(error).__name__}: {error}")
            self._try_again(queued, error)
            raise

    def _waits(self, queued: QueuedEvent) -> bool:
        try:
            return self.may_wait(queued.content())
        except BadEvent:
            return False  # It is refused when it is handled.

    def _handled(self, queued: QueuedEvent) -> Answer:
        try:
            return self.handle(queued.content(), queued)
        except BadEvent as error:
            logger.error("Bad event", reason=str(error), message_id=queued.id)  # the reason says it all
            count("BadEvents", function=self.function)
            return self._kept(queued, str(error))

    def _kept(self, queued: QueuedEvent, reason: str) -> Answer:
        self.queue().keep(queued.body, reason)
        return {"refused": reason}

    def _try_again(self, queued: QueuedEvent, error: Exception) -> None:
        """SQS's own age of the oldest message leaves out what was received three times, so the age is measured here."""
        wait = delay_after(queued.id, queued.received)
        passes = isinstance(error, Retryable)
        log = logger.warning if passes else logger.error
        log(
            "Event delivered again later",
            reason=str(error),
            exc_info=None if passes else error,
            message_id=queued.id,
            received=queued.received,
            seconds=round(wait.total_seconds()),
        )
        count("Retries", function=self.function)
        age = datetime.now(UTC) - queued.received_at
        measure("RetriedAge", age.total_seconds(), MetricUnit.Seconds, function=self.function)
        self._delay(queued, wait)

    def _delay(self, queued: QueuedEvent, wait: timedelta) -> None:
        """Without the delay, the queue's own visibility timeout delivers the event again."""
        try:
            self.queue().delay(queued.receipt, wait, queued.schedules_queue)
        except CronmendError as error:
            logger.warning("Delay not set", reason=str(error), message_id=queued.id)
