"""Triggered by EventBridge's deploy events: store each one, and bring forward the re-runs waiting for it.

Schedules that follow a service are moved when its deploy may have ended, and when ``reconcile`` asks for it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend import answers
from cronmend.incoming import deploy_events, own_payloads
from cronmend.telemetry import function, logger
from cronmend.wiring import deploy_state as wiring

use_case = wiring.Current(wiring.use_case)
follow_use_case = wiring.Current(wiring.follow_use_case)
continuation = cache(wiring.continuation)

LEFT = 20_000
"""Milliseconds before the end of the invocation at which no further schedule is held, released or moved."""


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A deploy event, or ``reconcile``'s call to compare the schedules that follow a service with it."""
    if own_payloads.is_comparison(event):
        return _compare(context)
    happened, part = deploy_events.deploy_event(event), own_payloads.part_of(event)
    try:
        result = use_case().handle(happened, datetime.now(UTC), _time(context), part)
    except wiring.Unfinished as unfinished:
        for each in own_payloads.continued(event):
            continuation().pass_on(each)
        logger.info("Deploy event passed on", event_id=happened.event_id, result=str(unfinished))
        return answers.of_deploy(f"{unfinished}: other invocations continue", (), (), ())
    brought_forward = [timer.job for timer in result.brought_forward]
    logger.info(
        "Deploy event handled",
        event_id=happened.event_id,
        result=result.done,
        brought_forward=brought_forward,
        switched=result.switched,
    )
    answer = answers.of_deploy(result.done, result.notes, result.brought_forward, result.switched)
    return {**answer, **_compare(context)} if result.may_end and part.number == 0 else answer


def _compare(context: LambdaContext) -> dict[str, Any]:
    moves = follow_use_case().check(datetime.now(UTC), _time(context))
    for job, revision in moves.moved:
        logger.info("Schedule moved", job=job, task_definition=revision)
    for job, reason in moves.failed:
        logger.error("Schedule not compared with its service", job=job, reason=reason)
    if moves.left and moves.moved:
        continuation().pass_on(own_payloads.COMPARE)
    return dict(answers.of_moves(moves.moved, moves.failed))


def _time(context: LambdaContext) -> Callable[[], bool]:
    return lambda: context.get_remaining_time_in_millis() < LEFT
