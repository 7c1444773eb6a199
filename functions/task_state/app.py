"""Woken by EventBridge when a task of a job has stopped: diagnoses the run and writes what follows into the ledger."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend.incoming import task_events
from cronmend.telemetry import count, function, logger
from cronmend.wiring import task_state as wiring

care = cache(wiring.stopped_care)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Raises BadEvent for what is no task event: Lambda then keeps it in the dead-letter queue."""
    if (status := task_events.last_status(event)) != "STOPPED":
        logger.info("the task has not stopped yet: nothing to do", status=status, event_id=event.get("id"))
        return {"action": "none", "reason": f"the task is {status}"}
    task = task_events.stopped_task(event)
    record = care().handle(task, datetime.now(UTC))
    logger.info(record.full_sentence, task=task.task_id, job=record.job, rule=record.rule, action=record.action)
    count("Runs", category=record.category.value)
    return {"job": record.job, "category": record.category.value, "rule": record.rule, "action": record.action}
