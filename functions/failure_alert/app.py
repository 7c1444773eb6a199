"""Triggered by the ledger's stream: deliver the messages written there. One bad record does not stop the others.

Its own timers trigger it to send delayed messages, the canary's schedule to send a test message, and the stack's own
alarms to write a message about them.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec.structs import asdict

from cronmend import answers
from cronmend.alerting.conversations import Conversation
from cronmend.incoming import alarm_events, alert_payloads
from cronmend.model.report import Message
from cronmend.queues import passed
from cronmend.telemetry import SAM_LOCAL, count, function, logger, prepared
from cronmend.wiring import failure_alert as wiring

use_case = wiring.Current(wiring.use_case)
alarm_use_case = wiring.Current(wiring.alarm_use_case)
prepared(use_case)
processor = BatchProcessor(event_type=EventType.DynamoDBStreams)


def deliver(record: DynamoDBRecord, use_case: wiring.DeliverMessages) -> tuple[Message, Sequence[Conversation]]:
    """The message, and the conversations that it has changed."""
    message = wiring.message_of(record.raw_event["dynamodb"]["NewImage"])
    changed = use_case.deliver(message, datetime.now(UTC))
    count("Messages", kind=message.report.kind.value)
    report = message.report
    logger.info(
        "Message delivered",
        job=message.job,
        incident=message.incident,
        kind=report.kind.value,
        headline=report.headline,
    )
    return message, changed


@function
def handler(event: dict[str, Any], context: LambdaContext) -> object:
    if "Records" in event:
        return _batch(event, context)
    if alert_payloads.is_canary(event):
        return answers.of_canary(use_case().canary(datetime.now(UTC)))
    return passed(event, _alarm if alarm_events.is_alarm(event) else _woken)


def _alarm(event: dict[str, Any]) -> dict[str, Any]:
    change = alarm_events.alarm_change(event)
    done = alarm_use_case().handle(change, datetime.now(UTC))
    logger.info("Alarm changed", alarm=change.name, state=change.state.value, result=done)
    return {"alarm": change.name, "state": change.state.value, "done": done}


def _woken(event: dict[str, Any]) -> dict[str, Any]:
    wakeup = alert_payloads.alert_wakeup(event)
    batch = use_case().of_batch()
    done, changed = batch.wake(wakeup, datetime.now(UTC))
    batch.refresh(changed, datetime.now(UTC))
    batch.settle(wakeup)
    logger.info("Timer handled", result=done, kind=wakeup.kind, **asdict(wakeup))
    return {"job": wakeup.job, "done": done}


def _batch(event: dict[str, Any], context: LambdaContext) -> object:
    """Update each conversation once for all the messages of a batch."""
    delivered, batch = list[tuple[Message, Sequence[Conversation]]](), use_case().of_batch()
    answer: Mapping[str, Any] = process_partial_response(
        event,
        record_handler=lambda record: delivered.append(deliver(record, batch)),
        processor=processor,
        context=context,
    )
    batch.refresh([each for _, changed in delivered for each in changed], datetime.now(UTC))
    batch.settle()
    # The stream's answer has a form of its own; a person at this machine reads what was delivered, too.
    return {**answer, "messages": [answers.of_message(each) for each, _ in delivered]} if SAM_LOCAL else answer
