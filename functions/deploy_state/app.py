"""Woken by EventBridge when a deploy goes on: keeps what is known of it, brings the re-runs forward that waited."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend.incoming import deploy_events
from cronmend.telemetry import function, logger
from cronmend.wiring import deploy_state as wiring

care = cache(wiring.deploy_care)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    happened = deploy_events.deploy_event(event)
    heard = care().handle(happened, datetime.now(UTC))
    brought_forward = [timer.job for timer in heard.brought_forward]
    logger.info(heard.done, event_id=happened.event_id, brought_forward=brought_forward, switched=heard.switched)
    return {"done": heard.done, "hurried": len(brought_forward), "switched": len(heard.switched)}
