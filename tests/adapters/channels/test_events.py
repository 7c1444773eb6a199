"""Events on an EventBridge bus: documented form, and errors by what the caller can do."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cronmend.adapters.channels.events import DETAIL_TYPE, SOURCE, EventsChannel
from cronmend.alerting import render
from cronmend.errors import Permanent, RateLimited, Retryable
from tests import ROOT
from tests.alerting.render.test_slack_message import REPORT
from tests.alerting.render.test_texts import VALID

OWN = sorted((ROOT / "events/own").glob("*.json"))


def test_an_event_reaches_a_rule_that_matches_it(aws: None) -> None:
    events, sqs = boto3.client("events"), boto3.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": [SOURCE], "detail-type": [DETAIL_TYPE], "detail": {"category": ["schema_mismatch"]}}
    events.put_rule(Name="r", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn}])
    EventsChannel(client=events).send(REPORT)
    (got,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    event = json.loads(got["Body"])
    assert event["detail"] == json.loads(render.as_json(REPORT))
    VALID.validate(event["detail"])


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ThrottlingException", RateLimited),
        ("InternalFailure", Retryable),
        ("NotAuthorizedForSourceException", Permanent),
        ("MalformedDetail", Permanent),
    ],
)
def test_a_failed_entry_in_a_successful_call_is_an_error(aws: None, code: str, kind: type[Exception]) -> None:
    entry = {"ErrorCode": code, "ErrorMessage": "because"}
    with pytest.raises(kind, match=f"refused an event: {code} because") as caught:
        EventsChannel(client=answering({"FailedEntryCount": 1, "Entries": [entry]})).send(REPORT)
    assert isinstance(caught.value, Retryable) == issubclass(kind, Retryable)


def test_a_failed_call_is_translated_like_any_other(aws: None) -> None:
    client = boto3.client("events")
    with Stubber(client) as stub:
        stub.add_client_error("put_events", "ServiceUnavailable", http_status_code=503)
        with pytest.raises(Retryable, match="put an event on the bus default"):
            EventsChannel(client=client).send(REPORT)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_the_samples_match_the_schema(path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))
    assert (event["source"], event["detail-type"]) == (SOURCE, DETAIL_TYPE)
    VALID.validate(event["detail"])


def answering(answer: dict[str, Any]) -> Any:
    client = boto3.client("events")
    stub = Stubber(client)
    stub.add_response("put_events", answer)
    stub.activate()
    return client
