"""Triggered every five minutes: find what was promised and is overdue, and have it done."""

from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend import answers
from cronmend.telemetry import function, logger, measure
from cronmend.wiring import reconcile as wiring

use_case = cache(wiring.use_case)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The metric is the heartbeat, too: without it, the alarm fires."""
    result = use_case().handle(datetime.now(UTC))
    for timer in result.woken:
        logger.warning("Overdue promise triggered", kind=timer.kind, **asdict(timer))
    for promise, reason in result.failed:
        logger.error("Overdue promise failed", kind=promise.kind.value, row=promise.row, reason=reason)
    logger.info("Promises reconciled", overdue=result.overdue, late=result.late, remaining=result.remaining)
    measure("LatePromises", result.late, function=context.function_name)
    return answers.of_reconciled(
        result.overdue, result.woken, [reason for _, reason in result.failed], result.remaining
    )
