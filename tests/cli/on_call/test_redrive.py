"""Resend undelivered messages: with the function itself, and the queue and the ledger in moto."""

import io
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

import deploy_state.app
import failure_alert.app
import reconcile.app
import rerun.app
import task_state.app
from cli.main import app
from cli.on_call.dead_letters import (
    FailedBatch,
    FailedInvocation,
    Function,
    OnlyRead,
    Queue,
    UndeliveredMessage,
    UnknownMessage,
    content_of,
)
from cli.on_call.redriver import Redriver
from cli.on_call.stack import CommandError, Stack
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.incoming.timer_forms import payload
from cronmend.model.alert_wakeups import DeliverTimer, RedriveRequest
from cronmend.model.report import Message
from cronmend.model.wakeups import RerunTimer
from cronmend.use_cases.alerting.delivery import MOVED
from cronmend.wiring.failure_alert import use_case
from tests.adapters.ledger.test_ledger import alert_change, table
from tests.cloudformation import Template
from tests.fakes import NOW
from tests.samples import JOB, event
from tests.wiring.test_handlers import CONTEXT, ENVIRONMENT

RUN = CliRunner()


@dataclass
class Site:
    """A stack whose topic doesn't exist until :meth:`fix`."""

    ledger: DynamoLedger
    queue: str
    urls: Mapping[Queue, str]
    """All dead-letter queues."""

    def fails(self) -> Message:
        """A message is in the ledger, and its delivery to the topic failed."""
        change = alert_change()
        self.ledger.commit(change, datetime.now(UTC))
        (message,) = change.messages
        use_case().deliver(message, datetime.now(UTC))
        return message

    def fix(self) -> None:
        boto3.client("sns").create_topic(Name="alerts")

    def put(self, body: Any, source: Queue = Queue.FAILURE_ALERT) -> None:
        boto3.client("sqs").send_message(QueueUrl=self.urls[source], MessageBody=json.dumps(body))

    def waiting(self, source: Queue) -> int:
        answer = boto3.client("sqs").get_queue_attributes(QueueUrl=self.urls[source], AttributeNames=["All"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    @property
    def queued(self) -> list[dict[str, Any]]:
        """The visible messages of the queue."""
        time.sleep(0.005)  # moto shows a released message from the next millisecond on
        answer = boto3.client("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [json.loads(each["Body"]) for each in answer.get("Messages", ())]

    def state(self, message: Message) -> DeliveryState:
        return DynamoOutbox("ledger").deliveries(message)["sns"].state


HANDLERS: Mapping[str, Callable[[dict[str, Any], Any], Any]] = {
    "FailureAlertFunctionName": failure_alert.app.handler,
    "TaskStateFunctionName": task_state.app.handler,
    "RerunFunctionName": rerun.app.handler,
    "DeployStateFunctionName": deploy_state.app.handler,
    "ReconcileFunctionName": reconcile.app.handler,
}


def answered_in_this_process(self: Stack, function: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """As Lambda: an error of the function is an answer."""
    try:
        with redirect_stdout(io.StringIO()):  # its metrics
            answer: Mapping[str, Any] = HANDLERS[function](json.loads(json.dumps(payload)), CONTEXT)
    except Exception as error:
        raise CommandError(f"The function failed: {error}; its log says more") from error
    return answer


@pytest.fixture
def site(aws: None, monkeypatch: pytest.MonkeyPatch) -> Site:
    queue = boto3.client("sqs").create_queue(QueueName="dead-letters")["QueueUrl"]
    topic = "arn:aws:sns:eu-west-2:123456789012:alerts"
    for name, value in {**ENVIRONMENT, "TOPIC_ARN": topic, "ALERT_DLQ_URL": queue}.items():
        monkeypatch.setenv(name, value)
    boto3.client("scheduler").create_schedule_group(Name="timers")
    urls = {each: boto3.client("sqs").create_queue(QueueName=each.value)["QueueUrl"] for each in Queue}
    urls[Queue.FAILURE_ALERT] = queue
    outputs = {"LedgerTable": "ledger", **{each.output: url for each, url in urls.items()}}
    monkeypatch.setattr(Stack, "outputs", outputs)
    monkeypatch.setattr(Stack, "parameters", {"RecordDays": "90"})
    monkeypatch.setattr(Stack, "ask", answered_in_this_process)
    monkeypatch.setattr("cli.on_call.redriver.WAIT_SECONDS", 0)
    return Site(table(), queue, urls)


def redriven(*arguments: str, code: int) -> list[dict[str, Any]]:
    result = RUN.invoke(app, ["redrive", *arguments, "--json"])
    assert result.exit_code == code, result.output
    found: list[dict[str, Any]] = json.loads(result.output)
    return found


def test_a_fixed_channel_gets_the_message_and_the_queue_is_empty(site: Site) -> None:
    message = site.fails()
    assert site.state(message) is DeliveryState.FAILED
    site.fix()
    (outcome,) = redriven(code=0)
    assert (outcome["result"], outcome["told"], outcome["done"]) == ("delivered", True, True)
    assert outcome["what"] == f"{JOB} {message.change} → sns"
    assert site.state(message) is DeliveryState.SENT
    assert site.queued == []
    assert redriven(code=0) == []


def test_a_channel_that_still_rejects_leaves_exactly_one_queued_message(site: Site) -> None:
    message = site.fails()
    for _ in range(2):
        (outcome,) = redriven(code=1)
        assert "kept in the queue: rejected again" in outcome["result"]
        (queued,) = site.queued
        assert (queued["job"], queued["change"], queued["channel"]) == (JOB, message.change, "sns")


def test_a_message_queued_twice_is_sent_once(site: Site) -> None:
    site.fails()
    site.put(site.queued[0])
    site.fix()
    assert sorted(each["result"] for each in redriven(code=0)) == ["delivered", "sns already has it"]
    assert site.queued == []


def test_a_dry_run_changes_nothing(site: Site) -> None:
    message = site.fails()
    site.fix()
    (outcome,) = redriven("--dry-run", code=0)
    assert "would be sent again; it failed with:" in outcome["result"]
    assert site.state(message) is DeliveryState.FAILED
    assert len(site.queued) == 1


def test_a_message_whose_record_has_expired_is_kept(site: Site) -> None:
    site.put({"job": JOB, "incident": "gone", "change": "alert", "channel": "sns", "reason": "x"})
    (outcome,) = redriven(code=1)
    assert "records have expired" in outcome["result"]
    assert len(site.queued) == 1


def test_a_message_for_a_channel_that_its_route_no_longer_names_is_done(site: Site) -> None:
    message = site.fails()
    DynamoOutbox("ledger").note(message, {"slack": Delivery(DeliveryState.FAILED, NOW, "channel_not_found")})
    site.put({"job": JOB, "incident": message.incident, "change": message.change, "channel": "slack", "reason": "x"})
    site.fix()
    results = {each["what"].rsplit(" ", 1)[-1]: each["result"] for each in redriven(code=0)}
    assert results == {"sns": "delivered", "slack": MOVED}
    assert site.queued == []


def test_a_failed_timer_is_processed_again(site: Site) -> None:
    message = site.fails()
    boto3.client("sqs").purge_queue(QueueUrl=site.queue)
    timer = RedriveRequest(JOB, message.incident, message.change)
    site.put({"version": "1.0", "requestPayload": payload(timer), "responsePayload": {"errorType": "Retryable"}})
    site.fix()
    (outcome,) = redriven(code=0)
    assert "was sent again" in outcome["result"]
    assert site.state(message) is DeliveryState.SENT
    assert site.queued == []


def test_an_undelivered_timer_is_processed_by_its_function(site: Site) -> None:
    message = site.fails()
    boto3.client("sqs").purge_queue(QueueUrl=site.queue)
    lost = (RedriveRequest(JOB, message.incident, message.change), RerunTimer(JOB, message.incident, 2, NOW))
    for wakeup in lost:
        boto3.client("sqs").send_message(QueueUrl=site.urls[Queue.TIMER], MessageBody=json.dumps(payload(wakeup)))
    site.fix()
    results = {each["what"]: each["result"] for each in redriven(code=0)}
    assert results[f"{JOB} redrive"] == f"the message {message.change} of {JOB} was sent again"
    assert results[f"{JOB} rerun"] == "no re-run is planned"
    assert site.state(message) is DeliveryState.SENT


def test_a_stopped_run_is_listed_with_its_schedule_and_diagnosed(site: Site) -> None:
    stopped = event("task_stopped/cannot_pull.json")
    error: Any = {"ERROR_MESSAGE": {"DataType": "String", "StringValue": "no such table"}}
    boto3.client("sqs").send_message(
        QueueUrl=site.urls[Queue.TASK_STATE], MessageBody=json.dumps(stopped), MessageAttributes=error
    )
    task_id = stopped["detail"]["taskArn"].rsplit("/", 1)[-1]
    (listed,) = redriven("--dry-run", code=0)
    assert listed["what"] == f"a stopped run of {stopped['detail']['startedBy']}, task {task_id}"
    assert listed["result"] == "would be processed again; it failed with: no such table"
    (outcome,) = redriven(code=0)
    assert outcome["result"] == "configuration_error, action alert"
    assert site.ledger.run(task_id) is not None


def test_a_stopped_run_that_fails_again_is_kept(site: Site) -> None:
    bad = event("bad/no_task_arn.json")
    boto3.client("sqs").send_message(QueueUrl=site.urls[Queue.TASK_STATE], MessageBody=json.dumps(bad))
    (outcome,) = redriven(code=1)
    assert outcome["result"].startswith("kept in the queue: The function failed: event ")


def test_a_timer_that_fails_again_is_kept(site: Site) -> None:
    timer = DeliverTimer(JOB, "gone", "alert", NOW)
    site.put({"requestPayload": payload(timer)})
    (outcome,) = redriven(code=1)
    assert "records have expired" in outcome["result"]
    assert len(site.queued) == 1


def batch(at: datetime) -> dict[str, Any]:
    """Lambda's message about a batch that it gave up."""
    arrival = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    info = {"batchSize": 2, "approximateArrivalOfFirstRecord": arrival, "approximateArrivalOfLastRecord": arrival}
    return {"version": "1.0", "requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": info}


def test_the_messages_of_a_failed_batch_are_sent_from_the_ledger(site: Site) -> None:
    site.fix()
    change = alert_change()
    site.ledger.commit(change, datetime.now(UTC))
    site.put(batch(datetime.now(UTC)))
    (outcome,) = redriven(code=0)
    assert outcome["result"] == "1 message sent again"
    assert site.state(change.messages[0]) is DeliveryState.SENT
    assert site.queued == []


def test_a_batch_of_another_time_sends_nothing(site: Site) -> None:
    site.fix()
    change = alert_change()
    site.ledger.commit(change, datetime.now(UTC))
    site.put(batch(datetime.now(UTC) - timedelta(days=1)))
    (outcome,) = redriven(code=1)
    assert "no longer has a message of that time" in outcome["result"]
    assert DynamoOutbox("ledger").deliveries(change.messages[0]) == {}


def test_a_foreign_message_is_kept(site: Site) -> None:
    site.put({"hello": "world"})
    (outcome,) = redriven(code=1)
    assert "not a message that Cronmend wrote" in outcome["result"]
    assert re.fullmatch(r"the unknown message [0-9a-f-]{36} of \w+DeadLetters", outcome["what"])
    assert site.queued == [{"hello": "world"}]


def test_a_failed_message_does_not_stop_the_others(site: Site) -> None:
    site.fails()
    site.put({"hello": "world"})
    site.fix()
    result = RUN.invoke(app, ["redrive"])
    assert result.exit_code == 1
    assert "✓" in result.output
    assert "1 of 2 processed." in result.output


def test_an_interruption_releases_the_remaining_messages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.fails()
    site.put({"hello": "world"})

    def interrupted(self: Redriver, queued: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Redriver, "redrive", interrupted)
    assert RUN.invoke(app, ["redrive"]).exit_code != 0
    assert len(site.queued) == 2


def test_an_empty_queue_says_so(site: Site) -> None:
    result = RUN.invoke(app, ["redrive"])
    assert (result.exit_code, result.output) == (0, "The dead-letter queues are empty.\n")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"job": "a/b", "incident": "i", "change": "c", "channel": "slack"}', UndeliveredMessage),
        ('{"requestPayload": {"kind": "canary"}}', FailedInvocation),
        (json.dumps(batch(NOW)), FailedBatch),
        ('{"kind": "canary"}', FailedInvocation),
        ('{"kind": "flush", "job": "a/b"}', FailedInvocation),
        ('{"kind": "settle", "job": "a/b"}', FailedInvocation),
        ('{"kind": "rerun", "job": "a/b"}', FailedInvocation),
        ('{"MessageBody": "{\\"kind\\": \\"rerun\\"}", "QueueUrl": "https://sqs.example/q"}', FailedInvocation),
        ('{"Payload": "{\\"kind\\": \\"flush\\"}", "FunctionName": "f"}', FailedInvocation),
        ('{"MessageBody": "hello"}', UnknownMessage),
        ('{"requestPayload": {"kind": "release"}}', FailedInvocation),
        ('{"detail-type": "started"}', UnknownMessage),
        ('{"requestPayload": {"kind": "other"}}', UnknownMessage),
        ('{"requestPayload": {}}', UnknownMessage),
        ('{"requestPayload": null}', UnknownMessage),
        ('{"DDBStreamBatchInfo": {}}', UnknownMessage),
        ('{"job": "a/b"}', UnknownMessage),
        ("[]", UnknownMessage),
        ("7", UnknownMessage),
        ("no json", UnknownMessage),
    ],
)
def test_the_kinds_of_queued_message_are_distinguished(body: str, kind: type) -> None:
    assert isinstance(content_of(body, Queue.TIMER), kind)


CLICK = {"kind": "click", "job": JOB, "button": "rerun", "by": "ann"}
SCHEDULED = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "time": "2026-05-06T11:00:00Z"}
MIGRATION = "deploy_state/migration_failed.json"
"""A Task State Change of ECS, as task_state gets them, too."""


def forms(payload: Any) -> Iterator[dict[str, Any]]:
    """EventBridge keeps the event, its Scheduler the request to the target, Lambda the payload with its answer."""
    yield payload
    yield {"MessageBody": json.dumps(payload), "QueueUrl": "https://sqs.example/q"}
    yield {"Payload": json.dumps(payload), "FunctionName": "f"}
    lambdas = {"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "responsePayload": {}}
    yield {**lambdas, "requestPayload": payload}
    yield {**lambdas, "requestPayload": {"Records": [{"body": json.dumps(payload)}]}}


@pytest.mark.parametrize(
    ("source", "payload", "function"),
    [
        (Queue.TASK_STATE, event("task_stopped/cannot_pull.json"), Function.TASK_STATE),
        (Queue.DEPLOY_STATE, event(MIGRATION), Function.DEPLOY_STATE),
        (Queue.DEPLOY_STATE, event("deploy_state/marker_started.json"), Function.DEPLOY_STATE),
        (Queue.RECONCILE, SCHEDULED, Function.RECONCILE),
        (Queue.RERUN, payload(RerunTimer(JOB, "a1", 2, NOW)), Function.RERUN),
        (Queue.TIMER, payload(DeliverTimer(JOB, "a1", "alert", NOW)), Function.FAILURE_ALERT),
    ],
)
def test_every_form_of_an_event_goes_to_the_function_whose_queue_holds_it(
    source: Queue, payload: Any, function: Function
) -> None:
    for body in forms(payload):
        assert content_of(json.dumps(body), source) == FailedInvocation(payload, function)


def test_the_command_reads_every_dead_letter_queue_of_the_template() -> None:
    template = Template.read()
    queues = template.of_type("AWS::SQS::Queue")
    kept = {name for name, queue in queues.items() if "RedrivePolicy" not in queue}
    assert {f"{each.value}DeadLetters" for each in Queue if each is not Queue.JOBS} == kept
    outputs = template.body["Outputs"]
    conditional = {each for each in Queue if "Condition" in outputs[each.output]}
    assert conditional == {Queue.SLACK_ACTION, Queue.JOBS}
    assert {each.value for each in Function} <= outputs.keys()


def test_no_text_tells_people_to_use_awss_own_redrive() -> None:
    """It supports only queues whose source is a queue; these are filled by EventBridge, Lambda and SNS."""
    alarms = Template.read().of_type("AWS::CloudWatch::Alarm")
    for name, alarm in alarms.items():
        if name.endswith("DeadLettersAlarm"):
            assert "cronmend redrive" in alarm["AlarmDescription"], name


def test_a_deploy_event_is_processed_again(site: Site) -> None:
    site.put(event("deploy_state/marker_started.json"), Queue.DEPLOY_STATE)
    site.put(SCHEDULED, Queue.RECONCILE)
    results = [each["result"] for each in redriven(code=0)]
    assert len(results) == 2
    assert results[1] == "0 overdue promises"
    assert (site.waiting(Queue.DEPLOY_STATE), site.waiting(Queue.RECONCILE)) == (0, 0)


def test_a_click_and_what_a_subscriber_refused_are_listed_and_kept(site: Site) -> None:
    site.put({"requestPayload": CLICK}, Queue.SLACK_ACTION)
    site.put(
        {"Type": "Notification", "MessageId": "m", "Subject": "publish failed", "Message": "{}"}, Queue.ALERT_TOPIC
    )
    assert isinstance(content_of(json.dumps({"requestPayload": CLICK}), Queue.SLACK_ACTION), OnlyRead)
    results = {each["what"]: each["result"] for each in redriven(code=1)}
    assert "click again" in results[f"ann clicked rerun for {JOB}"]
    assert "correct the subscription" in results["an SNS message, publish failed"]
    assert (site.waiting(Queue.SLACK_ACTION), site.waiting(Queue.ALERT_TOPIC)) == (1, 1)


def test_a_start_that_eventbridge_gave_up_is_handled_with_what_its_attributes_say(site: Site) -> None:
    (sample,) = event("queued/start_given_up.json")["Records"]
    attributes: Any = {
        name: {"DataType": "String", "StringValue": each["stringValue"]}
        for name, each in sample["messageAttributes"].items()
    }
    boto3.client("sqs").send_message(
        QueueUrl=site.urls[Queue.JOBS], MessageBody=sample["body"], MessageAttributes=attributes
    )
    (result,) = redriven(code=0)
    assert result["result"] == "never_started, action alert"
    assert site.waiting(Queue.JOBS) == 0


def test_a_stack_without_buttons_has_no_queue_of_clicks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {each.output: url for each, url in site.urls.items() if each not in {Queue.SLACK_ACTION, Queue.JOBS}}
    outputs = {"LedgerTable": "ledger", **urls}
    monkeypatch.setattr(Stack, "outputs", outputs)
    assert redriven(code=0) == []
