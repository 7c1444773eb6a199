"""Structured logs of the functions, and their metrics as log lines (CloudWatch embedded metric format)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend.errors import BadEvent

logger = Logger()

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


def count(name: str, **dimensions: str) -> None:
    """Add one to a metric of the namespace ``Cronmend``."""
    metrics = Metrics()
    for key, value in dimensions.items():
        metrics.add_dimension(key, value)
    metrics.add_metric(name, MetricUnit.Count, 1)
    metrics.flush_metrics()
