"""Triggered every five minutes: have done what is overdue, find slots without a run, runs without an end, and more."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec.structs import asdict

from cronmend import answers
from cronmend.incoming import own_payloads
from cronmend.telemetry import function, logger, measure
from cronmend.wiring import reconcile as wiring

use_case = wiring.Current(wiring.use_case)
slots_use_case = wiring.Current(wiring.slots_use_case)
overdue_use_case = wiring.Current(wiring.overdue_use_case)
findings_use_case = wiring.Current(wiring.findings_use_case)
monthly_use_case = wiring.Current(wiring.monthly_use_case)
comparison = cache(wiring.comparison)

LEFT = 20_000
"""Milliseconds before the end of the invocation at which no further job is checked."""


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The metric is the heartbeat, too: without it, the alarm fires."""
    now, is_time_up = datetime.now(UTC), _time(context)
    result = use_case().handle(now)
    for timer in result.woken:
        logger.warning("Overdue promise triggered", kind=timer.kind, **asdict(timer))
    for promise, reason in result.failed:
        logger.error("Overdue promise failed", kind=promise.kind.value, row=promise.row, reason=reason)
    logger.info("Promises reconciled", overdue=result.overdue, late=result.late, remaining=result.remaining)
    measure("LatePromises", result.late, function=context.function_name)
    alive = overdue_use_case().check(now, is_time_up)
    for job, cause in alive.overdue:
        logger.warning("Run overdue", job=job, cause=cause)
    for what, reason in alive.failed:
        logger.error("Active runs not checked", of=what, reason=reason)
    logger.info("Active runs checked", tasks=alive.tasks, stopped=alive.stopped, unlisted=alive.unlisted)
    checked = slots_use_case().check(now, is_time_up)
    for job, slots in checked.missed:
        logger.warning("Scheduled times without a run", job=job, slots=[slot.isoformat() for slot in slots])
    for job, reason in checked.failed:
        logger.error("Scheduled times not checked", job=job, reason=reason)
    logger.info("Scheduled times checked", schedules=checked.schedules, slots=checked.slots, left=checked.left)
    found = findings_use_case().check(now, is_time_up)
    for finding in found.told:
        logger.warning("Finding", job=finding.job, kind=finding.kind.value, sentence=finding.sentence)
    for source, reason in found.failed:
        logger.error("Findings not looked for", source=source, reason=reason)
    if (reports := monthly_use_case()) and not is_time_up():
        for route in reports.check(now):
            logger.info("Monthly report written", route=route)
    if relay := comparison():
        relay.pass_on(own_payloads.COMPARE)
    reasons = [reason for _, reason in result.failed]
    return {
        **answers.of_reconciled(result.overdue, result.woken, reasons, result.remaining),
        **answers.of_checked(checked.slots, checked.missed, checked.failed, checked.left),
        **answers.of_alive(alive.tasks, alive.overdue, alive.stopped, alive.failed),
        "findings": [finding.key for finding in found.told],
    }


def _time(context: LambdaContext) -> Callable[[], bool]:
    return lambda: context.get_remaining_time_in_millis() < LEFT
