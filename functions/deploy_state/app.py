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
continuation = cache(wiring.continuation)

LEFT = 20_000
"""Milliseconds before the end of the invocation at which no further schedule is held or released."""


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    happened = deploy_events.deploy_event(event)
    try:
        result = use_case().handle(happened, datetime.now(UTC), lambda: context.get_remaining_time_in_millis() < LEFT)
    except wiring.Unfinished as unfinished:
        continuation().pass_on(event)
        logger.info("Deploy event passed on", event_id=happened.event_id, result=str(unfinished))
        return answers.of_deploy(f"{unfinished}: another invocation continues", (), (), ())
    brought_forward = [timer.job for timer in result.brought_forward]
    logger.info(
        "Deploy event handled",
        event_id=happened.event_id,
        result=result.done,
        brought_forward=brought_forward,
        switched=result.switched,
    )
    return answers.of_deploy(result.done, result.notes, result.brought_forward, result.switched)
