"""Batches of a queue: what is repeated and when, what is a dead letter at once, and what a person sees."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import boto3
import pytest

from cronmend import queues
from cronmend.adapters.event_queue import SqsEventQueue
from cronmend.errors import BadEvent, Permanent, Retryable
from cronmend.incoming.queued import QueuedEvent, is_batch
from cronmend.incoming.timer_forms import overdue_payload
from cronmend.model.wakeups import ReleaseTimer
from cronmend.queues import LONGEST_DELAY, MOST_DELIVERIES, Consumer, delay_after
from tests.wiring.test_handlers import CONTEXT

SENT = datetime(2026, 5, 6, 11, 1, 22, tzinfo=UTC)
RECEIVED = datetime(2026, 5, 6, 11, 9, 1, tzinfo=UTC)


@dataclass
class FakeQueue:
    delays: dict[str, timedelta] = field(default_factory=dict)
    kept: list[tuple[str, str]] = field(default_factory=list)
    away: bool = False

    def delay(self, receipt: str, wait: timedelta, queue_arn: str) -> None:
        self._answer()
        self.delays[receipt] = wait

    def keep(self, body: str, reason: str) -> None:
        self._answer()
        self.kept.append((body, reason))

    def _answer(self) -> None:
        if self.away:
            raise Retryable("SQS is away")


def record(name: str, content: Any, received: int = 1) -> dict[str, Any]:
    """As Lambda passes it, with the receipt ``receipt-<name>``."""
    return {
        "messageId": name,
        "receiptHandle": f"receipt-{name}",
        "body": content if isinstance(content, str) else json.dumps(content),
        "attributes": {
            "ApproximateReceiveCount": str(received),
            "SentTimestamp": str(int(SENT.timestamp() * 1000)),
            "ApproximateFirstReceiveTimestamp": str(int(RECEIVED.timestamp() * 1000)),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-2:111122223333:queue",
        "awsRegion": "eu-west-2",
    }


def batch(*records: dict[str, Any]) -> dict[str, Any]:
    return {"Records": list(records)}


@dataclass
class Seen:
    """Handles every event but those that say how to fail."""

    events: list[Any] = field(default_factory=list)
    received: list[datetime | None] = field(default_factory=list)

    def __call__(self, event: dict[str, Any], queued: QueuedEvent | None) -> dict[str, Any]:
        if error := FAILS.get(event.get("fails", "")):
            raise error()
        self.events.append(event)
        self.received.append(queued.received_at if queued else None)
        return {"handled": event["n"]}


FAILS: dict[str, Callable[[], Exception]] = {
    "for a while": lambda: Retryable("AWS is away"),
    "for good": lambda: Permanent("access denied"),
    "by a bug": lambda: KeyError("price"),
    "as an event": lambda: BadEvent("event 7: no detail"),
}
REPEATED = ("for a while", "for good", "by a bug")


def lease(event_id: str, received: int = 1) -> timedelta:
    """The delay that a function sets when it starts: its own time is a minute in these tests."""
    return max(timedelta(seconds=65), delay_after(event_id, received))


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def consumer(queue: FakeQueue, seen: Seen) -> Consumer:
    return Consumer("task_state", seen, lambda: queue)


def failed(answer: Any) -> list[str]:
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


@pytest.mark.parametrize("how", REPEATED)
def test_a_record_that_fails_is_repeated_later_and_stops_no_other(
    how: str, consumer: Consumer, seen: Seen, queue: FakeQueue
) -> None:
    records = (record("a", {"n": 1}), record("b", {"n": 2, "fails": how}, received=3), record("c", {"n": 3}))
    assert failed(consumer(batch(*records), CONTEXT)) == ["b"]
    assert [each["n"] for each in seen.events] == [1, 3]
    ends = {"receipt-a": lease("a"), "receipt-b": delay_after("b", 3), "receipt-c": lease("c")}
    assert queue.delays == ends
    assert queue.kept == []


@pytest.mark.parametrize("received", [1, 5, 12])
def test_an_event_whose_function_is_killed_comes_again_after_its_time(
    received: int, queue: FakeQueue, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(self: Seen, event: object, queued: object) -> None:
        raise Killed

    monkeypatch.setattr(Seen, "__call__", killed)
    with pytest.raises(Killed):
        consumer(batch(record("a", {"n": 1}, received=received)), CONTEXT)
    assert queue.delays == {"receipt-a": lease("a", received)}


def test_an_event_that_may_wait_is_delayed_only_from_its_second_delivery_on(seen: Seen, queue: FakeQueue) -> None:
    consumer = Consumer("task_state", seen, lambda: queue, lambda event: bool(event["n"] < 3))
    records = (record("a", {"n": 1}), record("b", {"n": 2}, received=2), record("c", {"n": 3}))
    assert failed(consumer(batch(*records), CONTEXT)) == []
    assert queue.delays == {"receipt-b": lease("b", 2), "receipt-c": lease("c")}


def test_an_event_that_may_wait_and_fails_is_repeated_after_its_delay(seen: Seen, queue: FakeQueue) -> None:
    consumer = Consumer("task_state", seen, lambda: queue, lambda event: True)
    assert failed(consumer(batch(record("a", {"n": 1, "fails": "for a while"})), CONTEXT)) == ["a"]
    assert queue.delays == {"receipt-a": delay_after("a", 1)}


def test_an_event_of_another_kind_never_waits(seen: Seen, queue: FakeQueue) -> None:
    def refuses(event: object) -> bool:
        raise BadEvent("no task")

    assert failed(Consumer("task_state", seen, lambda: queue, refuses)(batch(record("a", {"n": 1})), CONTEXT)) == []
    assert queue.delays == {"receipt-a": lease("a")}


def test_the_log_says_why_a_record_without_its_attributes_failed(
    consumer: Consumer, caplog: pytest.LogCaptureFixture
) -> None:
    bare = {"messageId": "a", "eventSource": "aws:sqs", "body": "{}"}
    assert failed(consumer({"Records": [bare]}, CONTEXT)) == ["a"]
    assert "Record failed" in caplog.messages


def test_a_batch_that_fails_as_a_whole_is_no_error_of_the_function(consumer: Consumer) -> None:
    """Otherwise Lambda would poll less, and the visibility timeout would decide instead of the delay."""
    assert failed(consumer(batch(record("a", {"n": 1, "fails": "for a while"})), CONTEXT)) == ["a"]


@pytest.mark.parametrize("body", [json.dumps({"n": 1, "fails": "as an event"}), "no json", "[]"])
def test_an_unusable_event_is_a_dead_letter_at_once_and_whole(body: str, consumer: Consumer, queue: FakeQueue) -> None:
    assert failed(consumer(batch(record("a", body)), CONTEXT)) == []
    ((kept, reason),) = queue.kept
    assert kept == body
    assert reason.startswith(("event 7: no detail", "message a: its body is "))


def test_an_unusable_event_that_cannot_be_kept_stays_in_the_queue(consumer: Consumer, queue: FakeQueue) -> None:
    queue.away = True
    assert failed(consumer(batch(record("a", "no json")), CONTEXT)) == ["a"]


def test_without_a_delay_the_queues_own_timeout_decides(consumer: Consumer, queue: FakeQueue) -> None:
    queue.away = True
    assert failed(consumer(batch(record("a", {"n": 1, "fails": "for a while"})), CONTEXT)) == ["a"]


def test_an_event_knows_when_it_was_first_delivered(consumer: Consumer, seen: Seen) -> None:
    consumer(batch(record("a", {"n": 1})), CONTEXT)
    assert seen.received == [RECEIVED]


def test_a_bare_event_is_answered_and_its_error_is_the_callers(consumer: Consumer, seen: Seen) -> None:
    assert consumer({"n": 1}, CONTEXT) == {"handled": 1}
    assert seen.received == [None]
    with pytest.raises(BadEvent):
        consumer({"n": 1, "fails": "as an event"}, CONTEXT)


@pytest.mark.parametrize("how", ["for a while", "for good"])
def test_what_reconcile_passes_and_fails_is_no_dead_letter_since_it_comes_again(how: str, consumer: Consumer) -> None:
    event = {**overdue_payload(ReleaseTimer("a/job", "incident", SENT)), "n": 1}
    assert consumer(event, CONTEXT) == {"handled": 1}
    reason = str(FAILS[how]())
    done = f"not done yet, reconcile will try again: {reason}"
    assert consumer({**event, "fails": how}, CONTEXT) == {"done": done}
    with pytest.raises((Retryable, Permanent), match=reason):
        consumer({"n": 1, "fails": how}, CONTEXT)


@pytest.mark.parametrize("how", ["by a bug", "as an event"])
def test_what_reconcile_passes_and_no_code_expected_is_an_error(how: str, consumer: Consumer) -> None:
    event = overdue_payload(ReleaseTimer("a/job", "incident", SENT))
    with pytest.raises((KeyError, BadEvent)):
        consumer({**event, "fails": how}, CONTEXT)


def test_under_sam_local_a_person_reads_the_answers_of_a_batch(
    consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "SAM_LOCAL", True)
    answer = consumer(batch(record("a", {"n": 1}), record("b", {"n": 2})), CONTEXT)
    assert answer == {"batchItemFailures": [], "answers": [{"handled": 1}, {"handled": 2}]}


@pytest.mark.parametrize("event", [{"Records": []}, {"Records": [{"eventSource": "aws:dynamodb"}]}, {}, [], "x"])
def test_only_records_of_sqs_are_a_batch_of_a_queue(event: Any) -> None:
    assert not is_batch(event)


# Delays --------------------------------------------------------------------------------------------------------


def test_the_deliveries_last_for_hours_with_delays_that_grow() -> None:
    for event_id in map(str, range(200)):
        delays = [delay_after(event_id, received) for received in range(1, MOST_DELIVERIES)]
        assert timedelta(seconds=7) < delays[0] <= timedelta(seconds=15)
        assert timedelta(hours=4) < sum(delays, timedelta()) < timedelta(hours=9)
        assert max(delays) <= LONGEST_DELAY
        assert all(later >= before for before, later in pairwise(delays[:7]))


def test_events_that_failed_together_come_back_at_different_times() -> None:
    waits = [delay_after(str(number), 5).total_seconds() for number in range(1000)]
    assert len(set(waits)) == 1000
    assert 175 < sum(waits) / 1000 < 185


def test_one_event_waits_equally_long_whoever_asks() -> None:
    assert delay_after("a", 9) == delay_after("a", 9)


# SQS -----------------------------------------------------------------------------------------------------------


def test_sqs_delivers_a_delayed_event_again_and_keeps_a_refused_one_whole(aws: None) -> None:
    client = boto3.client("sqs")
    url, dead = (client.create_queue(QueueName=name)["QueueUrl"] for name in ("events", "dead"))
    client.send_message(QueueUrl=url, MessageBody="one")
    (message,) = client.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
    own = SqsEventQueue(url, dead)
    own.delay(message["ReceiptHandle"], timedelta(0), "")
    again = client.receive_message(QueueUrl=url, AttributeNames=["ApproximateReceiveCount"])["Messages"]
    assert [each["Attributes"]["ApproximateReceiveCount"] for each in again] == ["2"]
    own.keep('{"a": 1}', f"broken \x1b[31m\ufffe\ud800 ü\U0001f4a5 {'x' * 600}")
    (kept,) = client.receive_message(QueueUrl=dead, MessageAttributeNames=["All"])["Messages"]
    reason = kept["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert kept["Body"] == '{"a": 1}'
    assert reason.startswith("broken ?[31m?? ü\U0001f4a5 x")
    assert len(reason) == 500


def test_a_schedules_dead_letter_that_always_fails_is_kept_at_last_since_its_queue_has_nowhere_to_put_it() -> None:
    queue, handler = FakeQueue(), Seen()
    letter = record("a", {"fails": "broken"}, MOST_DELIVERIES) | {
        "messageAttributes": {"SCHEDULE_ARN": {"stringValue": "arn:aws:scheduler:eu-west-2:111122223333:schedule/g/n"}}
    }
    consumer = Consumer("task_state", lambda event, queued: handler(event["detail"]["request"], queued), lambda: queue)
    assert consumer(batch(letter), CONTEXT)["batchItemFailures"] == []
    ((body, reason),) = queue.kept
    assert json.loads(body)["detail"]["attributes"]["SCHEDULE_ARN"].endswith("/g/n")
    assert "Error" in reason


def test_sqs_delays_a_dead_letter_in_the_queue_of_its_schedule(aws: None) -> None:
    client = boto3.client("sqs")
    own, starts = (client.create_queue(QueueName=name)["QueueUrl"] for name in ("events", "starts"))
    client.send_message(QueueUrl=starts, MessageBody="one")
    (message,) = client.receive_message(QueueUrl=starts, VisibilityTimeout=600)["Messages"]
    queue = SqsEventQueue(own, own)
    queue.delay(message["ReceiptHandle"], timedelta(0), "arn:aws:sqs:eu-west-2:123456789012:starts")
    assert client.receive_message(QueueUrl=starts)["Messages"]
