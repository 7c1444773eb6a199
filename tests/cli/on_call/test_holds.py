"""`cronmend hold`, against a stack in moto whose rerun function runs in this process."""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

import rerun.app
from cli.main import app
from cli.on_call import holds
from cli.on_call.stack import CommandError, Stack
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.schedule_switches import SchedulerSwitches
from cronmend.deploys.holds import Hold, HoldState, kept, leased, new_hold
from tests.adapters.ledger.test_ledger import table
from tests.wiring.test_handlers import CONTEXT, ENVIRONMENT

RUN = CliRunner()
CLUSTER = "arn:aws:ecs:eu-west-2:123456789012:cluster/app-prod"
GROUP = "site"
TARGET: Any = {
    "Arn": CLUSTER,
    "RoleArn": "arn:aws:iam::123456789012:role/scheduler",
    "Input": '{"containerOverrides": [{"name": "web", "command": ["a", "b"]}]}',
    "EcsParameters": {
        "TaskDefinitionArn": "arn:aws:ecs:eu-west-2:123456789012:task-definition/webapp",
        "LaunchType": "FARGATE",
    },
}


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoHolds]:
    def ask(self: Stack, function: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        assert function == "RerunFunctionName"
        with redirect_stdout(io.StringIO()):  # its log
            answer: Mapping[str, Any] = rerun.app.handler(json.loads(json.dumps(payload)), CONTEXT)
        return answer

    for name, value in {**ENVIRONMENT, "CLUSTERS": CLUSTER, "CLUSTER_ARN_PREFIX": ""}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Stack, "outputs", {"LedgerTable": "ledger"})
    monkeypatch.setattr(Stack, "ask", ask)
    monkeypatch.setattr(holds, "PAUSE_SECONDS", 0)
    for group in ("timers", GROUP):
        boto3.client("scheduler").create_schedule_group(Name=group)
    table()
    built = (rerun.app.timer_use_case, rerun.app.hold_use_case)
    for each in built:
        each.cache_clear()
    yield DynamoHolds("ledger")
    for each in built:
        each.cache_clear()


def held(stack: DynamoHolds, name: str) -> Mapping[str, Any]:
    """Hold a schedule; returns it as it was. It runs once a year, so it misses no slot."""
    scheduler = boto3.client("scheduler")
    scheduler.create_schedule(
        GroupName=GROUP,
        Name=name,
        ScheduleExpression="cron(0 0 1 1 ? *)",
        ScheduleExpressionTimezone="Europe/London",
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
        Target=TARGET,
        Description="theirs",
    )
    before = schedule(name)
    hold = hold_of(name)
    stack.put(hold)
    SchedulerSwitches().hold(hold.job, hold.mark)
    assert schedule(name)["State"] == "DISABLED"
    return before


def hold_of(name: str) -> Hold:
    now = datetime.now(UTC)
    made = new_hold(f"{GROUP}/{name}", CLUSTER, "webapp", "deploy-7", now, now + timedelta(minutes=30))
    return kept(made, made.until)


def schedule(name: str) -> dict[str, Any]:
    found: dict[str, Any] = dict(boto3.client("scheduler").get_schedule(GroupName=GROUP, Name=name))
    return {key: value for key, value in found.items() if key not in {"ResponseMetadata", "LastModificationDate"}}


def output(*arguments: str, code: int = 0) -> str:
    result = RUN.invoke(app, ["hold", *arguments])
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def test_every_held_schedule_is_as_it_was(stack: DynamoHolds) -> None:
    before = {name: held(stack, name) for name in ("report", "sync")}
    assert [each["job"] for each in json.loads(output("list", "--json"))] == ["site/report", "site/sync"]
    assert "deploy-7" in output("list")
    done = output("release", "--all")
    assert "site/report continues" in done
    assert {name: schedule(name) for name in before} == before
    assert stack.of(CLUSTER) == []
    assert output("list") == output("release", "--all") == "No schedule is held."


def test_one_job_is_released_by_its_name_alone(stack: DynamoHolds) -> None:
    held(stack, "report")
    held(stack, "sync")
    output("release", "sync")
    assert [each.job for each in stack.of(CLUSTER)] == ["site/report"]
    assert schedule("report")["State"] == "DISABLED"
    assert "No held schedule is named 'nightly' (held: site/report)." in output("release", "nightly", code=1)


def test_a_schedule_that_a_person_disabled_stays_disabled(stack: DynamoHolds) -> None:
    held(stack, "report")
    stack.remove(stack.of(CLUSTER)[0])
    assert output("release", "--all") == "No schedule is held."
    assert schedule("report")["State"] == "DISABLED"


def test_another_invocation_that_is_switching_the_schedule_is_waited_for(
    stack: DynamoHolds, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(stack, "report")
    (hold,) = stack.of(CLUSTER)
    busy = stack.put(leased(replace(hold, state=HoldState.HOLDING), datetime.now(UTC)))
    assert busy
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        """The other invocation gets done meanwhile."""
        waits.append(seconds)
        current = stack.get(CLUSTER, hold.job)
        assert current
        assert stack.put(kept(current, current.until))

    monkeypatch.setattr("cli.on_call.holds.sleep", sleep)
    assert "site/report: waiting for another invocation" in output("release", "--all")
    assert len(waits) == 1
    assert schedule("report")["State"] == "ENABLED"


def test_one_that_cannot_be_released_stops_no_other_and_is_named(
    stack: DynamoHolds, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(stack, "report")
    held(stack, "sync")
    ask = Stack.ask

    def fails(self: Stack, function: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        if payload["job"] == "site/report":
            raise CommandError("The function failed: it may not update the schedule.")
        return ask(self, function, payload)

    monkeypatch.setattr(Stack, "ask", fails)
    said = output("release", "--all", code=1)
    assert "it may not update the schedule." in said
    assert "1 schedule still held: site/report. Run the command again" in said
    assert schedule("sync")["State"] == "ENABLED"


def test_a_schedule_that_was_deleted_meanwhile_is_forgotten(stack: DynamoHolds) -> None:
    stack.put(hold_of("gone"))
    assert "no longer exists" in output("release", "--all")
    assert stack.of(CLUSTER) == []


def test_release_needs_a_job_or_all(stack: DynamoHolds) -> None:
    assert "Name one job, or use --all." in output("release", code=2)
    assert "Name one job, or use --all." in output("release", "report", "--all", code=2)
