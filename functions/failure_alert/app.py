"""Triggered by the ledger's stream: delivers the messages that were written there. One bad record stops no other.

A timer of its own has it send what had to wait, and the canary's schedule has it prove that alerts arrive.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend.alerting.conversations import Conversation
from cronmend.incoming import own_payloads
from cronmend.telemetry import count, function, logger
from cronmend.wiring import failure_alert as wiring

care = cache(wiring.deliver_messages)
processor = BatchProcessor(event_type=EventType.DynamoDBStreams)


def deliver(record: DynamoDBRecord) -> Sequence[Conversation]:
    message = wiring.message_of(record.raw_event["dynamodb"]["NewImage"])
    changed = care().deliver(message, datetime.now(UTC))
    count("Messages", kind=message.report.kind.value)
    logger.info(message.report.headline, job=message.job, incident=message.incident, kind=message.report.kind.value)
    return changed


@function
def handler(event: dict[str, Any], context: LambdaContext) -> object:
    if "Records" in event:
        return _batch(event, context)
    if own_payloads.is_canary(event):
        return care().canary(datetime.now(UTC))
    wakeup = own_payloads.alert_wakeup(event)
    done, changed = care().wake(wakeup, datetime.now(UTC))
    care().refresh(changed, datetime.now(UTC))
    logger.info(done, kind=wakeup.kind, **asdict(wakeup))
    return {"job": wakeup.job, "done": done}


def _batch(event: dict[str, Any], context: LambdaContext) -> object:
    """Show once what several messages of a batch have changed in one conversation."""
    changed: list[Conversation] = []
    answer = process_partial_response(
        event, record_handler=lambda record: changed.extend(deliver(record)), processor=processor, context=context
    )
    care().refresh(changed, datetime.now(UTC))
    return answer
