"""The deployed stack under faults: every failure ends in a record and in one conversation with people."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from cli.demo.stage import Stage, deployed
from cli.main import app
from local.account import SLACK_CHANNEL, STACK, LocalAccount
from tests.samples import event
from tests.waiting import until

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with LocalAccount(tmp_path_factory.mktemp("faults") / "account") as account:
        yield deployed(account, lambda line: None)


FATAL = (
    "DynamoDB_20120810.TransactWriteItems",
    "DynamoDB_20120810.PutItem",
    "DynamoDB_20120810.UpdateItem",
    "DynamoDB_20120810.Query",
    "POST /schedules/",
)
"""Calls after which functions are killed: they have taken effect, and nobody gets their answer."""


def failure(name: str, **detail: Any) -> dict[str, Any]:
    """The end of a run of a job of its own, which no schedule starts."""
    sample, task = event("task_stopped/exit_code_1.json"), uuid4().hex
    arn = f"{sample['detail']['clusterArn'].replace(':cluster/', ':task/')}/{task}"
    changed = {"taskArn": arn, "startedBy": f"chronos-schedule/{name}", **detail}
    return {**sample, "id": str(uuid4()), "resources": [arn], "detail": {**sample["detail"], **changed}}


def records(stage: Stage, name: str) -> list[str]:
    return [run.task_id for run in stage.runs() if name in run.job]


def posts(stage: Stage, name: str) -> list[str]:
    """The texts of the job's own messages in Slack, without updates."""
    return [each.text for each in stage.account.slack.messages() if name in each.text and not each.update_of]


def is_shown(stage: Stage, name: str) -> bool:
    """Whether Slack shows the job, in a message of its own or in one about several jobs of one cause."""
    return any(name in f"{each.text}{each.blocks}" for each in stage.account.slack.messages())


def delivered(stage: Stage, name: str) -> bool:
    messages = [each for each in stage.messages() if name in each.job]
    return bool(messages) and all(stage.is_delivered(each) for each in messages)


def test_functions_that_are_killed_lose_no_failure(stage: Stage) -> None:
    """One failure for each kind of call, all at once: what one kill has stopped is finished while others happen."""
    names = [f"killed-{uuid4().hex[:8]}" for _ in FATAL]
    sent = {name: failure(name) for name in names}
    stage.account.kill_functions_after(FATAL, times=2)
    for each in sent.values():
        stage.account.bus.publish(each)
    assert until(lambda: stage.account.kills() == 2 * len(FATAL)), stage.account.kills()
    assert until(
        lambda: all(delivered(stage, name) and is_shown(stage, name) for name in names), stage.account.reconcile
    )
    for name, each in sent.items():
        assert records(stage, name) == [each["detail"]["taskArn"].rsplit("/", 1)[-1]]
    assert sum(len(posts(stage, name)) for name in names) <= len(names) + 2 * len(FATAL)


def test_events_that_arrive_twice_and_out_of_order_are_one_failure(stage: Stage) -> None:
    name = f"twice-{uuid4().hex[:8]}"
    ended = failure(name)
    running = {**ended, "id": str(uuid4()), "detail": {**ended["detail"], "lastStatus": "DEPROVISIONING", "version": 4}}
    for each in (ended, ended, running, ended):
        stage.account.bus.publish(each)
    assert until(stage.is_handled, stage.account.redeliver)
    assert until(lambda: delivered(stage, name))
    assert until(lambda: is_shown(stage, name))
    assert len(records(stage, name)) == 1
    assert len(posts(stage, name)) <= 1


def test_the_stream_replayed_from_its_start_sends_nothing_again(stage: Stage) -> None:
    name = f"replayed-{uuid4().hex[:8]}"
    stage.account.bus.publish(failure(name))
    assert until(lambda: delivered(stage, name))
    assert until(lambda: is_shown(stage, name))
    before = [each.ts for each in stage.account.slack.messages()]
    function = stage.account.output("FailureAlertFunctionName")
    for batch in stream(stage):
        answer = stage.account.clients.functions.invoke(
            FunctionName=function, Payload=json.dumps({"Records": batch}).encode()
        )
        assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}
    assert [each.ts for each in stage.account.slack.messages()] == before


def stream(stage: Stage) -> Iterator[list[Any]]:
    """Every record of a new message that the ledger's stream still holds, in batches as Lambda gets them."""
    streams = stage.account.clients.of("dynamodbstreams")
    (arn,) = (each["StreamArn"] for each in streams.list_streams(TableName=stage.table)["Streams"])
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        place = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        while found := (answer := streams.get_records(ShardIterator=place, Limit=100))["Records"]:
            new = [each for each in found if is_new(each)]
            if new:
                yield [{**json.loads(json.dumps(each, default=str)), "eventSourceARN": arn} for each in new]
            place = answer["NextShardIterator"]


def is_new(record: Any) -> bool:
    key: str = record["dynamodb"]["Keys"]["sk"]["S"]
    return record["eventName"] == "INSERT" and key.startswith("MESSAGE#")


def test_an_item_that_cannot_be_read_stops_no_other_message(stage: Stage) -> None:
    name = f"beside-{uuid4().hex[:8]}"
    stage.account.clients.dynamodb.put_item(
        TableName=stage.table,
        Item={
            "pk": {"S": "JOB#poison"},
            "sk": {"S": "MESSAGE#x#alert"},
            "message": {"S": "{"},
        },
    )
    stage.account.bus.publish(failure(name))
    assert until(lambda: delivered(stage, name) and is_shown(stage, name))


def test_a_throttled_table_delays_failures_and_loses_none(stage: Stage) -> None:
    names = [f"throttled-{uuid4().hex[:8]}" for _ in range(4)]
    stage.account.throttle(on=True)
    for name in names:
        stage.account.bus.publish(failure(name))
    assert until(stage.is_handled, stage.account.redeliver)
    _, rejected = stage.account.throttle(on=False)
    assert rejected
    assert until(lambda: all(records(stage, name) for name in names), stage.account.redeliver)
    assert until(lambda: all(delivered(stage, name) and is_shown(stage, name) for name in names))


def letters(stage: Stage) -> int:
    """About how many messages to people are in the dead-letter queue."""
    url = stage.account.output("FailureAlertDeadLettersUrl")
    answer = stage.account.clients.sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def test_redrive_empties_the_queue_once_slack_accepts_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    name, before = f"refused-{uuid4().hex[:8]}", letters(stage)
    stage.account.slack.archive(SLACK_CHANNEL)
    stage.account.bus.publish(failure(name))
    assert until(lambda: letters(stage) > before)
    stage.account.slack.restore(SLACK_CHANNEL)
    for variable, value in stage.account.endpoints.environment().items():
        monkeypatch.setenv(variable, value)
    done = CliRunner().invoke(app, ["redrive", "--json", "--stack-name", STACK])
    results = json.loads(done.stdout)
    assert results
    assert [each for each in results if not each["done"]] == []
    assert letters(stage) == 0
    assert until(lambda: is_shown(stage, name))
