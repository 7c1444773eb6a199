"""The ports of a queue that keeps events until they are handled, and of errors that no code expected."""

from datetime import timedelta
from typing import Protocol


class EventQueue(Protocol):
    def delay(self, receipt: str, wait: timedelta, queue_arn: str) -> None:
        """Deliver the event of this delivery again after ``wait``, if the delivery fails.

        Args:
            queue_arn: the queue that delivered it; ``""`` for the function's own.
        """
        ...

    def keep(self, body: str, reason: str) -> None:
        """Put an event into the dead-letter queue, whose alarm notifies people.

        Raises:
            Retryable, Permanent: it isn't kept there, so the event must stay in the queue.
        """
        ...


class OnError(Protocol):
    """Logs an error that no code expected, and counts it."""

    def __call__(self, error: Exception, job: str) -> None:
        """``job`` is ``""`` if it isn't known."""
        ...
