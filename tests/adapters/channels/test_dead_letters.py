"""An undelivered message is kept in the queue, and counted by its channel."""

import json

import boto3
import pytest

from cronmend.adapters.channels.dead_letters import SqsDeadLetters
from tests.use_cases.alerting.alerting_world import message


def test_an_undelivered_message_is_in_the_queue_and_counted(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    sqs, sent = boto3.client("sqs"), message()
    queue = sqs.create_queue(QueueName="undelivered")["QueueUrl"]
    SqsDeadLetters(queue).put(sent, "slack:C9", "the stack has no channel slack:C9")
    (kept,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(kept["Body"]) == {
        "job": sent.job,
        "incident": sent.incident,
        "change": sent.change,
        "channel": "slack:C9",
        "reason": "the stack has no channel slack:C9",
    }
    (metric,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "UndeliveredMessages" in line]
    assert (metric["UndeliveredMessages"], metric["channel"]) == ([1.0], "slack:C9")
