"""Woken by the ledger's stream: delivers the messages that were written there. One bad record stops no other.

Woken by a timer of its own, it says what had to wait; asked by the canary's schedule, it proves that alerts arrive.
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

care = cache(wiring.tell_care)
processor = BatchProcessor(event_type=EventType.DynamoDBStreams)


def deliver(record: DynamoDBRecord) -> Sequence[Conversation]:
    message = wiring.message(record.raw_event["dynamodb"]["NewImage"])
    told = care().deliver(message, datetime.now(UTC))
    count("Messages", kind=message.report.kind.value)
    logger.info(message.report.headline, job=message.job, incident=message.incident, kind=message.report.kind.value)
    return told


@function
def handler(event: dict[str, Any], context: LambdaContext) -> object:
    if "Records" in event:
        return _batch(event, context)
    if own_payloads.is_canary(event):
        return care().canary(datetime.now(UTC))
    wakeup = own_payloads.alert_wakeup(event)
    done, told = care().wake(wakeup, datetime.now(UTC))
    care().refresh(told, datetime.now(UTC))
    logger.info(done, kind=wakeup.kind, **asdict(wakeup))
    return {"job": wakeup.job, "done": done}


def _batch(event: dict[str, Any], context: LambdaContext) -> object:
    """What several messages of a batch have changed in one conversation is shown once."""
    told: list[Conversation] = []
    answer = process_partial_response(
        event, record_handler=lambda record: told.extend(deliver(record)), processor=processor, context=context
    )
    care().refresh(told, datetime.now(UTC))
    return answer
