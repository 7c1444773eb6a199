"""Triggered through a queue when a task of a job stops, or a start was given up: diagnose it, record what follows."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend import answers
from cronmend.incoming import start_failures, task_events
from cronmend.incoming.queued import QueuedEvent
from cronmend.queues import Consumer
from cronmend.telemetry import SAM_LOCAL, count, function, logger, prepared
from cronmend.wiring import task_state as wiring

use_case = wiring.Current(wiring.use_case)
start_use_case = wiring.Current(wiring.start_use_case)
queue = cache(wiring.queue)


def _failed(event: dict[str, Any], queued: QueuedEvent | None) -> dict[str, Any]:
    """Raises BadEvent if it is neither a task event nor a start that failed."""
    if start_failures.is_run_task(event):
        return _refused(event, queued)
    if start_failures.is_start_failure(event):
        failure, now = start_failures.start_failure(event), datetime.now(UTC)
        return _answer(start_use_case().handle(failure, now), queued, now)
    return _stopped(event, queued)


def _refused(event: dict[str, Any], queued: QueuedEvent | None) -> dict[str, Any]:
    if (refused := start_failures.refused_start(event)) is None:
        return {"action": "none", "reason": "the call started a task"}
    now = datetime.now(UTC)
    if (record := start_use_case().handle_refused(refused, now)) is None:
        return {"action": "none", "reason": "EventBridge tries again"}
    return _answer(record, queued, now)


def _stopped(event: dict[str, Any], queued: QueuedEvent | None) -> dict[str, Any]:
    if (status := task_events.last_status(event)) != "STOPPED":
        logger.info("Task not stopped yet", status=status, event_id=event.get("id"))
        return {"action": "none", "reason": f"the task is {status}"}
    task, now = task_events.stopped_task(event), datetime.now(UTC)
    record = use_case().handle(task, now, queued.received_at if queued else None)
    if queued and wiring.is_undiagnosed(record) and (record.recorded_at == now or queued.received > 1):
        # Not for a second event of the run, but for a second delivery: the first one may have ended before this.
        queue().keep(queued.body, f"{record.job}: {record.sentence}")
    return _answer(record, queued, now)


def _answer(record: Any, queued: QueuedEvent | None, now: datetime) -> dict[str, Any]:
    """Log the record, and answer a person with what was decided; Lambda's queue reads no answer.

    Most runs just succeed: the ledger and the metric have all that a line about one would say.
    """
    log = logger.debug if queued and record.is_listed_only and not SAM_LOCAL else logger.info
    log(
        "Run diagnosed" if record.recorded_at == now else "Run already on record",
        task=record.task_id,
        job=record.job,
        category=record.category.value,
        rule=record.rule,
        sentence=record.full_sentence,
        action=record.action,
    )
    count("Runs", category=record.category.value)
    if queued and not SAM_LOCAL:
        return {}
    incident = use_case().job_states.read(record.job).incident if record.incident else None
    return answers.of_run(record, incident, now)


prepared(use_case, queue, wiring.rules)
consumer = Consumer("task_state", _failed, queue, lambda event: wiring.may_wait(task_events.stopped_task(event)))


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a batch of the queue, or one event that a person passes."""
    return consumer(event, context)
