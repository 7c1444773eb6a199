"""Cronmend as CloudFormation deploys it: template, rules, queues and functions together."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.demo.stage import PUBLISH, REPORT, Stage, deployed
from cronmend.model.incident import IncidentState, JobState, RunRecord
from local.account import LocalAccount
from local.past import Past
from tests.incidents import RACE
from tests.samples import event
from tests.waiting import SECONDS, until

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with LocalAccount(tmp_path_factory.mktemp("deployed") / "account") as account:
        made = deployed(account, lambda line: None)
        account.site.manage(1, "migrate", "-v0")
        revision = account.pipeline.register_release(1)
        account.pipeline.create_service(revision)
        for job in (PUBLISH, REPORT):
            group, name = job.split("/")
            account.pipeline.move_schedule(group, name, revision)
        yield made


def outputs(stage: Stage) -> dict[str, str]:
    stacks = stage.account.clients.cloudformation.describe_stacks(StackName="cronmend")["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stacks[0]["Outputs"]}


def taken(stage: Stage, queue: str) -> list[Any]:
    """The dead letters of the queue that this output names; they leave it."""
    sqs, url = stage.account.clients.sqs, outputs(stage)[queue]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for each in found:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return [json.loads(each["Body"]) for each in found]


@pytest.mark.parametrize(
    ("function", "queue", "path"),
    [
        ("TaskStateFunctionName", "TaskStateDeadLettersUrl", "bad/unknown_last_status.json"),
        ("DeployStateFunctionName", "DeployStateDeadLettersUrl", "bad/deploy_names_no_cluster.json"),
        ("RerunFunctionName", "RerunDeadLettersUrl", "bad/timer_of_unknown_kind.json"),
    ],
)
def test_a_bad_event_is_kept_whole_and_leaves_no_record(stage: Stage, function: str, queue: str, path: str) -> None:
    names, clients, bad = outputs(stage), stage.account.clients, event(path)
    before = len(stage.runs())
    clients.functions.invoke(FunctionName=names[function], InvocationType="Event", Payload=json.dumps(bad))
    (letter,) = until(lambda: taken(stage, queue))
    kept: dict[str, Any] = letter["requestPayload"]
    assert {key: kept[key] for key in bad} == bad  # the emulator adds fields of its own
    assert len(stage.runs()) == before


def test_a_channel_that_fails_for_a_while_gets_its_message_later_and_the_other_gets_it_once(stage: Stage) -> None:
    stage.account.slack.fail_next(1, status=503)
    stage.record(stage.fire(REPORT))
    incident = stage.incident(REPORT)
    (message,) = until(lambda: [each for each in stage.messages() if each.incident == incident.id])
    assert stage.message(incident, message.report.kind)
    told = [each.channel for each in stage.arrived() if each.job == REPORT]
    assert sorted(told) == ["slack", "sns"]


def test_a_held_alert_whose_timer_was_lost_is_sent_once_after_reconcile_has_run(stage: Stage) -> None:
    job, deadline = "site/lost-timer", datetime.now(UTC) - timedelta(minutes=10)
    held = replace(RACE, id="lost-timer", job=job, state=IncidentState.HEALING, held_until=deadline, planned=None)
    Past(stage.account.clients, stage.table).remember(JobState(job, incident=held))
    reconcile = outputs(stage)["ReconcileFunctionName"]
    answer = json.loads(stage.account.clients.functions.invoke(FunctionName=reconcile)["Payload"].read())
    assert {"kind": "release", "job": job} in answer["woken"]
    (message,) = until(lambda: [each for each in stage.messages() if each.job == job])
    assert until(lambda: stage.is_delivered(message))
    again = json.loads(stage.account.clients.functions.invoke(FunctionName=reconcile)["Payload"].read())
    assert job not in {each["job"] for each in again["woken"]}


def test_a_task_of_a_service_belongs_to_no_job(stage: Stage) -> None:
    stage.account.bus.publish(event("task_stopped/service_task.json"))
    stage.account.bus.publish(event("task_stopped/other_cluster.json"))
    assert stage.account.bus.idle(30)
    delivered = [delivery for delivery in stage.account.bus.journal() if "TaskStateQueue" in delivery.target]
    assert delivered
    strangers = {event(f"task_stopped/{name}.json")["id"] for name in ("service_task", "other_cluster")}
    assert not strangers & {delivery.event["id"] for delivery in delivered}


def test_a_bad_event_of_the_rule_is_a_dead_letter_at_once(stage: Stage) -> None:
    """No hours of retries: nothing can make it usable."""
    bad = event("task_stopped/success.json")
    del bad["detail"]["taskArn"]
    stage.account.bus.publish(bad)
    assert until(lambda: taken(stage, "TaskStateDeadLettersUrl")) == [bad]


def recorded(stage: Stage, task: str) -> RunRecord | None:
    return next((each for each in stage.runs() if each.task_id == task.rsplit("/", 1)[-1]), None)


def test_a_function_that_fails_several_times_in_a_row_loses_nothing(stage: Stage) -> None:
    """Without its table, task_state can do nothing; its queue keeps the run until the table is back."""
    function = outputs(stage)["TaskStateFunctionName"]
    with without_table(stage, function):
        task = stage.fire(REPORT)
        assert stage.account.wait_until_stopped(task, SECONDS)
        assert until(lambda: retries(stage, function) >= 3, stage.account.redeliver)
        assert recorded(stage, task) is None
    record = until(lambda: recorded(stage, task), stage.account.redeliver)
    assert record is not None
    assert record.job == REPORT
    assert taken(stage, "TaskStateDeadLettersUrl") == []


@contextmanager
def without_table(stage: Stage, function: str) -> Iterator[None]:
    functions = stage.account.clients.functions
    given = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=function, Environment={"Variables": {**given, "LEDGER_TABLE": "gone"}}
    )
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=function, Environment={"Variables": given})


def retries(stage: Stage, function: str) -> int:
    logs = stage.account.clients.logs
    entries = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
    return sum("Event delivered again later" in each["message"] for each in entries)


def test_a_whole_hour_in_the_deployed_account(stage: Stage) -> None:
    stage.account.site.manage(1, "seed")
    record = stage.record(stage.fire(PUBLISH))
    assert (record.job, record.category.value, record.attempt) == (PUBLISH, "success", 1)
