"""Triggered through its queue by a one-time schedule: check every guard and run the job, or release what is held.

A person's request for a run invokes it directly.
"""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec import to_builtins
from msgspec.structs import asdict

from cronmend import answers
from cronmend.incoming import own_payloads
from cronmend.incoming.queued import QueuedEvent
from cronmend.model.wakeups import HoldTimer, ReleaseTimer, RerunTimer
from cronmend.queues import Consumer
from cronmend.telemetry import SAM_LOCAL, function, logger, prepared
from cronmend.wiring import rerun as wiring

timer_use_case = wiring.Current(wiring.timer_use_case)
request_use_case = wiring.Current(wiring.request_use_case)
hold_use_case = wiring.Current(wiring.hold_use_case)
queue = cache(wiring.queue)


def _due(event: dict[str, Any], queued: QueuedEvent | None) -> dict[str, Any]:
    if own_payloads.is_run_request(event):
        return _requested(event)
    timer = own_payloads.healing_timer(event)
    match timer:
        case HoldTimer():
            done = hold_use_case().handle(timer, datetime.now(UTC))
        case RerunTimer() | ReleaseTimer():
            done = timer_use_case().handle(timer, datetime.now(UTC))
    logger.info("Timer handled", result=done, kind=timer.kind, **asdict(timer))
    return {} if queued and not SAM_LOCAL else _answer(timer.job, done)


def _answer(job: str, done: str) -> dict[str, Any]:
    known = timer_use_case()
    incident = known.job_states.read(job).incident
    attempt = known.records.attempt(incident.starting) if incident and incident.starting else None
    return answers.of_timer(job, done, incident, attempt)


def _requested(event: dict[str, Any]) -> dict[str, Any]:
    """Handle a person's request; the answer names every guard that blocks the run."""
    asked = own_payloads.run_request_of(event)
    answer = request_use_case().handle(asked, datetime.now(UTC))
    logger.info(
        "Run requested", job=asked.job, result=answer.done, task=answer.task_arn, force=asked.force, by=asked.by
    )
    return {"job": asked.job, **to_builtins(answer)}


prepared(timer_use_case, queue)
consumer = Consumer("rerun", _due, queue)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a batch of the queue, or one timer or request that a person passes."""
    return consumer(event, context)
