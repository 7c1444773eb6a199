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
from cronmend.incoming.timer_forms import KINDS_OF_0

_SUBSCRIPTION = "SNS can't send it to one subscriber again: correct the subscription, then delete the message"
_CLICK = "a click is not repeated later: click again, then delete the message"


class Function(Enum):
    """The function that failed, with the stack's output for its name."""

    FAILURE_ALERT = "FailureAlertFunctionName"
    RERUN = "RerunFunctionName"
    TASK_STATE = "TaskStateFunctionName"
    DEPLOY_STATE = "DeployStateFunctionName"
    RECONCILE = "ReconcileFunctionName"


class Queue(Enum):
    """The stack's dead-letter queues. With ``DeadLettersUrl``, the value is the name of the stack's output."""

    FAILURE_ALERT = "FailureAlert"
    TASK_STATE = "TaskState"
    RERUN = "Rerun"
    TIMER = "Timer"
    """Timers of rerun and failure_alert that EventBridge Scheduler couldn't deliver."""
    DEPLOY_STATE = "DeployState"
    RECONCILE = "Reconcile"
    SLACK_ACTION = "SlackAction"
    ALERT_TOPIC = "AlertTopic"
    JOBS = "Jobs"
    """Starts of the schedules in jobs.toml that EventBridge gave up, while task_state doesn't read them."""

    @property
    def output(self) -> str:
        return f"{self.value}DeadLettersUrl"


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message of an SQS queue."""

    source: Queue
    queue: str
    """The queue's URL."""
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


@dataclass(frozen=True, slots=True)
class OnlyRead:
    """A message that no function can process again, with what a person does instead."""

    what: str
    remedy: str


type Content = UndeliveredMessage | FailedInvocation | FailedBatch | OnlyRead | UnknownMessage


_OF_EVENTS = {
    Queue.TASK_STATE: Function.TASK_STATE,
    Queue.DEPLOY_STATE: Function.DEPLOY_STATE,
    Queue.RECONCILE: Function.RECONCILE,
    Queue.JOBS: Function.TASK_STATE,
}
"""The functions that events of EventBridge trigger."""


def content_of(body: str, source: Queue) -> Content:
    """The content of a queued message.

    Lambda's shapes: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html. EventBridge
    Scheduler keeps the request to its target: https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html.
    EventBridge keeps the event: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html.
    """
    try:
        found = json.loads(body)
        if source is Queue.ALERT_TOPIC:
            return OnlyRead(f"an SNS message, {found.get('Subject') or found['MessageId']}", _SUBSCRIPTION)
        if "DDBStreamBatchInfo" in found:
            batch = found["DDBStreamBatchInfo"]
            first, last = (batch[f"approximateArrivalOf{which}Record"] for which in ("First", "Last"))
            return FailedBatch(aware(first), aware(last))
        if payload := _payload(found):
            return _invocation(payload, source)
        words = {name: str(found[name]) for name in ("job", "incident", "change", "channel")}
        return UndeliveredMessage(**words, reason=str(found.get("reason", "")))
    except UNREADABLE:
        return UnknownMessage()


def _payload(found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the function received, or would have; None if the message is about no invocation."""
    if sent := found.get("MessageBody") or found.get("Payload"):
        return _unbatched(json.loads(sent))
    if "requestPayload" in found:
        return _unbatched(found["requestPayload"])
    return found if "kind" in found or "detail-type" in found else None


def _unbatched(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The only event of a batch, if a queue delivered it."""
    records = payload.get("Records")
    if records is None:
        return payload
    (record,) = records
    event: Mapping[str, Any] = json.loads(record["body"])
    return event


def _invocation(payload: Mapping[str, Any], source: Queue) -> Content:
    """An event of ECS goes to the function whose queue holds it: two functions receive such events."""
    if source in _OF_EVENTS:
        return FailedInvocation(payload, _OF_EVENTS[source]) if "detail-type" in payload else UnknownMessage()
    if source is Queue.SLACK_ACTION:
        return OnlyRead(f"{payload['by']} clicked {payload['button']} for {payload['job']}", _CLICK)
    if payload.get("detail-type") == STATE_CHANGE:
        return FailedInvocation(payload)
    kind = KINDS_OF_0.get(payload["kind"], payload["kind"])
    if kind in {CANARY, *ALERT_KINDS}:
        return FailedInvocation(payload)
    if kind in HEALING_KINDS:
        return FailedInvocation(payload, Function.RERUN)
    return UnknownMessage()
