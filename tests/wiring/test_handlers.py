"""The functions as Lambda calls them: bad input, and a whole walk on moto."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from aws_lambda_powertools.utilities.typing import LambdaContext

import board_action.app
import deploy_state.app
import failure_alert.app
import reconcile.app
import rerun.app
import slack_action.app
import task_state.app
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.errors import BadEvent
from cronmend.settings import SettingError, Settings
from cronmend.telemetry import unforeseen
from cronmend.wiring import failure_alert as alert_wiring
from tests.adapters.ledger.test_ledger import alert_change, table
from tests.fakes import NOW
from tests.iam.recorder import RECORDER
from tests.samples import CLUSTER, EVENTS, event

ENVIRONMENT = {
    "CLUSTERS": CLUSTER.rpartition("/")[2],
    "CLUSTER_ARN_PREFIX": CLUSTER.removesuffix(CLUSTER.rpartition("/")[2]),
    "LEDGER_TABLE": "ledger",
    "TIMER_GROUP": "timers",
    "TIMER_ROLE_ARN": "arn:aws:iam::123456789012:role/timers",
    "TIMER_DLQ_ARN": "arn:aws:sqs:eu-west-2:123456789012:timers-dlq",
    "RERUN_FUNCTION_ARN": "arn:aws:lambda:eu-west-2:123456789012:function:rerun",
    "RERUN_QUEUE_ARN": "arn:aws:sqs:eu-west-2:123456789012:rerun",
    "QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/123456789012/events",
    "ALERT_FUNCTION_ARN": "arn:aws:lambda:eu-west-2:123456789012:function:failure-alert",
}
BAD = {
    "not_a_task_event.json": task_state.app.handler,
    "no_detail.json": task_state.app.handler,
    "unknown_last_status.json": task_state.app.handler,
    "other_version.json": task_state.app.handler,
    "no_task_arn.json": task_state.app.handler,
    "deploy_names_no_cluster.json": deploy_state.app.handler,
    "marker_of_unknown_phase.json": deploy_state.app.handler,
    "marker_without_a_limit.json": deploy_state.app.handler,
    "click_without_job.json": slack_action.app.handler,
    "press_without_job.json": board_action.app.handler,
    "timer_of_unknown_kind.json": rerun.app.handler,
    "timer_without_job.json": rerun.app.handler,
}

NAMED = {
    "timer_of_unknown_kind.json": "not a valid timer: ValueError kind 'reboot' is none of hold, release, rerun",
    "timer_without_job.json": "not a valid timer: ValueError job is None",
    "press_without_job.json": "not a button of the board: job is None; see events/board_action/",
}
"""The start of the message for payloads without an ID, such as timers."""


@dataclass
class Context:
    """The parts of Lambda's context that Powertools uses."""

    function_name: str = "cronmend-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-2:123456789012:function:cronmend-test"
    aws_request_id: str = "request-1"
    left: int = 60_000
    """Milliseconds."""

    def get_remaining_time_in_millis(self) -> int:
        return self.left


CONTEXT = cast(LambdaContext, Context())
LATE = cast(LambdaContext, Context(left=deploy_state.app.LEFT - 1))
"""The invocation has no time for another schedule."""


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> DynamoLedger:
    """The ledger, the topic and the timers' group, and the functions' variables for them."""
    topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
    boto3.client("scheduler").create_schedule_group(Name="timers")
    for name, value in {**ENVIRONMENT, "TOPIC_ARN": topic}.items():
        monkeypatch.setenv(name, value)
    return table()


@pytest.mark.parametrize("name", BAD)
def test_bad_input_raises_names_the_event_and_touches_nothing(name: str) -> None:
    bad = event(f"bad/{name}")
    with pytest.raises(BadEvent) as caught:
        BAD[name](bad, CONTEXT)
    assert str(caught.value).startswith(NAMED.get(name) or f"{bad.get('kind', 'event')} {bad['id']}: ")


def test_every_bad_sample_is_tried() -> None:
    assert {path.name for path in (EVENTS / "bad").glob("*.json")} == {*BAD, "stream_record_without_message.json"}


def test_an_event_before_the_end_is_ignored() -> None:
    answer = task_state.app.handler(event("task_stopped/exit_code_1_not_final.json"), CONTEXT)
    assert answer == {"action": "none", "reason": "the task is DEPROVISIONING"}


def test_a_run_whose_evidence_is_gone_is_recorded_with_what_was_missing(stack: DynamoLedger) -> None:
    stopped = event("task_stopped/cannot_pull.json")
    answer = task_state.app.handler(stopped, CONTEXT)
    assert answer["action"] == "alert"
    record = stack.run(stopped["detail"]["taskArn"].rsplit("/", 1)[-1])
    assert record is not None
    assert record.category.value == answer["category"]
    assert re.fullmatch("unattributed/[0-9a-f]{8}/cannot-pull", record.job)
    assert record.reasons == ("no re-run: the task can't start until this is fixed",)


def test_an_event_that_was_handled_before_says_since_when(stack: DynamoLedger) -> None:
    stopped = event("task_stopped/cannot_pull.json")
    first = task_state.app.handler(stopped, CONTEXT)
    assert "on_record" not in first
    record = stack.run(stopped["detail"]["taskArn"].rsplit("/", 1)[-1])
    assert record is not None
    assert record.recorded_at is not None
    again = task_state.app.handler(stopped, CONTEXT)
    assert again.pop("on_record") == (
        f"Already on record since {record.recorded_at:%H:%M} UTC as {first['category']}. "
        "This event changed nothing; `cronmend event new --fresh` gives one a new task ID."
    )
    assert again == first


def queued(content: Any, received: int = 1) -> dict[str, Any]:
    """The batch in which Lambda passes the event of a queue."""
    batch = event("queued/stopped_run.json")
    (found,) = batch["Records"]
    found["body"] = json.dumps(content)
    found["attributes"]["ApproximateReceiveCount"] = str(received)
    return batch


@pytest.fixture
def dead_letters(stack: DynamoLedger, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Any]]:
    """Reads the queue of what the functions couldn't handle: body and reason."""
    client = boto3.client("sqs")
    for name in ("QUEUE_URL", "DEAD_LETTERS_URL"):
        monkeypatch.setenv(name, client.create_queue(QueueName=name.lower())["QueueUrl"])
    url = client.get_queue_url(QueueName="dead_letters_url")["QueueUrl"]

    def read() -> list[Any]:
        found = client.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", [])
        reasons = [each["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"] for each in found]
        return [(json.loads(each["Body"]), reason) for each, reason in zip(found, reasons, strict=True)]

    return read


def test_a_queued_event_is_handled_as_the_bare_one(stack: DynamoLedger) -> None:
    stopped = event("task_stopped/cannot_pull.json")
    assert task_state.app.handler(queued(stopped), CONTEXT) == {"batchItemFailures": []}
    assert stack.run(stopped["detail"]["taskArn"].rsplit("/", 1)[-1]) is not None


def test_a_run_that_just_succeeded_has_no_line_in_the_log(
    stack: DynamoLedger, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, category, lines in (("success", "success", 0), ("cannot_pull", "configuration_error", 1)):
        caplog.clear()
        task_state.app.handler(queued(event(f"task_stopped/{name}.json")), CONTEXT)
        assert [each.message for each in caplog.records].count("Run diagnosed") == lines, name
        assert f'"category":"{category}"' in capsys.readouterr().out


def test_a_queued_timer_is_handled_as_the_bare_one(stack: DynamoLedger) -> None:
    assert rerun.app.handler(queued(event("rerun/rerun.json")), CONTEXT) == {"batchItemFailures": []}


@pytest.mark.parametrize(
    ("name", "waits"),
    [("success", True), ("success_with_guardduty", True), ("rerun_success", False), ("exit_code_1", False)],
)
def test_only_the_event_of_a_scheduled_success_may_wait(name: str, *, waits: bool) -> None:
    assert task_state.app.consumer.may_wait(event(f"task_stopped/{name}.json")) is waits


@pytest.mark.parametrize(
    ("name", "handler"),
    [("no_task_arn", task_state.app.handler), ("timer_of_unknown_kind", rerun.app.handler)],
)
def test_a_bad_event_of_a_queue_is_a_dead_letter_at_once(
    name: str, handler: Callable[[dict[str, Any], LambdaContext], Any], dead_letters: Callable[[], list[Any]]
) -> None:
    bad = event(f"bad/{name}.json")
    assert handler(queued(bad), CONTEXT) == {"batchItemFailures": []}
    ((kept, reason),) = dead_letters()
    assert kept == bad
    assert reason


def test_the_event_of_a_run_that_could_not_be_diagnosed_is_kept(
    stack: DynamoLedger, dead_letters: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("price")

    monkeypatch.setattr("cronmend.use_cases.task_state.diagnose", broken)
    stopped = event("task_stopped/cannot_pull.json")
    assert task_state.app.handler(queued(stopped), CONTEXT) == {"batchItemFailures": []}
    ((kept, reason),) = dead_letters()
    assert kept == stopped
    words = "/cannot-pull: Cronmend couldn't diagnose the run: KeyError in use_cases/task_state.py, line "
    assert re.match(f"unattributed/[0-9a-f]{{8}}{re.escape(words)}", reason)
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    assert [item["sk"]["S"] for item in items if item["sk"]["S"].startswith("MESSAGE#")]
    task_state.app.handler(queued(stopped), CONTEXT)
    assert dead_letters() == []  # another event of the same run
    task_state.app.handler(queued(stopped, received=2), CONTEXT)
    assert len(dead_letters()) == 1  # the same delivery again: its first try may have ended before the letter


def test_an_unforeseen_error_is_logged_with_its_stack_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise KeyError("price")
    except KeyError as error:
        unforeseen(error, "jobs/a")
    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"UnforeseenErrors": [1.0], "service": "cronmend"}.items() <= entries[-1].items()


def test_a_stack_of_an_unforeseen_error_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise KeyError("price")
    except KeyError as error:
        unforeseen(error, "jobs/a")
    (entry,) = [each for each in caplog.records if each.message == "Unforeseen error"]
    assert entry.levelname == "ERROR"
    assert entry.exc_info is not None
    assert entry.exc_info[0] is KeyError


def stream(items: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventID": str(number),
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {"SequenceNumber": str(number), "NewImage": item, "Keys": {}},
            }
            for number, item in enumerate(items)
        ]
    }


def test_one_bad_record_does_not_stop_the_others(stack: DynamoLedger) -> None:
    change = alert_change()
    stack.commit(change, NOW)
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    (good,) = [item for item in items if item["sk"]["S"].startswith("MESSAGE#")]
    bad = {"pk": {"S": "JOB#x"}, "sk": {"S": "MESSAGE#x"}}
    answer = failure_alert.app.handler(stream([bad, good]), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    delivered = DynamoOutbox("ledger").deliveries(change.messages[0])
    assert {name: each.state.value for name, each in delivered.items()} == {"sns": "sent", "events": "sent"}


def test_a_batch_of_bad_records_alone_fails_as_a_whole(stack: DynamoLedger) -> None:
    record = event("bad/stream_record_without_message.json")
    with pytest.raises(BatchProcessingError):
        failure_alert.app.handler(record, CONTEXT)


def test_a_deployment_in_progress_brings_nothing_forward(stack: DynamoLedger) -> None:
    answer = deploy_state.app.handler(event("deploy_state/in_progress.json"), CONTEXT)
    assert answer == {
        "done": "the deployment of in-progress is in progress",
        "deploys": [],
        "brought_forward": [],
        "switched": [],
    }


def test_a_marker_is_kept_in_the_ledger(stack: DynamoLedger) -> None:
    answer = deploy_state.app.handler(event("deploy_state/marker_started.json"), CONTEXT)
    assert answer == {
        "done": "the deploy of 3f9c2ab: started",
        "deploys": [
            {
                "family": "marker-started",
                "signal": "pipeline_marker",
                "phase": "started",
                "deploy": "the deploy of 3f9c2ab",
                "since": "2026-05-06T10:52:10+00:00",
            }
        ],
        "brought_forward": [],
        "switched": [],
    }
    (item,) = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    assert item["sk"]["S"] == "marker-started#pipeline_marker"


def test_a_timer_of_an_incident_that_is_gone_runs_nothing(stack: DynamoLedger) -> None:
    answer = rerun.app.handler(event("rerun/rerun.json"), CONTEXT)
    assert answer["done"] == "no re-run is planned"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LEDGER_TABLE", "", "LEDGER_TABLE is not set"),
        ("DEFAULT_RERUN_POLICY", "on", "DEFAULT_RERUN_POLICY is 'on': write one of safe, unstarted, never"),
        ("MAX_ATTEMPTS", "many", "MAX_ATTEMPTS is 'many': write a whole number"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        Settings.from_env({**ENVIRONMENT, name: value})


def test_settings_read_what_the_template_writes() -> None:
    settings = Settings.from_env({**ENVIRONMENT, "DEPLOY_LIMIT_SECONDS": "60", "MODE_PARAMETER": "/cronmend/mode"})
    assert (settings.bounds.deploy_limit, settings.mode_parameter) == (timedelta(minutes=1), "/cronmend/mode")


def test_without_slack_only_the_topic_gets_messages(stack: DynamoLedger) -> None:
    without = alert_wiring.use_case().deliverer.channel
    with_slack = alert_wiring.use_case(
        {**ENVIRONMENT, "TOPIC_ARN": "arn", "SLACK_SECRET_ARN": "arn:secret"}
    ).deliverer.channel
    names = ("slack", "slack:C012AB3CD", "sns", "events", "pager")
    assert [name for name in names if without(name)] == ["sns", "events"]
    assert [name for name in names if with_slack(name)] == ["slack", "slack:C012AB3CD", "sns", "events"]


def test_the_samples_are_json_objects() -> None:
    for path in EVENTS.rglob("*.json"):
        assert isinstance(json.loads(path.read_text(encoding="utf-8")), dict), path


def test_a_requested_run_is_answered_with_the_guards_that_block_it(stack: DynamoLedger) -> None:
    rerun.app.request_use_case.cache_clear()
    run_request = {"kind": "manual", "job": "cronmend-jobs/gone", "id": "w1", "force": True}
    answer = rerun.app.handler(run_request, CONTEXT)
    assert (answer["task_arn"], answer["blockers"]) == ("", ())
    assert "the schedule cronmend-jobs/gone doesn't exist" in answer["done"]
    with pytest.raises(BadEvent, match="cronmend rerun"):
        rerun.app.handler({"kind": "manual", "id": "w1"}, CONTEXT)
    rerun.app.request_use_case.cache_clear()


def test_a_reconciliation_with_nothing_to_do_is_seven_reads_a_write_and_a_heartbeat(
    stack: DynamoLedger, capsys: pytest.CaptureFixture[str]
) -> None:
    """Overdue promises, active tasks, the timetables and when they were checked, the lists of schedules and rules, and
    the findings, of which the first check has examined the sources."""
    boto3.client("ecs").create_cluster(clusterName="app-prod")
    reconcile.app.handler(event("reconcile/overdue.json"), CONTEXT)
    capsys.readouterr()
    with RECORDER.fresh() as recorder:
        answer = reconcile.app.handler(event("reconcile/overdue.json"), CONTEXT)
        calls = [each.need.action for each in recorder.calls]
    nothing = {"overdue": 0, "woken": [], "failed": [], "remaining": 0}
    nothing |= {"tasks": 0, "overdue_runs": [], "stopped": [], "unread": []}
    assert answer == {**nothing, "slots": 0, "missed": [], "unchecked": [], "left": 0, "findings": []}
    lists = ["dynamodb:GetItem", "dynamodb:Query", "scheduler:ListSchedules", "events:ListRules"]
    assert calls == ["dynamodb:Query", "ecs:ListTasks", *lists, "dynamodb:PutItem", "dynamodb:Query"]
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "LatePromises" in line]
    assert [(each["LatePromises"], each["function"]) for each in metrics] == [([0.0], "cronmend-test")]


def test_what_is_overdue_is_woken_and_named_in_the_log(
    stack: DynamoLedger, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = NOW - timedelta(days=200)
    stack.commit(alert_change(), written)
    woken: list[str] = []
    use_case = reconcile.app.use_case()
    monkeypatch.setattr(use_case.wakeups, "wake", lambda timer: woken.append(timer.kind))
    answer = reconcile.app.handler({}, CONTEXT)
    assert woken == [each["kind"] for each in answer["woken"]] == ["deliver"]
    assert "Overdue promise triggered" in caplog.text
