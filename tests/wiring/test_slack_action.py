"""The function behind the URL, on moto and a stand-in for Slack on this machine."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities import parameters

import slack_action.app
from cronmend.adapters.aws import session
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.mutes import DynamoMutes
from tests.adapters.ledger.test_ledger import alert_change, table
from tests.adapters.slack_api import SlackApi
from tests.clicks import SIGNING, form, payload, request
from tests.fakes import NOW
from tests.samples import JOB, event
from tests.wiring.test_handlers import CONTEXT


@dataclass
class Lambda:
    """Keeps the function's calls to itself, and answers for ``rerun``."""

    handed_on: list[dict[str, Any]] = field(default_factory=list)
    wishes: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, FunctionName: str, Payload: bytes, InvocationType: str = "") -> dict[str, Any]:  # noqa: N803 # boto3's names
        content = json.loads(Payload)
        if InvocationType == "Event":
            assert FunctionName == "cronmend-slack-action"
            self.handed_on.append(content)
            return {"StatusCode": 202}
        assert FunctionName.endswith(":cronmend-rerun")
        self.wishes.append(content)
        answer = {"job": content["job"], "done": "the run has started", "task_arn": "arn:t/1", "blockers": []}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@dataclass
class Stack:
    ledger: DynamoLedger
    functions: Lambda
    slack_api: SlackApi

    def clicks(self, button: str, user: str = "U1") -> dict[str, Any]:
        """Handle the request and carry it out; the person's reply is in Slack."""
        answer = slack_action.app.handler(self.request(button, user), CONTEXT)
        for handed_on in self.functions.handed_on:
            slack_action.app.handler(handed_on, CONTEXT)
        self.functions.handed_on.clear()
        return answer

    def request(self, button: str, user: str = "U1") -> dict[str, Any]:
        content = payload(button, user={"id": user, "username": "ann"}, response_url=f"{self.slack_api.url}/actions/1")
        return request(form(content), datetime.now(UTC), base64=True)

    @property
    def answered(self) -> list[str]:
        return [body["text"] for path, body in self.slack_api.calls if path == "/actions/1"]


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch, slack_api: SlackApi) -> Iterator[Stack]:
    secrets = boto3.client("secretsmanager")
    monkeypatch.setenv("SLACK_SECRET_ARN", secrets.create_secret(Name="bot", SecretString=slack_api.secret(""))["ARN"])
    signing = secrets.create_secret(Name="signing", SecretString=SIGNING)["ARN"]
    for name, value in {
        "SLACK_SIGNING_SECRET_ARN": signing,
        "SLACK_ALLOWED": "U1, S1",
        "LEDGER_TABLE": "ledger",
        "RERUN_FUNCTION_ARN": "arn:aws:lambda:eu-west-2:111122223333:function:cronmend-rerun",
        "AWS_LAMBDA_FUNCTION_NAME": "cronmend-slack-action",
    }.items():
        monkeypatch.setenv(name, value)
    functions = Lambda()
    monkeypatch.setattr("cronmend.adapters.lambda_calls.session", lambda: Session(session(), functions))
    ledger = table()
    change = alert_change()
    ledger.commit(change, NOW)
    slack_api.groups = {"S1": ["U7"]}
    parameters.clear_caches()  # type: ignore[no-untyped-call] # Powertools gives it no type
    slack_action.app.use_case.cache_clear()
    yield Stack(ledger, functions, slack_api)
    slack_action.app.use_case.cache_clear()
    parameters.clear_caches()  # type: ignore[no-untyped-call] # Powertools gives it no type


@dataclass
class Session:
    """moto runs functions only in Docker, so Lambda is a fake here and all other services are moto's."""

    real: boto3.Session
    functions: Lambda

    def client(self, name: str, **options: Any) -> Any:
        return self.functions if name == "lambda" else self.real.client(name, **options)  # type: ignore[call-overload] # any service


def test_acknowledge(stack: Stack) -> None:
    assert stack.clicks("cronmend_ack") == {"statusCode": 200}
    incident = stack.ledger.read(JOB).incident
    assert incident is not None
    assert incident.acknowledged_by == "ann (U1)"
    assert stack.answered == [f"ann (U1) acknowledged {JOB}. Reminders and escalation are off for this incident."]


def test_mute_by_a_member_of_a_group(stack: Stack) -> None:
    stack.clicks("cronmend_mute", "U7")
    (mute,) = DynamoMutes("ledger").all(datetime.now(UTC))
    assert (mute.jobs, mute.by) == (JOB, "ann (U7)")
    assert timedelta(hours=23, minutes=59) < mute.until - datetime.now(UTC) <= timedelta(days=1)


def test_rerun(stack: Stack) -> None:
    stack.clicks("cronmend_rerun")
    (run_request,) = stack.functions.wishes
    assert (run_request["kind"], run_request["job"], run_request["force"], run_request["by"]) == (
        "manual",
        JOB,
        False,
        "ann (U1)",
    )
    assert stack.answered == [f"{JOB}: the run has started (1)."]


@pytest.mark.parametrize("button", ["cronmend_ack", "cronmend_rerun", "cronmend_mute"])
def test_a_user_who_is_not_allowed_gets_a_reply_and_does_nothing(stack: Stack, button: str) -> None:
    before = rows()
    stack.clicks(button, "U9")
    assert "You aren't allowed to do this" in stack.answered[0]
    assert rows() == before
    assert stack.functions.wishes == []


def test_a_replay_is_answered_and_does_nothing(stack: Stack) -> None:
    sent = stack.request("cronmend_rerun")
    answers = [slack_action.app.handler(sent, CONTEXT) for _ in range(2)]
    assert answers == [{"statusCode": 200}] * 2
    assert len(stack.functions.handed_on) == 1


def test_a_caller_other_than_slack_gets_no_reason_and_the_body_is_not_logged(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    before = rows()
    sent = {**stack.request("cronmend_ack"), "body": "payload=do-not-log-me", "isBase64Encoded": False}
    assert slack_action.app.handler(sent, CONTEXT) == {"statusCode": 401}
    (record,) = caplog.records
    assert (record.levelname, vars(record)["reason"]) == ("WARNING", "its signature is wrong")
    assert "do-not-log-me" not in str(vars(record))
    assert rows() == before


def test_a_signed_but_malformed_request_is_refused(stack: Stack) -> None:
    sent = request(form({"type": "shortcut"}), datetime.now(UTC))
    assert slack_action.app.handler(sent, CONTEXT) == {"statusCode": 400}


@pytest.mark.parametrize("name", ["acknowledge", "rerun", "mute", "link"])
def test_the_timestamps_of_the_samples_are_too_old(stack: Stack, name: str) -> None:
    assert slack_action.app.handler(event(f"slack_action/{name}.json"), CONTEXT) == {"statusCode": 401}


def rows() -> list[str]:
    """The ledger's rows, without the stored requests."""
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    kept = [item for item in items if not item["pk"]["S"].startswith("SLACK#")]
    return sorted(json.dumps(item, sort_keys=True) for item in kept)
