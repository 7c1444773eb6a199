"""Woken by a one-time schedule: checks every guard again and runs the job, or releases an alert that was held."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend import events, wiring
from cronmend.telemetry import function, logger

care = cache(wiring.due_care)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    timer = events.timer(event)
    done = care().handle(timer, datetime.now(UTC))
    logger.info(done, job=timer.job, incident=timer.incident, attempt=timer.attempt)
    return {"job": timer.job, "done": done}
