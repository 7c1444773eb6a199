"""Woken by a one-time schedule: checks every guard again and runs the job, or releases what was held."""

from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend.incoming import own_payloads
from cronmend.model.wakeups import HoldTimer, ReleaseTimer, RerunTimer
from cronmend.telemetry import function, logger
from cronmend.wiring import rerun as wiring

care = cache(wiring.due_care)
manual = cache(wiring.manual_care)
release = cache(wiring.release_care)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    if own_payloads.is_run_request(event):
        return _asked(event)
    timer = own_payloads.healing_timer(event)
    match timer:
        case HoldTimer():
            done = release().handle(timer, datetime.now(UTC))
        case RerunTimer() | ReleaseTimer():
            done = care().handle(timer, datetime.now(UTC))
    logger.info(done, kind=timer.kind, **asdict(timer))
    return {"job": timer.job, "done": done}


def _asked(event: dict[str, Any]) -> dict[str, Any]:
    """A person's request, answered at once with every guard that blocks it."""
    asked = own_payloads.run_request_of(event)
    answer = manual().handle(asked, datetime.now(UTC))
    logger.info(answer.done, job=asked.job, task=answer.task_arn, force=asked.force, by=asked.by)
    return {"job": asked.job, **asdict(answer)}
