"""The calls that a click makes to Lambda and to the ledger."""

import io
import json
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from cronmend.adapters.lambda_calls import LambdaClickRelay, LambdaReruns, LambdaWakeups
from cronmend.adapters.ledger.requests import DynamoSeenRequests
from cronmend.errors import Permanent, Retryable
from cronmend.incoming.alert_payloads import alert_wakeup
from cronmend.incoming.own_payloads import healing_timer
from cronmend.incoming.slack_requests import click, click_of, signed
from cronmend.incoming.timer_forms import is_overdue
from cronmend.model.alert_wakeups import DeliverTimer, EscalateTimer, FlushTimer, Timer
from cronmend.model.wakeups import HoldTimer, ReleaseTimer, RerunTimer, RunRequest
from cronmend.ports.clicks import RerunAnswer
from tests.adapters.ledger.test_ledger import table
from tests.clicks import request
from tests.fakes import NOW


class Functions:
    """The methods of Lambda's client that are called."""

    def __init__(self, answer: Any = None, function_error: str = "", trouble: Exception | None = None) -> None:
        self.answer = answer
        self.function_error = function_error
        self.trouble = trouble
        self.calls: list[dict[str, Any]] = []

    def invoke(self, **call: Any) -> dict[str, Any]:
        if self.trouble:
            raise self.trouble
        self.calls.append(call)
        found: dict[str, Any] = {"Payload": io.BytesIO(json.dumps(self.answer).encode())}
        return {**found, "FunctionError": self.function_error} if self.function_error else found


def test_a_request_is_processed_once_and_forgotten_after_an_hour(aws: None) -> None:
    table()
    taken = DynamoSeenRequests("ledger")
    assert [taken.first(name, NOW) for name in ("v0=1", "v0=1", "v0=2")] == [True, False, True]
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    assert {int(item["expires_at"]["N"]) - int(NOW.timestamp()) for item in items} == {3600}


def test_without_a_ledger_no_request_is_processed(aws: None) -> None:
    with pytest.raises(Permanent):
        DynamoSeenRequests("ledger").first("v0=1", NOW)


def test_a_click_is_forwarded_without_waiting() -> None:
    functions = Functions()
    found = click(signed(request()))
    assert found is not None
    LambdaClickRelay("cronmend-slack-action", cast(Any, functions)).forward(found)
    (call,) = functions.calls
    assert (call["FunctionName"], call["InvocationType"]) == ("cronmend-slack-action", "Event")
    assert click_of(json.loads(call["Payload"])) == found


def test_a_run_request_has_the_form_that_the_command_line_sends() -> None:
    blocker = {"guard": "policy", "reason": "never"}
    functions = Functions({"job": "a/b", "done": "not run", "task_arn": "", "blockers": [blocker]})
    ran = LambdaReruns("arn:aws:lambda:eu-west-2:1:function:rerun", cast(Any, functions)).ask(
        RunRequest("a/b", "slack-1", by="ann (U1)")
    )
    assert ran == RerunAnswer("not run", blockers=("policy: never",))
    run_request = {"kind": "manual", "job": "a/b", "id": "slack-1", "force": False, "by": "ann (U1)"}
    assert json.loads(functions.calls[0]["Payload"]) == run_request


def test_a_function_that_fails_is_named() -> None:
    functions = Functions({"errorMessage": "LEDGER_TABLE is not set"}, "Unhandled")
    with pytest.raises(Permanent, match="function rerun failed: LEDGER_TABLE is not set; see its log"):
        LambdaReruns("arn:aws:lambda:eu-west-2:1:function:rerun", cast(Any, functions)).ask(RunRequest("a/b", "1"))


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (ReadTimeoutError(endpoint_url="https://lambda"), Retryable),
        (ClientError({"Error": {"Code": "TooManyRequestsException"}}, "Invoke"), Retryable),
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "Invoke"), Permanent),
    ],
)
def test_an_error_of_lambda_is_translated(trouble: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        LambdaReruns("rerun", cast(Any, Functions(trouble=trouble))).ask(RunRequest("a/b", "1"))


HEALING = (
    RerunTimer("site/job", "a1", 2, NOW, 1),
    ReleaseTimer("site/job", "a1", NOW),
    HoldTimer("site/job", "h", NOW),
)
ALERTING = (
    DeliverTimer("site/job", "a1", "alert", NOW),
    FlushTimer("site/job", "slack#cause", NOW),
    EscalateTimer("site/job", "a1", "default", "alert", NOW),
)


@pytest.mark.parametrize("timer", [*HEALING, *ALERTING])
def test_the_function_of_a_timer_is_woken_with_the_timer_as_its_payload(timer: Timer) -> None:
    functions = Functions()
    LambdaWakeups("rerun", "failure-alert", cast(Any, functions)).wake(timer)
    (call,) = functions.calls
    reads, name = (healing_timer, "rerun") if timer in HEALING else (alert_wakeup, "failure-alert")
    assert (call["FunctionName"], call["InvocationType"]) == (name, "Event")
    passed = json.loads(call["Payload"])
    assert is_overdue(passed)
    assert reads(passed) == timer


def test_a_function_that_could_not_be_woken_is_an_error() -> None:
    trouble = ReadTimeoutError(endpoint_url="https://lambda")
    with pytest.raises(Retryable, match="couldn't wake rerun for the overdue release-"):
        LambdaWakeups("rerun", "failure-alert", cast(Any, Functions(trouble=trouble))).wake(HEALING[1])
