"""Sends again what could not be delivered; a letter goes only when the ledger says that it is not needed any more."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from cli.on_call.dead_letters import Content, QueuedMessage, Strange, Undelivered, Unheard, Unread, content_of
from cli.on_call.reader import Reader
from cli.on_call.stack import PeopleError, Stack, people_errors
from cronmend.adapters.ledger.items import from_item
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.incoming.own_payloads import payload
from cronmend.model.report import Message
from cronmend.model.wakeups import RedriveRequest

HELD = 900
"""Seconds that a letter is ours alone; as long as the longest call may take, several times."""
WAIT = 1
"""Seconds: an answer that comes at once may miss letters, one that waits asks every part of the queue."""
MARGIN = timedelta(minutes=1)
"""Between a message's being written and its arriving in the stream."""
_RECORD_DAYS = "90"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``told``: whoever should have it has it. ``done``: the letter is not needed any more."""

    what: str
    result: str
    told: bool
    done: bool


@dataclass
class Redriver:
    stack: Stack
    now: datetime
    only_look: bool = False
    left: dict[str, QueuedMessage] = field(default_factory=dict)
    """Letters that stay, to be given back to the queue."""

    @cached_property
    def queue(self) -> Any:
        return self.stack.session.client("sqs")

    @cached_property
    def queues(self) -> tuple[str, ...]:
        """The function's own, and that of timers which EventBridge Scheduler could not hand to it."""
        return self.stack.output("FailureAlertDeadLettersUrl"), self.stack.output("TimerDeadLettersUrl")

    def waiting(self) -> int:
        """About how many letters there are."""
        name = "ApproximateNumberOfMessages"
        answers = [self.queue.get_queue_attributes(QueueUrl=each, AttributeNames=[name]) for each in self.queues]
        return sum(int(each["Attributes"][name]) for each in answers)

    def letters(self, most: int) -> Iterator[QueuedMessage]:
        """Each once; those too that our own doing adds."""
        given = 0
        for queue in self.queues:
            while given < most and (batch := self._received(queue)):
                fresh = [letter for letter in batch if letter.id not in self.left]
                self.left |= {letter.id: letter for letter in batch}
                yield from fresh[: most - given]
                given += len(fresh)

    def redrive(self, letter: QueuedMessage) -> Outcome:
        """One that fails stops no other."""
        content = content_of(letter.body)
        what = _name(content)
        if self.only_look:
            return Outcome(what, _plan(content), told=False, done=False)
        try:
            with people_errors():
                outcome = self._redriven(content, what)
                if outcome.done:
                    self.queue.delete_message(QueueUrl=letter.queue, ReceiptHandle=letter.receipt)
                    del self.left[letter.id]
        except PeopleError as error:
            return Outcome(what, str(error), told=False, done=False)
        return outcome

    def give_back(self) -> None:
        """So that the next call finds them at once."""
        gone = self.queue.exceptions.MessageNotInflight, self.queue.exceptions.ReceiptHandleIsInvalid
        for letter in self.left.values():
            with suppress(*gone):
                self.queue.change_message_visibility(
                    QueueUrl=letter.queue, ReceiptHandle=letter.receipt, VisibilityTimeout=0
                )
        self.left.clear()

    def _received(self, queue: str) -> list[QueuedMessage]:
        answer = self.queue.receive_message(
            QueueUrl=queue,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HELD,
            WaitTimeSeconds=WAIT,
        )
        found = answer.get("Messages", ())
        return [QueuedMessage(queue, raw["MessageId"], raw["ReceiptHandle"], raw["Body"]) for raw in found]

    def _redriven(self, content: Content, what: str) -> Outcome:
        match content:
            case Undelivered():
                return self._offered(content, what)
            case Unheard():
                answer = self.stack.ask_failure_alert(content.payload)
                return Outcome(what, str(answer.get("done", "done")), told=True, done=True)
            case Unread():
                return self._batch(content, what)
            case Strange():
                return Outcome(what, f"left: it is {content.what}", told=False, done=False)

    def _offered(self, lost: Undelivered, what: str) -> Outcome:
        message = self.stack.outbox.message(lost.job, lost.incident, lost.change)
        if message is None:
            return Outcome(what, "left: the ledger no longer holds the message, its records have expired", False, False)
        before = self.stack.outbox.deliveries(message).get(lost.channel)
        if before and _has(before):
            return Outcome(what, f"{lost.channel} has it already", told=True, done=True)
        self._ask(message)
        after = self.stack.outbox.deliveries(message).get(lost.channel)
        if after is None or after == before:
            return Outcome(what, f"left: the stack does not reach {lost.channel} now", told=False, done=False)
        if _has(after):
            return Outcome(what, "delivered" if after.state is not DeliveryState.DROPPED else after.reason, True, True)
        if after.state is DeliveryState.WAITING:
            return Outcome(what, f"left: it is tried again by itself: {after.reason}", told=False, done=False)
        return Outcome(what, f"left: refused again: {after.reason}", told=False, done=False)

    def _batch(self, unread: Unread, what: str) -> Outcome:
        """Whoever has a message of that time already is not sent it again."""
        messages = [message for message, at in self._written if unread.first - MARGIN <= at <= unread.last + MARGIN]
        if not messages:
            return Outcome(what, "left: the ledger holds no message of that time any more", told=False, done=False)
        for message in messages:
            with suppress(PeopleError), people_errors():
                self._ask(message)
        late = [message.change for message in messages if not self._is_settled(message)]
        if late:
            return Outcome(what, f"left: {len(late)} of {len(messages)} messages still wait", told=False, done=False)
        return Outcome(what, f"{len(messages)} messages were offered again", told=True, done=True)

    def _is_settled(self, message: Message) -> bool:
        """What failed anew has a letter of its own."""
        told = self.stack.outbox.deliveries(message)
        return bool(told) and all(each.is_final for each in told.values())

    def _ask(self, message: Message) -> None:
        self.stack.ask_failure_alert(payload(RedriveRequest(message.job, message.incident, message.change)))

    @cached_property
    def _written(self) -> list[tuple[Message, datetime]]:
        """Every message with the time of its writing, as its expiry tells it."""
        life = timedelta(days=int(self.stack.parameters.get("RecordDays", _RECORD_DAYS)))
        return [
            (from_item(Message, item["message"]), datetime.fromtimestamp(int(item["expires_at"]), UTC) - life)
            for item in Reader(self.stack).scan("message")
        ]


def _has(delivery: Delivery) -> bool:
    return delivery.state in {DeliveryState.SENT, DeliveryState.JOINED, DeliveryState.DROPPED}


def _name(content: Content) -> str:
    match content:
        case Undelivered():
            return f"{content.job} {content.change} → {content.channel}"
        case Unheard():
            return f"{content.payload.get('job', 'all channels')} {content.payload['kind']}"
        case Unread():
            return f"a batch of {content.first:%Y-%m-%d %H:%M:%S} UTC"
        case Strange():
            return "a letter"


def _plan(content: Content) -> str:
    match content:
        case Undelivered():
            return f"would be offered again; it failed with: {content.reason}"
        case Unheard():
            return "would be done again"
        case Unread():
            return "the messages of that time would be offered again to whoever does not have them"
        case Strange():
            return "would be left"
