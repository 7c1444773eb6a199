"""Reports on a topic: a form for each protocol, and attributes for filter policies."""

import json
from dataclasses import replace

import boto3
import pytest

from cronmend.adapters.channels.sns import SnsChannel, attributes, forms
from cronmend.alerting import render
from cronmend.alerting.conversations import MessageRef
from cronmend.errors import NotFound, Permanent
from tests.alerting.render.test_slack_message import REPORT
from tests.alerting.render.test_texts import ALERT


def test_people_get_text_and_programs_get_json() -> None:
    given = forms(ALERT)
    assert set(given) == {"default", "email", "email-json", "http", "https", "lambda", "sms", "sqs"}
    assert given["email"] == given["default"] == render.sns_text(ALERT)
    assert given["sms"].startswith("Cronmend: publish-scheduled failed")
    assert {json.loads(given[each])["incident"] for each in ("email-json", "http", "https", "lambda", "sqs")} == {"a1"}


def test_a_filter_policy_matches_the_attributes(aws: None) -> None:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    policy = json.dumps({"severity": ["critical"], "kind": ["alert"]})
    endpoint = "arn:aws:sqs:eu-west-2:123456789012:q"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint, Attributes={"FilterPolicy": policy})
    channel = SnsChannel(topic, sns)
    channel.send(ALERT)
    channel.send(replace(ALERT, severity="critical"), MessageRef("C1", "1.2"))
    (got,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(json.loads(got["Body"])["Message"])["severity"] == "critical"


def test_an_attribute_that_would_be_empty_is_left_out() -> None:
    assert set(attributes(REPORT)) == {"kind", "category", "job", "severity", "incident"}
    assert "incident" not in attributes(replace(REPORT, incident=""))
    assert len(attributes(replace(REPORT, job="j" * 999))["job"]) == 256


def test_a_topic_that_is_gone_is_a_permanent_error_that_names_it(aws: None) -> None:
    with pytest.raises((NotFound, Permanent), match="publish to arn:aws:sns:eu-west-2:123456789012:gone"):
        SnsChannel("arn:aws:sns:eu-west-2:123456789012:gone", boto3.client("sns")).send(REPORT)
