"""Reports to an SNS topic: text for people, JSON for machines, attributes for filter policies."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.alerting import render
from cronmend.alerting.conversations import MessageRef
from cronmend.model.report import Report

if TYPE_CHECKING:
    from types_boto3_sns import SNSClient

MAX_MESSAGE: Final = 262_144
"""Bytes of all forms together: their own bounds keep it. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
MAX_ATTRIBUTE: Final = 256
_FOR_MACHINES: Final = ("email-json", "http", "https", "lambda", "sqs")


class SnsChannel:
    name = "sns"
    groups = True
    gap = timedelta(0)
    permissions = ("sns:Publish",)

    def __init__(self, topic_arn: str, client: "SNSClient | None" = None) -> None:
        self._topic_arn = topic_arn
        self._client = client or session().client("sns", config=CONFIG)

    def send(self, report: Report, thread: MessageRef | None = None) -> None:
        """A topic has no threads: what belongs to one comes as a message of its own."""
        with our_errors(f"publish to {self._topic_arn}"):
            self._client.publish(
                TopicArn=self._topic_arn,
                Subject=render.sns_subject(report),
                Message=json.dumps(forms(report), ensure_ascii=False),
                MessageStructure="json",
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes(report).items()
                },
            )


def forms(report: Report) -> dict[str, str]:
    """By protocol; what none is given takes the default, as a phone's app does."""
    text, document = render.sns_text(report), render.as_json(report)
    return {"default": text, "email": text, "sms": render.sms(report), **dict.fromkeys(_FOR_MACHINES, document)}


def attributes(report: Report) -> dict[str, str]:
    """What a subscription's filter policy may ask for; SNS refuses an empty one."""
    values = {
        "kind": report.kind.value,
        "category": report.category.value,
        "job": report.job,
        "severity": report.severity,
        "incident": report.incident,
    }
    return {name: shown for name, value in values.items() if (shown := render.one_line(value)[:MAX_ATTRIBUTE])}
