"""AWS that doesn't answer: each adapter raises Retryable, so that the caller tries again instead of giving up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from cronmend.adapters.event_queue import SqsEventQueue
from cronmend.adapters.lambda_calls import LambdaWakeups
from cronmend.adapters.ledger.alert_promises import DynamoAlertPromises
from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.conversations import DynamoConversations
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.promises import DynamoPromises
from cronmend.adapters.ledger.rate_limits import DynamoRateLimit
from cronmend.adapters.ledger.requests import DynamoSeenRequests
from cronmend.adapters.timers import SchedulerTimers
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.errors import Permanent, Retryable
from cronmend.model.alert_wakeups import FlushTimer
from cronmend.model.incident import Change, JobState
from cronmend.model.promises import Promise, PromiseKind
from cronmend.model.report import Message
from cronmend.model.wakeups import ReleaseTimer
from tests import ROOT
from tests.alerting.render.test_slack_message import REPORT
from tests.fakes import NOW

MESSAGE = Message("i1", "jobs/a", "alert-unknown", REPORT)
LIFE = timedelta(days=1)


def away(service: Any) -> Any:
    """A client of an address at which nothing listens."""
    return boto3.client(
        service,
        endpoint_url="http://127.0.0.1:9",
        region_name="eu-west-2",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}),
    )


def _table() -> Any:
    return away("dynamodb")


WRITES: dict[str, Callable[[], object]] = {
    "job state": lambda: DynamoLedger("t", LIFE, 30, _table()).commit(Change(JobState("jobs/a")), NOW),
    "circuit": lambda: DynamoCircuit("t", LIFE, _table()).open(NOW, MESSAGE, NOW),
    "delivery": lambda: DynamoOutbox("t", _table()).note(MESSAGE, {"sns": Delivery(DeliveryState.SENT, NOW)}),
    "request": lambda: DynamoSeenRequests("t", _table()).first("signature", NOW),
    "turn": lambda: DynamoRateLimit("t", _table()).slot("slack", timedelta(seconds=1), NOW, timedelta(minutes=1)),
    "conversations": lambda: DynamoConversations("t", LIFE, _table()).by_id("c1"),
    "notes": lambda: DynamoDeployNotes("t", _table()).of("arn"),
    "promises": lambda: DynamoPromises("t", _table()).overdue(NOW, 1),
    "settled": lambda: DynamoPromises("t", _table()).settle(Promise(PromiseKind.JOB, ("JOB#a", "BOOK"), NOW)),
    "offered": lambda: DynamoOutbox("t", _table()).note(MESSAGE, {}, offered=True),
    "kept": lambda: DynamoAlertPromises("t", LIFE, _table()).keep(FlushTimer("jobs/a", "c1", NOW)),
    "wakeup": lambda: LambdaWakeups("r", "a", away("lambda")).wake(ReleaseTimer("jobs/a", "i1", NOW)),
    "holds": lambda: DynamoHolds("t", _table()).of("arn"),
    "timer": lambda: SchedulerTimers("g", "f", "r", "d", away("scheduler")).set(ReleaseTimer("jobs/a", "i1", NOW)),
    "delay": lambda: SqsEventQueue("http://q", "http://d", away("sqs")).delay("receipt", LIFE, ""),
    "dead letter": lambda: SqsEventQueue("http://q", "http://d", away("sqs")).keep("{}", "why"),
}


@pytest.mark.parametrize("call", WRITES)
def test_a_call_that_gets_no_answer_may_be_repeated(call: str) -> None:
    with pytest.raises(Retryable, match="AWS didn't answer"):
        WRITES[call]()


def test_a_request_that_boto3_rejects_is_not_repeated() -> None:
    with pytest.raises(Permanent, match="Parameter validation failed"):
        SchedulerTimers("g", "", "", "", away("scheduler")).set(ReleaseTimer("jobs/a", "i1", NOW))


def test_no_adapter_forgets_that_aws_may_not_answer() -> None:
    """``ClientError`` alone is an answer; ``AWS_ERRORS`` holds both."""
    adapters = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "functions/cronmend").rglob("*.py")}
    answers = [name for name, text in adapters.items() if "except ClientError" in text]
    assert [name for name in answers if "except BotoCoreError" not in adapters[name]] == []
