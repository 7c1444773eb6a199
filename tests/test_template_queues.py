"""The queues of template.yaml: what must not be lost waits there for hours, and no one else can send to it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import rerun.app
import task_state.app
from cronmend import queues
from cronmend.adapters.aws import CONFIG
from cronmend.adapters.logs import PATIENT
from cronmend.use_cases import reads
from tests.cloudformation import actions
from tests.test_template import (
    FROM_A_QUEUE,
    FUNCTIONS,
    TEMPLATE,
    WAITING,
    events_of,
    failures_of,
    metric_alarms,
    queue,
    senders_to,
)


def consumed(function: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The queues that trigger the function, each with the event source's properties."""
    for event in events_of(function).values():
        if event["Type"] in FROM_A_QUEUE:
            yield queue(event["Properties"]["Queue"]), event["Properties"]


def test_stopped_runs_and_timers_wait_in_a_queue() -> None:
    assert {f: [name for name, _ in consumed(f)] for f in FUNCTIONS if any(consumed(f))} == {
        "TaskStateFunction": ["TaskStateQueue"],
        "RerunFunction": ["RerunQueue"],
    }
    assert {name for f in FUNCTIONS for name, _ in consumed(f)} == set(WAITING)


@pytest.mark.parametrize("function", ["TaskStateFunction", "RerunFunction"])
def test_a_queue_retries_its_events_one_by_one_for_hours(function: str) -> None:
    ((name, source),) = consumed(function)
    properties = TEMPLATE.of_type("AWS::SQS::Queue")[name]
    timeout = TEMPLATE.functions[function].get("Timeout", TEMPLATE.body["Globals"]["Function"]["Timeout"])
    assert properties["VisibilityTimeout"] >= 6 * timeout
    assert properties["RedrivePolicy"]["maxReceiveCount"] == queues.MOST_DELIVERIES
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["BatchSize"] == 1
    assert 2 <= source["ScalingConfig"]["MaximumConcurrency"] <= 20
    kept = failures_of(TEMPLATE.functions[function]["EventInvokeConfig"])
    assert queue(properties["RedrivePolicy"]["deadLetterTargetArn"]) == kept
    own = TEMPLATE.functions[function]["Environment"]["Variables"]
    urls = {key: value for key, value in own.items() if key.endswith("_URL")}
    assert urls == {"QUEUE_URL": {"Ref": name}, "DEAD_LETTERS_URL": {"Ref": kept}}


def test_task_state_has_time_for_an_alert_while_calls_hang() -> None:
    """The log, which is the last part of the evidence, and the mode hang until boto3 gives up, with its own waits."""
    hangs = sum(map(seconds_of, (PATIENT, CONFIG)))
    assert reads.MOST_SECONDS + hangs < TEMPLATE.functions["TaskStateFunction"]["Timeout"]


def seconds_of(config: Any) -> float:
    """How long a call hangs at the most."""
    attempts: int = config.retries["total_max_attempts"]
    return float(attempts * config.read_timeout + sum(2**each for each in range(attempts - 1)))


def test_a_rule_that_sends_to_a_queue_keeps_what_it_could_not_deliver() -> None:
    for name, rule in TEMPLATE.of_type("AWS::Events::Rule").items():
        for target in rule["Targets"]:
            assert {"Fn::GetAtt": f"{name}.Arn"} in senders_to(queue(target["Arn"]), "events.amazonaws.com")
            assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
            kept = queue(target["DeadLetterConfig"]["Arn"])
            assert {"Fn::GetAtt": f"{name}.Arn"} in senders_to(kept, "events.amazonaws.com")


RULES = ("RunStopped", "RunTaskAnswered")


def test_only_the_rules_and_the_timers_can_send_to_the_queues() -> None:
    sources = {name: senders_to(name, "events.amazonaws.com") for name in WAITING}
    assert sources == {"RerunQueue": [], "TaskStateQueue": [{"Fn::GetAtt": f"{name}.Arn"} for name in RULES]}
    policies = TEMPLATE.of_type("AWS::SQS::QueuePolicy").values()
    assert all("Condition" in s for policy in policies for s in policy["PolicyDocument"]["Statement"])
    allowed = {name: set(map(str, sendable(name))) for name in TEMPLATE.of_type("AWS::IAM::Role")}
    for name in WAITING:
        arn = str({"Fn::GetAtt": f"{name}.Arn"})
        assert {role for role, arns in allowed.items() if arn in arns} <= (
            {"TimerRole"} if name == "RerunQueue" else set()
        )


def sendable(role: str) -> Iterator[Any]:
    """The queues that the role may send to."""
    for policy in TEMPLATE.of_type("AWS::IAM::Role")[role]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            plain = statement["Fn::If"][1] if "Fn::If" in statement else statement
            if "sqs:SendMessage" in actions(plain):
                arns = plain["Resource"]
                yield from arns if isinstance(arns, list) else [arns]


@pytest.mark.parametrize("name", WAITING)
def test_an_event_that_waits_is_kept_and_raises_an_alarm_after_ten_minutes(name: str) -> None:
    properties = TEMPLATE.of_type("AWS::SQS::Queue")[name]
    assert properties["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert properties["SqsManagedSseEnabled"] is True
    dimension = [{"Name": "QueueName", "Value": {"Fn::GetAtt": f"{name}.QueueName"}}]
    (alarm,) = [a for a in metric_alarms("ApproximateAgeOfOldestMessage") if a["Dimensions"] == dimension]
    assert (alarm["Threshold"], alarm["Statistic"]) == (600, "Maximum")


def test_an_event_that_is_retried_for_ten_minutes_raises_an_alarm() -> None:
    """SQS's age leaves out messages that were received three times."""
    alarms = metric_alarms("RetriedAge")
    assert [(a["Namespace"], a["Threshold"], a["Statistic"]) for a in alarms] == [("Cronmend", 600, "Maximum")] * 2
    named = {each["Value"] for alarm in alarms for each in alarm["Dimensions"] if each["Name"] == "function"}
    assert named == {task_state.app.consumer.function, rerun.app.consumer.function}


def test_an_error_that_no_code_expected_raises_an_alarm() -> None:
    (alarm,) = metric_alarms("UnforeseenErrors")
    assert (alarm["Namespace"], alarm["Threshold"], alarm["Statistic"]) == ("Cronmend", 1, "Sum")
    assert alarm["Dimensions"] == [{"Name": "service", "Value": TEMPLATE.environment["POWERTOOLS_SERVICE_NAME"]}]
