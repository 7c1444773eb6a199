"""Reports on a topic: a form for each protocol, and attributes for filter policies."""

import json
from copy import replace

import boto3
import pytest
from botocore.stub import Stubber

from cronmend.adapters.channels.sns import SnsChannel, attributes, forms
from cronmend.alerting import render
from cronmend.alerting.conversations import MessageRef
from cronmend.errors import CronmendError, Permanent, RateLimited, Retryable
from local.web import LoopbackServer, Request
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
    with pytest.raises(Permanent, match="publish to arn:aws:sns:eu-west-2:123456789012:gone"):
        SnsChannel("arn:aws:sns:eu-west-2:123456789012:gone", boto3.client("sns")).send(REPORT)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("Throttled", 429, RateLimited),
        ("ThrottlingException", 400, RateLimited),
        ("KMSThrottling", 400, RateLimited),
        ("InternalError", 500, Retryable),
        ("SomethingNew", 503, Retryable),
        ("KMSDisabled", 400, Permanent),
        ("AuthorizationError", 403, Permanent),
        ("SomethingNew", 400, Permanent),
    ],
)
def test_an_error_by_what_helps(aws: None, code: str, status: int, kind: type[CronmendError]) -> None:
    client = boto3.client("sns")
    with Stubber(client) as stub:
        stub.add_client_error("publish", code, "because", http_status_code=status)
        with pytest.raises(kind, match=f"couldn't publish to arn: {code}: because") as caught:
            SnsChannel("arn", client).send(REPORT)
    assert type(caught.value) is kind


def test_a_call_whose_answer_was_lost_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def lost(request: Request) -> None:
        calls.append(request.path)

    with LoopbackServer(lost) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", server.url)
        with pytest.raises(Retryable, match="AWS didn't answer"):
            SnsChannel("arn:aws:sns:eu-west-2:123456789012:alerts").send(REPORT)
    assert calls == ["/"]
