"""Woken by the ledger's stream: delivers the messages that were written there. One bad record stops no other."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend import wiring
from cronmend.telemetry import count, function, logger

care = cache(wiring.tell_care)
processor = BatchProcessor(event_type=EventType.DynamoDBStreams)


def deliver(record: DynamoDBRecord) -> None:
    message = wiring.message(record.raw_event["dynamodb"]["NewImage"])
    care().deliver(message, datetime.now(UTC))
    count("Messages", kind=message.report.kind.value)
    logger.info(message.report.headline, job=message.job, incident=message.incident, kind=message.report.kind.value)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, record_handler=deliver, processor=processor, context=context)
