"""What no channel took is sent again: through the function itself, the queue and the ledger as moto plays them."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

import failure_alert.app
from cli.main import app
from cli.on_call.dead_letters import Strange, Undelivered, Unheard, Unread, content_of
from cli.on_call.redriver import Redriver
from cli.on_call.stack import PeopleError, Stack
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.incoming.own_payloads import payload
from cronmend.model.report import Message
from cronmend.model.wakeups import DeliverTimer, RedriveRequest, RerunTimer
from cronmend.wiring.failure_alert import deliver_messages
from tests.adapters.ledger.test_ledger import alert_change, table
from tests.fakes import NOW
from tests.samples import JOB
from tests.wiring.test_handlers import CONTEXT, ENVIRONMENT

RUN = CliRunner()


@dataclass
class Site:
    """A stack whose topic is not there until somebody makes it."""

    ledger: DynamoLedger
    queue: str
    timers: str
    """The queue of timers that could not be handed over."""

    def fails(self) -> Message:
        """A message stands in the ledger and was given to the topic, in vain."""
        change = alert_change()
        self.ledger.commit(change, datetime.now(UTC))
        (message,) = change.messages
        deliver_messages().deliver(message, datetime.now(UTC))
        return message

    def mend(self) -> None:
        boto3.client("sns").create_topic(Name="alerts")

    def put(self, body: Any) -> None:
        boto3.client("sqs").send_message(QueueUrl=self.queue, MessageBody=json.dumps(body))

    @property
    def letters(self) -> list[dict[str, Any]]:
        """What lies in the queue, visible to everybody."""
        time.sleep(0.005)  # moto shows what is given back from the next millisecond on
        answer = boto3.client("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [json.loads(each["Body"]) for each in answer.get("Messages", ())]

    def told(self, message: Message) -> DeliveryState:
        return DynamoOutbox("ledger").deliveries(message)["sns"].state


def asked_in_this_process(self: Stack, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """As Lambda would: an error of the function's is an answer."""
    try:
        answer: Any = failure_alert.app.handler(json.loads(json.dumps(payload)), CONTEXT)
    except Exception as error:
        raise PeopleError(f"failure-alert failed: {error}; its log says more") from error
    found: Mapping[str, Any] = answer
    return found


@pytest.fixture
def site(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    queue = boto3.client("sqs").create_queue(QueueName="letters")["QueueUrl"]
    topic = "arn:aws:sns:eu-west-2:123456789012:alerts"
    for name, value in {**ENVIRONMENT, "TOPIC_ARN": topic, "ALERT_DLQ_URL": queue}.items():
        monkeypatch.setenv(name, value)
    boto3.client("scheduler").create_schedule_group(Name="timers")
    timers = boto3.client("sqs").create_queue(QueueName="timers")["QueueUrl"]
    outputs = {"LedgerTable": "ledger", "FailureAlertDeadLettersUrl": queue, "TimerDeadLettersUrl": timers}
    monkeypatch.setattr(Stack, "outputs", outputs)
    monkeypatch.setattr(Stack, "parameters", {"RecordDays": "90"})
    monkeypatch.setattr(Stack, "ask_failure_alert", asked_in_this_process)
    monkeypatch.setattr("cli.on_call.redriver.WAIT", 0)
    failure_alert.app.care.cache_clear()
    yield Site(table(), queue, timers)
    failure_alert.app.care.cache_clear()


def redriven(*arguments: str, code: int) -> list[dict[str, Any]]:
    result = RUN.invoke(app, ["redrive", *arguments, "--json"])
    assert result.exit_code == code, result.output
    found: list[dict[str, Any]] = json.loads(result.output)
    return found


def test_a_mended_channel_gets_what_it_missed_and_the_letter_goes(site: Site) -> None:
    message = site.fails()
    assert site.told(message) is DeliveryState.FAILED
    site.mend()
    (outcome,) = redriven(code=0)
    assert (outcome["result"], outcome["told"], outcome["done"]) == ("delivered", True, True)
    assert outcome["what"] == f"{JOB} {message.change} → sns"
    assert site.told(message) is DeliveryState.SENT
    assert site.letters == []
    assert redriven(code=0) == []


def test_a_channel_that_still_refuses_leaves_exactly_one_letter(site: Site) -> None:
    message = site.fails()
    for _ in range(2):
        (outcome,) = redriven(code=1)
        assert "left: refused again" in outcome["result"]
        (letter,) = site.letters
        assert (letter["job"], letter["change"], letter["channel"]) == (JOB, message.change, "sns")


def test_two_letters_of_one_message_send_it_once(site: Site) -> None:
    site.fails()
    site.put(site.letters[0])
    site.mend()
    assert sorted(each["result"] for each in redriven(code=0)) == ["delivered", "sns has it already"]
    assert site.letters == []


def test_a_dry_run_changes_nothing(site: Site) -> None:
    message = site.fails()
    site.mend()
    (outcome,) = redriven("--dry-run", code=0)
    assert "would be offered again; it failed with:" in outcome["result"]
    assert site.told(message) is DeliveryState.FAILED
    assert len(site.letters) == 1


def test_a_message_whose_record_has_expired_is_said_and_left(site: Site) -> None:
    site.put({"job": JOB, "incident": "gone", "change": "alert", "channel": "sns", "reason": "x"})
    (outcome,) = redriven(code=1)
    assert "records have expired" in outcome["result"]
    assert len(site.letters) == 1


def test_a_channel_that_the_stack_no_longer_has_is_said_and_left(site: Site) -> None:
    message = site.fails()
    DynamoOutbox("ledger").note(message, "slack", Delivery(DeliveryState.FAILED, NOW, "channel_not_found"))
    site.put({"job": JOB, "incident": message.incident, "change": message.change, "channel": "slack", "reason": "x"})
    site.mend()
    results = {each["what"].rsplit(" ", 1)[-1]: each["result"] for each in redriven(code=1)}
    assert results == {"sns": "delivered", "slack": "left: the stack does not reach slack now"}
    assert [each["channel"] for each in site.letters] == ["slack"]


def test_a_timer_that_failed_is_done_again(site: Site) -> None:
    message = site.fails()
    boto3.client("sqs").purge_queue(QueueUrl=site.queue)
    timer = RedriveRequest(JOB, message.incident, message.change)
    site.put({"version": "1.0", "requestPayload": payload(timer), "responsePayload": {"errorType": "Retryable"}})
    site.mend()
    (outcome,) = redriven(code=0)
    assert "was offered again" in outcome["result"]
    assert site.told(message) is DeliveryState.SENT
    assert site.letters == []


def test_a_timer_that_never_arrived_is_done_and_one_of_healing_is_left(site: Site) -> None:
    message = site.fails()
    boto3.client("sqs").purge_queue(QueueUrl=site.queue)
    lost = (RedriveRequest(JOB, message.incident, message.change), RerunTimer(JOB, message.incident, 2, NOW))
    for wakeup in lost:
        boto3.client("sqs").send_message(QueueUrl=site.timers, MessageBody=json.dumps(payload(wakeup)))
    site.mend()
    assert sorted(each["result"].partition(":")[0] for each in redriven(code=1)) == [
        "left",
        f"the message {message.change} of {JOB} was offered again",
    ]
    assert site.told(message) is DeliveryState.SENT


def test_a_timer_that_fails_again_is_left(site: Site) -> None:
    timer = DeliverTimer(JOB, "gone", "alert", NOW)
    site.put({"requestPayload": payload(timer)})
    (outcome,) = redriven(code=1)
    assert "records have expired" in outcome["result"]
    assert len(site.letters) == 1


def batch(at: datetime) -> dict[str, Any]:
    """What Lambda writes of a batch that it gave up."""
    moment = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    info = {"batchSize": 2, "approximateArrivalOfFirstRecord": moment, "approximateArrivalOfLastRecord": moment}
    return {"version": "1.0", "requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": info}


def test_of_a_batch_that_was_given_up_the_ledger_still_has_the_messages(site: Site) -> None:
    site.mend()
    change = alert_change()
    site.ledger.commit(change, datetime.now(UTC))
    site.put(batch(datetime.now(UTC)))
    (outcome,) = redriven(code=0)
    assert outcome["result"] == "1 messages were offered again"
    assert site.told(change.messages[0]) is DeliveryState.SENT
    assert site.letters == []


def test_a_batch_of_another_time_wakes_nothing(site: Site) -> None:
    site.mend()
    change = alert_change()
    site.ledger.commit(change, datetime.now(UTC))
    site.put(batch(datetime.now(UTC) - timedelta(days=1)))
    (outcome,) = redriven(code=1)
    assert "no message of that time" in outcome["result"]
    assert DynamoOutbox("ledger").deliveries(change.messages[0]) == {}


def test_a_letter_that_is_not_ours_is_left(site: Site) -> None:
    site.put({"hello": "world"})
    (outcome,) = redriven(code=1)
    assert "nothing that Cronmend wrote" in outcome["result"]
    assert site.letters == [{"hello": "world"}]


def test_one_letter_that_fails_stops_no_other_and_people_read_it(site: Site) -> None:
    site.fails()
    site.put({"hello": "world"})
    site.mend()
    result = RUN.invoke(app, ["redrive"])
    assert result.exit_code == 1
    assert "✓" in result.output
    assert "1 of 2 delivered." in result.output


def test_an_interruption_gives_back_what_was_not_done(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.fails()
    site.put({"hello": "world"})

    def interrupted(self: Redriver, letter: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Redriver, "redrive", interrupted)
    assert RUN.invoke(app, ["redrive"]).exit_code != 0
    assert len(site.letters) == 2


def test_an_empty_queue_says_so(site: Site) -> None:
    result = RUN.invoke(app, ["redrive"])
    assert (result.exit_code, result.output) == (0, "Nothing waits: no letter lies there.\n")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"job": "a/b", "incident": "i", "change": "c", "channel": "slack"}', Undelivered),
        ('{"requestPayload": {"kind": "canary"}}', Unheard),
        (json.dumps(batch(NOW)), Unread),
        ('{"kind": "canary"}', Unheard),
        ('{"kind": "flush", "job": "a/b"}', Unheard),
        ('{"kind": "settle", "job": "a/b"}', Unheard),
        ('{"kind": "rerun", "job": "a/b"}', Strange),
        ('{"requestPayload": {"kind": "release"}}', Strange),
        ('{"requestPayload": {"kind": "other"}}', Strange),
        ('{"requestPayload": {}}', Strange),
        ('{"requestPayload": null}', Strange),
        ('{"DDBStreamBatchInfo": {}}', Strange),
        ('{"job": "a/b"}', Strange),
        ("[]", Strange),
        ("7", Strange),
        ("no json", Strange),
    ],
)
def test_letters_are_told_apart(body: str, kind: type) -> None:
    assert isinstance(content_of(body), kind)
