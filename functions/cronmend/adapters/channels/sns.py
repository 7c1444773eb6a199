"""Reports to an SNS topic: text for people, JSON for programs, attributes for filter policies."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from botocore.config import Config

from cronmend.adapters.aws import CONFIG, session
from cronmend.adapters.channels.answer_table import SNS
from cronmend.adapters.channels.aws_answers import channel_errors
from cronmend.adapters.channels.contained import contained
from cronmend.alerting import render
from cronmend.alerting.conversations import MessageRef
from cronmend.model.report import Report

if TYPE_CHECKING:
    from types_boto3_sns import SNSClient

MAX_MESSAGE: Final = 262_144
"""Bytes of all forms together; the forms' own limits keep them below it. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
MAX_ATTRIBUTE: Final = 256
_ONE_CALL: Final = CONFIG.merge(Config(retries={"total_max_attempts": 1}))
"""If boto3 repeated a call whose answer was lost, people would get the message up to four times at once."""
_FOR_PROGRAMS: Final = ("email-json", "http", "https", "lambda", "sqs")


class SnsChannel:
    name = "sns"
    groups = True
    gap = timedelta(0)
    permissions = ("sns:Publish",)

    def __init__(self, topic_arn: str, client: "SNSClient | None" = None) -> None:
        self._topic_arn = topic_arn
        self._client = client or session().client("sns", config=_ONE_CALL)

    @contained
    def send(self, report: Report, thread: MessageRef | None = None) -> None:
        """Ignores ``thread``: a topic has no threads, so each report is a message of its own."""
        with channel_errors(SNS, f"publish to {self._topic_arn}"):
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
    """The message by protocol; protocols without a form, such as mobile push, get the default."""
    text, document = render.sns_text(report), render.as_json(report)
    return {"default": text, "email": text, "sms": render.sms(report), **dict.fromkeys(_FOR_PROGRAMS, document)}


def attributes(report: Report) -> dict[str, str]:
    """Attributes for the filter policies of subscriptions. Empty ones are left out, since SNS rejects them."""
    values = {
        "kind": report.kind.value,
        "category": report.category.value,
        "job": report.job,
        "severity": report.severity,
        "incident": report.incident,
    }
    return {name: shown for name, value in values.items() if (shown := render.one_line(value)[:MAX_ATTRIBUTE])}
