"""Process dead letters again. One leaves its queue only after its function, or the ledger, no longer needs it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from cli.on_call.dead_letters import (
    Content,
    FailedBatch,
    FailedInvocation,
    OnlyRead,
    Queue,
    QueuedMessage,
    UndeliveredMessage,
    UnknownMessage,
    content_of,
)
from cli.on_call.reader import Reader
from cli.on_call.redrive_words import answered, name_of, plan_of
from cli.on_call.stack import CommandError, Stack, command_errors
from cronmend.adapters.ledger.items import from_item
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.incoming import start_failures
from cronmend.incoming.timer_forms import payload
from cronmend.model.alert_wakeups import RedriveRequest
from cronmend.model.report import Message
from cronmend.wording import times

VISIBILITY_SECONDS = 900
"""How long a received message is hidden from others: several times the longest call."""
WAIT_SECONDS = 1
"""Long polling asks every part of the queue; an answer without waiting may miss messages."""
MARGIN = timedelta(minutes=1)
"""Between the write of a message and its arrival in the stream."""
ERROR = "ERROR_MESSAGE"
"""The attribute in which EventBridge, EventBridge Scheduler and Cronmend itself say why."""
_RECORD_DAYS = "90"


@dataclass(frozen=True, slots=True)
class RedriveResult:
    """The fields are keys of ``--json``.

    ``told``: every channel that should have the message has it. ``done``: the queued message isn't needed any more.
    """

    what: str
    result: str
    told: bool
    done: bool


@dataclass
class Redriver:
    stack: Stack
    now: datetime
    dry_run: bool = False
    received: dict[str, QueuedMessage] = field(default_factory=dict)
    """Messages that aren't done, to be released to their queue."""

    @cached_property
    def sqs(self) -> Any:
        return self.stack.session.client("sqs")

    @cached_property
    def queues(self) -> Mapping[Queue, str]:
        """URLs. A stack without buttons has no queue of clicks, and one without schedules none of their starts."""
        optional = {Queue.SLACK_ACTION, Queue.JOBS}
        needed = (each for each in Queue if each not in optional or each.output in self.stack.outputs)
        return {each: self.stack.output(each.output) for each in needed}

    def waiting(self) -> int:
        """The approximate number of messages."""
        return sum(self.stack.queued(each) for each in self.queues.values())

    def messages(self, most: int) -> Iterator[QueuedMessage]:
        """Each message once, including those that this command adds."""
        given = 0
        for source in self.queues:
            while given < most and (batch := self._receive(source)):
                fresh = [message for message in batch if message.id not in self.received]
                self.received |= {message.id: message for message in batch}
                yield from fresh[: most - given]
                given += len(fresh)

    def redrive(self, queued: QueuedMessage) -> RedriveResult:
        """An error is a result, so that it doesn't stop the other messages."""
        content = content_of(queued.body, queued.source)
        what = name_of(content, queued)
        if self.dry_run:
            return RedriveResult(what, plan_of(content, queued.error), told=False, done=False)
        try:
            with command_errors():
                result = self._redriven(content, what)
                if result.done:
                    self.sqs.delete_message(QueueUrl=queued.queue, ReceiptHandle=queued.receipt)
                    del self.received[queued.id]
        except CommandError as error:
            return _kept(what, str(error))
        return result

    def release(self) -> None:
        """Make the messages that aren't done visible again, so that the next call finds them at once."""
        gone = self.sqs.exceptions.MessageNotInflight, self.sqs.exceptions.ReceiptHandleIsInvalid
        for message in self.received.values():
            with suppress(*gone):
                self.sqs.change_message_visibility(
                    QueueUrl=message.queue, ReceiptHandle=message.receipt, VisibilityTimeout=0
                )
        self.received.clear()

    def _receive(self, source: Queue) -> list[QueuedMessage]:
        answer = self.sqs.receive_message(
            QueueUrl=self.queues[source],
            MaxNumberOfMessages=10,
            VisibilityTimeout=VISIBILITY_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageAttributeNames=["All"],
        )
        return [_queued(source, self.queues[source], raw) for raw in answer.get("Messages", ())]

    def _redriven(self, content: Content, what: str) -> RedriveResult:
        match content:
            case UndeliveredMessage():
                return self._sent_again(content, what)
            case FailedInvocation():
                answer = self.stack.ask(content.function.value, content.payload)
                return RedriveResult(what, answered(content.function, answer), told=True, done=True)
            case FailedBatch():
                return self._batch(content, what)
            case OnlyRead():
                return _kept(what, content.remedy)
            case UnknownMessage():
                return _kept(what, content.what)

    def _sent_again(self, lost: UndeliveredMessage, what: str) -> RedriveResult:
        message = self.stack.outbox.message(lost.job, lost.incident, lost.change)
        if message is None:
            return _kept(what, "the ledger no longer has the message, its records have expired")
        before = self.stack.outbox.deliveries(message).get(lost.channel)
        if before and _is_delivered(before):
            result = f"{lost.channel} already has it" if before.state is not DeliveryState.DROPPED else before.reason
            return RedriveResult(what, result, told=True, done=True)
        self._send(message)
        after = self.stack.outbox.deliveries(message).get(lost.channel)
        if after is None or after == before:
            return _kept(what, f"the stack no longer sends to {lost.channel}")
        if _is_delivered(after):
            result = "delivered" if after.state is not DeliveryState.DROPPED else after.reason
            return RedriveResult(what, result, told=True, done=True)
        if after.state is DeliveryState.WAITING:
            return _kept(what, f"Cronmend retries it automatically: {after.reason}")
        return _kept(what, f"rejected again: {after.reason}")

    def _batch(self, failed: FailedBatch, what: str) -> RedriveResult:
        """A channel that already has a message of that time doesn't get it again."""
        messages = [message for message, at in self._written if failed.first - MARGIN <= at <= failed.last + MARGIN]
        if not messages:
            return _kept(what, "the ledger no longer has a message of that time")
        for message in messages:
            with suppress(CommandError), command_errors():
                self._send(message)
        late = [message.change for message in messages if not self._is_final(message)]
        if late:
            return _kept(what, f"{len(late)} of {times(len(messages), 'message')} not delivered yet")
        return RedriveResult(what, f"{times(len(messages), 'message')} sent again", told=True, done=True)

    def _is_final(self, message: Message) -> bool:
        """A delivery that failed again has a queued message of its own."""
        deliveries = self.stack.outbox.deliveries(message)
        return bool(deliveries) and all(each.is_final for each in deliveries.values())

    def _send(self, message: Message) -> None:
        self.stack.ask_failure_alert(payload(RedriveRequest(message.job, message.incident, message.change)))

    @cached_property
    def _written(self) -> list[tuple[Message, datetime]]:
        """Every message with the time of its write, computed from its expiry."""
        life = timedelta(days=int(self.stack.parameters.get("RecordDays", _RECORD_DAYS)))
        return [
            (from_item(Message, item["message"]), datetime.fromtimestamp(int(item["expires_at"]), UTC) - life)
            for item in Reader(self.stack).scan("message")
        ]


def _queued(source: Queue, queue: str, raw: Mapping[str, Any]) -> QueuedMessage:
    """A schedule's dead letter becomes the event that task_state makes of it: its attributes say what it is about."""
    attributes, body = raw.get("MessageAttributes", {}), raw["Body"]
    error = attributes.get(ERROR, {}).get("StringValue", "")
    if source is Queue.JOBS and start_failures.is_dead_letter(attributes):
        named = {name: {"stringValue": each.get("StringValue", "")} for name, each in attributes.items()}
        body = start_failures.as_event({"messageId": raw["MessageId"], "body": body, "messageAttributes": named})
    return QueuedMessage(source, queue, raw["MessageId"], raw["ReceiptHandle"], body, error)


def _kept(what: str, reason: str) -> RedriveResult:
    return RedriveResult(what, f"kept in the queue: {reason}", told=False, done=False)


def _is_delivered(delivery: Delivery) -> bool:
    return delivery.state in {DeliveryState.SENT, DeliveryState.JOINED, DeliveryState.DROPPED}
