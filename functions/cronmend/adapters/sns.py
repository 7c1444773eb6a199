"""Reports to an SNS topic: text for people, JSON for machines, attributes for filter policies."""

import json
from typing import TYPE_CHECKING

from cronmend import render
from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.records import Report

if TYPE_CHECKING:
    from types_boto3_sns import SNSClient


class SnsChannel:
    name = "sns"
    permissions = ("sns:Publish",)

    def __init__(self, topic_arn: str, client: "SNSClient | None" = None) -> None:
        self._topic_arn = topic_arn
        self._client = client or session().client("sns", config=CONFIG)

    def send(self, report: Report) -> None:
        attributes = {"kind": report.kind.value, "category": report.category.value, "job": report.job}
        text = render.sns_text(report)
        with our_errors(f"publish to {self._topic_arn}"):
            self._client.publish(
                TopicArn=self._topic_arn,
                Subject=render.sns_subject(report),
                Message=json.dumps({"default": text, "sqs": render.as_json(report), "lambda": render.as_json(report)}),
                MessageStructure="json",
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )
