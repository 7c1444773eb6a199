"""Triggered by EventBridge's deploy events: store each one, and bring forward the re-runs waiting for it."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend import answers
from cronmend.incoming import deploy_events
from cronmend.telemetry import function, logger
from cronmend.wiring import deploy_state as wiring

use_case = cache(wiring.use_case)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    happened = deploy_events.deploy_event(event)
    result = use_case().handle(happened, datetime.now(UTC))
    brought_forward = [timer.job for timer in result.brought_forward]
    logger.info(
        "Deploy event handled",
        event_id=happened.event_id,
        result=result.done,
        brought_forward=brought_forward,
        switched=result.switched,
    )
    return answers.of_deploy(result.done, result.notes, result.brought_forward, result.switched)
