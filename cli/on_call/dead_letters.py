"""Parse the messages of the dead-letter queues: those that Cronmend wrote, and those that AWS puts there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from cronmend.errors import UNREADABLE
from cronmend.incoming.alarm_events import STATE_CHANGE
from cronmend.incoming.alert_payloads import ALERT_KINDS, CANARY
from cronmend.incoming.envelope import aware
from cronmend.incoming.own_payloads import HEALING_KINDS
from cronmend.incoming.task_events import TASK_STATE_CHANGE
from cronmend.incoming.timer_forms import KINDS_OF_0


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message of an SQS queue."""

    queue: str
    id: str
    receipt: str
    body: str
    error: str = ""
    """Why it couldn't be handled; ``""`` if the queue itself gave up."""


@dataclass(frozen=True, slots=True)
class UndeliveredMessage:
    """A message of the ledger that couldn't be delivered to one channel."""

    job: str
    incident: str
    change: str
    channel: str
    reason: str


class Function(Enum):
    """The function that failed, with the stack's output for its name."""

    FAILURE_ALERT = "FailureAlertFunctionName"
    RERUN = "RerunFunctionName"
    TASK_STATE = "TaskStateFunctionName"


@dataclass(frozen=True, slots=True)
class FailedInvocation:
    """A stopped run, timer or canary for which a function failed."""

    payload: Mapping[str, Any]
    function: Function = Function.FAILURE_ALERT


@dataclass(frozen=True, slots=True)
class FailedBatch:
    """A batch of the ledger's stream. Only the time of its records is known."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class UnknownMessage:
    """A message that `redrive` can't process."""

    what: str = "not a message that Cronmend wrote"


type Content = UndeliveredMessage | FailedInvocation | FailedBatch | UnknownMessage


def content_of(body: str) -> Content:
    """The content of a queued message.

    Lambda's shapes: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html. EventBridge
    Scheduler keeps the request to its target: https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html.
    """
    try:
        found = json.loads(body)
        if sent := found.get("MessageBody") or found.get("Payload"):
            return _invocation(json.loads(sent))
        if "DDBStreamBatchInfo" in found:
            batch = found["DDBStreamBatchInfo"]
            first, last = (batch[f"approximateArrivalOf{which}Record"] for which in ("First", "Last"))
            return FailedBatch(aware(first), aware(last))
        if "requestPayload" in found:
            return _invocation(found["requestPayload"])
        if "kind" in found or "detail-type" in found:
            return _invocation(found)
        words = {name: str(found[name]) for name in ("job", "incident", "change", "channel")}
        return UndeliveredMessage(**words, reason=str(found.get("reason", "")))
    except UNREADABLE:
        return UnknownMessage()


def _invocation(payload: Mapping[str, Any]) -> Content:
    if payload.get("detail-type") == TASK_STATE_CHANGE:
        return FailedInvocation(payload, Function.TASK_STATE)
    if payload.get("detail-type") == STATE_CHANGE:
        return FailedInvocation(payload)
    kind = KINDS_OF_0.get(payload["kind"], payload["kind"])
    if kind in {CANARY, *ALERT_KINDS}:
        return FailedInvocation(payload)
    if kind in HEALING_KINDS:
        return FailedInvocation(payload, Function.RERUN)
    return UnknownMessage()
