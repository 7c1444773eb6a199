"""What `cronmend redrive` says of a message of a dead-letter queue: its name, what would be done, what was answered."""

from collections.abc import Mapping
from typing import Any

from cli.on_call.dead_letters import (
    Content,
    FailedBatch,
    FailedInvocation,
    Function,
    OnlyRead,
    QueuedMessage,
    UndeliveredMessage,
    UnknownMessage,
)
from cronmend.wording import times


def name_of(content: Content, queued: QueuedMessage) -> str:
    match content:
        case UndeliveredMessage():
            return f"{content.job} {content.change} → {content.channel}"
        case FailedInvocation():
            return _name_of_event(content.function, content.payload)
        case FailedBatch():
            return f"a batch of {content.first:%Y-%m-%d %H:%M:%S} UTC"
        case OnlyRead():
            return content.what
        case UnknownMessage():
            return f"the unknown message {queued.id} of {queued.source.value}DeadLetters"


def plan_of(content: Content, error: str) -> str:
    match content:
        case UndeliveredMessage():
            return f"would be sent again; it failed with: {content.reason}"
        case FailedInvocation():
            return f"would be processed again; it failed with: {error}" if error else "would be processed again"
        case FailedBatch():
            return "its messages would be sent again to the channels that don't have them"
        case OnlyRead():
            return content.remedy
        case UnknownMessage():
            return "would be kept in the queue"


def answered(function: Function, answer: Mapping[str, Any]) -> str:
    if function is Function.RECONCILE:
        return times(int(answer.get("overdue", 0)), "overdue promise")
    if function is not Function.TASK_STATE:
        return str(answer.get("done", "done"))
    return str(answer.get("on_record") or f"{answer.get('category')}, action {answer.get('action')}")


def _name_of_event(function: Function, payload: Mapping[str, Any]) -> str:
    if function is Function.TASK_STATE:
        detail = payload.get("detail") or {}
        return f"a stopped run of {detail.get('startedBy')}, task {str(detail.get('taskArn')).rsplit('/', 1)[-1]}"
    if function in {Function.DEPLOY_STATE, Function.RECONCILE}:
        return f"the event {payload['detail-type']} of {payload.get('time')}"
    if (detail := payload.get("detail")) is not None:
        return f"the alarm {detail.get('alarmName')}"
    return f"{payload.get('job', 'all channels')} {payload['kind']}"
