"""An alarm of the stack itself: from CloudWatch's event to the channels."""

import json
from copy import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import boto3
import pytest

import failure_alert.app
from cronmend.adapters.ledger.notices import DynamoNotices
from cronmend.alerting import alarm_reports, render
from cronmend.alerting.quiet_hours import QuietHours
from cronmend.alerting.routes import Route
from cronmend.errors import BadEvent, Retryable
from cronmend.incoming.alarm_events import alarm_change
from cronmend.model.alarms import AlarmChange, AlarmState
from cronmend.model.report import Message, MessageKind
from cronmend.use_cases.alerting.alarms import RecordAlarm
from local.memory.alerting import MemoryDeadLetters, MemoryHealth
from tests.adapters.ledger.test_ledger import table
from tests.samples import event
from tests.use_cases.alerting.alerting_world import AlertingWorld
from tests.wiring.test_handlers import CONTEXT, ENVIRONMENT, stream

NOW = datetime(2026, 5, 6, 11, 11, tzinfo=UTC)
CHANGE = alarm_change(event("failure_alert/alarm.json"))
OVER = replace(CHANGE, state=AlarmState.OK, before=AlarmState.ALARM, at=CHANGE.at + timedelta(minutes=5))


class Kept:
    """Notices in memory."""

    def __init__(self) -> None:
        self.messages: dict[tuple[str, str], Message] = {}

    def add(self, message: Message, now: datetime) -> bool:
        key = message.incident, message.change
        is_new = key not in self.messages
        self.messages.setdefault(key, message)
        return is_new


def test_the_event_is_read_as_cloudwatch_documents_it() -> None:
    assert (CHANGE.state, CHANGE.before) == (AlarmState.ALARM, AlarmState.OK)
    assert CHANGE.at == datetime(2026, 5, 6, 11, 10, 31, 146000, tzinfo=UTC)
    assert CHANGE.description.startswith("Cronmend couldn't process a stopped run")
    assert CHANGE.reason.startswith("Threshold Crossed")


@pytest.mark.parametrize(
    "change",
    [
        {"state": {"value": "BROKEN", "timestamp": "2026-05-06T11:10:31.146+0000"}},
        {"state": {"value": "ALARM", "timestamp": "2026-05-06T11:10:31"}},
        {"alarmName": ""},
        {"state": None},
    ],
)
def test_an_event_of_another_form_is_refused(change: dict[str, Any]) -> None:
    sample = event("failure_alert/alarm.json")
    sample["detail"] |= change
    with pytest.raises(BadEvent):
        alarm_change(sample)


def test_an_event_that_is_delivered_twice_is_one_message() -> None:
    kept = Kept()
    record = RecordAlarm(kept)
    assert "a message says" in record.handle(CHANGE, NOW)
    assert "on record since an earlier delivery" in record.handle(CHANGE, NOW)
    record.handle(OVER, NOW)
    assert [each.report.status for each in kept.messages.values()] == ["in alarm", "over"]


@pytest.mark.parametrize(
    ("before", "state", "says"),
    [
        (AlarmState.INSUFFICIENT_DATA, AlarmState.OK, False),
        (AlarmState.OK, AlarmState.INSUFFICIENT_DATA, False),
        (AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA, False),
        (AlarmState.INSUFFICIENT_DATA, AlarmState.ALARM, True),
        (AlarmState.ALARM, AlarmState.OK, True),
    ],
)
def test_a_new_stack_says_nothing(before: AlarmState, state: AlarmState, says: bool) -> None:
    kept = Kept()
    RecordAlarm(kept).handle(replace(CHANGE, before=before, state=state), NOW)
    assert bool(kept.messages) is says


def test_the_message_says_what_happened_and_what_to_do() -> None:
    report = alarm_reports.report_of(CHANGE)
    assert report.headline == "Cronmend couldn't process a stopped run, or couldn't diagnose it"
    assert report.advice.endswith("Fix the cause, then run `cronmend redrive`.")
    assert report.what_happens == f"The CloudWatch alarm {CHANGE.name} is in alarm since 11:10 UTC."
    assert "alarmsV2:alarm/cronmend-TaskStateDeadLettersAlarm" in dict(report.links)["Alarm"]
    over = alarm_reports.report_of(OVER)
    assert over.headline.startswith("Over: Cronmend couldn't")
    assert over.what_happens == f"The CloudWatch alarm {CHANGE.name} is no longer in alarm since 11:15 UTC."
    assert (over.quiet, over.is_over, over.advice) == (True, True, "No action needed.")


def test_an_alarm_without_a_description_is_named() -> None:
    report = alarm_reports.report_of(replace(CHANGE, description="", reason="", arn="arn"))
    assert report.headline == f"Alarm {CHANGE.name}"
    assert not report.links
    assert not report.facts


@pytest.mark.parametrize("change", [CHANGE, OVER])
def test_each_channel_shows_it(change: AlarmChange) -> None:
    report = alarm_reports.report_of(change)
    said = "couldn't process a stopped run"
    assert said in str(render.slack(report))
    assert said in render.sns_subject(report)
    assert said in render.sms(report)
    assert json.loads(render.as_json(report))["kind"] == "alarm"


def message(change: AlarmChange = CHANGE) -> Message:
    return alarm_reports.message_of(change)


ALL = Route("default", ("slack", "sns", "events"))


def test_it_reaches_the_channels_of_the_route_but_not_the_topic_which_cloudwatch_notifies() -> None:
    world = AlertingWorld(ALL)
    world.receives(message(), message(OVER))
    assert [each.kind for each in world.slack.reports] == [MessageKind.ALARM] * 2
    assert len(world.machine.reports) == 2
    assert world.sns.reports == []


def test_a_route_to_the_topic_alone_has_nothing_to_deliver_and_is_no_failure() -> None:
    world = AlertingWorld(Route("default", ("sns",)))
    world.receives(message())
    assert world.sns.reports == world.slack.reports == []
    assert world.dead_letters == MemoryDeadLetters()
    assert world.health == MemoryHealth()


def test_a_channel_that_fails_gets_it_later() -> None:
    world = AlertingWorld(ALL)
    world.slack.failures = [Retryable("Slack doesn't answer")]
    world.receives(message())
    assert world.slack.reports == []
    world.fires(NOW + timedelta(hours=1))
    assert len(world.slack.reports) == 1


def test_no_quiet_hours_keep_it_back() -> None:
    always = QuietHours(time(0), time(23, 59))
    world = AlertingWorld(replace(ALL, quiet=always, urgent="critical"), severity="warning")
    world.receives(message(), message(OVER))
    assert len(world.slack.reports) == 2


def test_the_function_writes_it_and_its_own_stream_delivers_it(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
    for name, value in {**ENVIRONMENT, "TOPIC_ARN": topic}.items():
        monkeypatch.setenv(name, value)
    for each in (failure_alert.app.use_case, failure_alert.app.alarm_use_case):
        each.cache_clear()
    table()
    answers: list[Any] = [failure_alert.app.handler(event("failure_alert/alarm.json"), CONTEXT) for _ in range(2)]
    assert ["a message says" in each["done"] for each in answers] == [True, False]
    (item,) = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    assert item["due"]["S"]
    assert failure_alert.app.handler(stream([item]), CONTEXT) == {"batchItemFailures": []}
    assert DynamoNotices("ledger", timedelta(days=1)).add(message(), NOW) is False
