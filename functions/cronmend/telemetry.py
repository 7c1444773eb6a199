"""Structured logs of the functions, and their metrics as log lines (CloudWatch embedded metric format).

``sam local`` shows the log to the person who invoked the function: there, each entry is one readable line, and the
metrics are left out.
"""

import gc
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend.errors import BadEvent

SAM_LOCAL = os.environ.get("AWS_SAM_LOCAL") == "true"
"""``sam local`` sets it in its containers."""
_FOR_MACHINES = (
    *("level", "location", "message", "timestamp", "service", "exception", "exception_name", "stack_trace"),
    *("cold_start", "function_name", "function_memory_size", "function_arn", "function_request_id", "xray_trace_id"),
)


class LinesForPeople(LambdaPowertoolsFormatter):
    """``11:06:03 Run diagnosed: job=cronmend-jobs/publish-scheduled, category=deploy_race``; an exception below it."""

    def serialize(self, log: Any) -> str:
        fields = {name: value for name, value in log.items() if name not in _FOR_MACHINES and value not in ("", None)}
        level, told = log["level"], ", ".join(f"{name}={value}" for name, value in fields.items())
        line = f"{datetime.now(UTC):%H:%M:%S} {'' if level == 'INFO' else f'{level} '}{log['message']}"
        return "\n".join(filter(None, (f"{line}: {told}" if told else line, log.get("exception"))))


logger = Logger(logger_formatter=LinesForPeople()) if SAM_LOCAL else Logger()

type Handler[R] = Callable[[dict[str, Any], LambdaContext], R]


def function[R](handler: Handler[R]) -> Handler[R]:
    """Add the request to each log line of a Lambda handler, and log why an event is unusable.

    The error is raised again: Lambda counts it, retries, and keeps the event in the dead-letter queue.
    """

    @wraps(handler)
    def call(event: dict[str, Any], context: LambdaContext) -> R:
        try:
            return handler(event, context)
        except BadEvent as error:
            event_id = event.get("id") if isinstance(event, dict) else None
            logger.error("Bad event", reason=str(error), event_id=event_id)  # noqa: TRY400 # the reason says it all
            count("BadEvents", function=context.function_name)
            raise

    logged: Handler[R] = logger.inject_lambda_context(call)
    return logged


def prepared(*parts: Callable[[], object]) -> None:
    """Build these while Lambda starts the container, with a whole CPU; elsewhere, each is built at its first use."""
    if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
        for part in parts:
            part()
        gc.freeze()  # What was loaded and built lives as long as the container: no collection looks at it again.


def count(name: str, **dimensions: str) -> None:
    """Add one to a metric of the namespace ``Cronmend``."""
    measure(name, 1, **dimensions)


def measure(name: str, number: float, unit: MetricUnit = MetricUnit.Count, /, **dimensions: str) -> None:
    """A number of a metric of the namespace ``Cronmend``."""
    if SAM_LOCAL:
        return
    metrics = Metrics()
    for key, value in dimensions.items():
        metrics.add_dimension(key, value)
    metrics.add_metric(name, unit, number)
    metrics.flush_metrics()


def denied(action: str, reason: str) -> None:
    """Log a call that AWS denied, with IAM's name of the action, and count it.

    A command has no log and no metrics: it prints the reason itself.
    """
    if "POWERTOOLS_METRICS_NAMESPACE" not in os.environ:
        return
    logger.warning("Permission denied", action=action, reason=reason)
    count("PermissionsDenied", action=action)


def unforeseen(error: Exception, job: str) -> None:
    """Log an error that no code expected, with its stack, and count it: the metric's alarm notifies people."""
    logger.error("Unforeseen error", exc_info=error, job=job)
    count("UnforeseenErrors")
