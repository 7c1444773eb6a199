"""A function's SQS queue and its dead-letter queue."""

from datetime import timedelta
from typing import TYPE_CHECKING

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.patterns import Pattern

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

_LONGEST_REASON = 500
_ILLEGAL = Pattern(r"[^\t\n\r\x20-\x{d7ff}\x{e000}-\x{fffd}\x{10000}-\x{10ffff}]")
"""Characters that SQS refuses. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""


class SqsEventQueue:
    permissions = ("sqs:ChangeMessageVisibility", "sqs:SendMessage")

    def __init__(self, queue_url: str, dead_letters_url: str, client: "SQSClient | None" = None) -> None:
        self._queue_url = queue_url
        self._dead_letters_url = dead_letters_url
        self._client = client or session().client("sqs", config=CONFIG)

    def delay(self, receipt: str, wait: timedelta, queue_arn: str) -> None:
        with our_errors("delay a message of the queue"):
            self._client.change_message_visibility(
                QueueUrl=self._url_of(queue_arn), ReceiptHandle=receipt, VisibilityTimeout=round(wait.total_seconds())
            )

    def _url_of(self, queue_arn: str) -> str:
        """A queue's URL ends with its account and its name; Lambda reads only queues of its own Region."""
        host = self._queue_url.rsplit("/", 2)[0]
        return "/".join((host, *queue_arn.split(":")[-2:])) if queue_arn else self._queue_url

    def keep(self, body: str, reason: str) -> None:
        said = _ILLEGAL.sub("?", reason)[:_LONGEST_REASON]
        with our_errors("put an event into the dead-letter queue"):
            self._client.send_message(
                QueueUrl=self._dead_letters_url,
                MessageBody=body,
                MessageAttributes={"ERROR_MESSAGE": {"DataType": "String", "StringValue": said}},
            )
