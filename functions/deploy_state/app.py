"""Woken by EventBridge when a service's deployment moves: brings the re-runs forward that waited for it."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend import events, wiring
from cronmend.telemetry import function, logger

care = cache(wiring.deploy_care)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    deployment = events.service_deployment(event)
    if not deployment.completed:
        logger.info("the deployment goes on", service=deployment.service, change=deployment.name)
        return {"hurried": 0}
    hurried = care().service_settled(deployment.cluster_arn, deployment.service, datetime.now(UTC))
    logger.info("the deployment is complete", service=deployment.service, hurried=[timer.job for timer in hurried])
    return {"hurried": len(hurried)}
