"""The dead-letter queue for undelivered messages. Its alarm notifies people; ``cronmend redrive`` resends them."""

import json
from typing import TYPE_CHECKING

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.model.report import Message
from cronmend.telemetry import count

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


class SqsDeadLetters:
    permissions = ("sqs:SendMessage",)

    def __init__(self, queue_url: str, client: "SQSClient | None" = None) -> None:
        self._queue_url = queue_url
        self._client = client or session().client("sqs", config=CONFIG)

    def put(self, message: Message, channel: str, reason: str) -> None:
        body = {
            "job": message.job,
            "incident": message.incident,
            "change": message.change,
            "channel": channel,
            "reason": reason,
        }
        with our_errors(f"put the message {message.change} of {message.job} in the dead-letter queue"):
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(body))
        count("UndeliveredMessages", channel=channel)
