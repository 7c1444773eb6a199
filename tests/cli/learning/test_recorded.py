"""`cronmend learn TASK`: a run of the deployed stack, against a stack in moto."""

import json
import time
from collections.abc import Mapping
from copy import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from cli.learning import recorded
from cli.main import app
from cli.on_call.stack import CommandError, Stack
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.model import WindowState
from cronmend.model.incident import Change
from cronmend.redact import redact
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW
from tests.samples import JOB, RACE_LOG, stopped
from tests.use_cases.world import World

TASK = "0123456789abcdef0123456789abcdef"
LOG = ("token=s3cr3ts3cr3t of acct-4711", *(line or " " for line in RACE_LOG))
"""CloudWatch Logs has no empty event."""
GONE: Mapping[str, Any] = {"tasks": [], "failures": [{"reason": "MISSING"}]}


class FakeEcs:
    """ECS that has one stopped task, or none."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.answer = answer

    def describe_tasks(self, cluster: str, tasks: list[str]) -> Mapping[str, Any]:
        assert cluster.endswith("cluster/app-prod")
        return self.answer if tasks == [TASK] else GONE


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack with one failed run, whose log is in CloudWatch Logs and whose task ECS no longer has."""
    ledger: DynamoLedger = table()
    monkeypatch.setattr(Stack, "outputs", {"LedgerTable": "ledger"})
    monkeypatch.setattr(Stack, "parameters", {"Cluster": "app-prod", "RedactPatterns": "acct-[0-9]+"})
    has(monkeypatch, GONE)
    world = World()
    record = world.fails(stopped(TASK))
    job_state = world.ledger.read(JOB)
    ledger.commit(Change(replace(job_state, version=0), record), NOW)
    assert job_state.incident
    assert job_state.incident.failed
    assert job_state.incident.failed.log
    place, logs = job_state.incident.failed.log, boto3.client("logs")
    logs.create_log_group(logGroupName=place.group)
    logs.create_log_stream(logGroupName=place.group, logStreamName=place.stream)
    now = int(time.time() * 1000)
    logs.put_log_events(
        logGroupName=place.group,
        logStreamName=place.stream,
        logEvents=[{"timestamp": now, "message": line} for line in LOG],
    )
    return Stack("cronmend", None, None)


def has(monkeypatch: pytest.MonkeyPatch, answer: Mapping[str, Any]) -> None:
    original = Stack.client
    fake = FakeEcs(answer)
    monkeypatch.setattr(Stack, "client", lambda self, name: fake if name == "ecs" else original(self, name))


def test_a_task_that_ecs_forgot_is_learned_from_its_incident_and_its_log(stack: Stack) -> None:
    failure = recorded.failure_of(TASK, stack)
    assert (failure.deploy, failure.container, failure.log) == (WindowState.OPEN, "web", LOG)
    assert failure.source == f"task {TASK} of {JOB}"
    assert failure.said == "deploy_race/rerun by postgresql.schema"
    assert failure.event["containers"][0]["exitCode"] == 1


def test_a_task_that_ecs_still_has_is_learned_as_ecs_describes_it(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = "arn:aws:ecs:eu-west-2:111122223333"
    task = {
        "taskArn": f"{arn}:task/app-prod/{TASK}",
        "clusterArn": f"{arn}:cluster/app-prod",
        "taskDefinitionArn": f"{arn}:task-definition/webapp:2",
        "lastStatus": "STOPPED",
        "stopCode": "UserInitiated",
        "stoppedReason": "watchdog",
        "createdAt": NOW,
        "containers": [{"name": "web", "exitCode": 143}],
    }
    has(monkeypatch, {"tasks": [task]})
    failure = recorded.failure_of(f"{arn}:task/app-prod/{TASK}", stack)
    assert failure.redacted(redact).event["createdAt"] == NOW.isoformat()
    assert failure.sample.evidence.task.stop_code == "UserInitiated"


def test_the_stacks_own_redaction_hides_what_is_written(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["learn", TASK, "--name", "race"])
    assert done.exit_code == 0, done.output
    written = json.loads((tmp_path / "account/rules/race.jsonl").read_text(encoding="utf-8"))
    assert written["log"][0] == "token=[hidden] of [hidden]"


def test_a_run_of_which_too_little_is_left_is_refused_with_the_remedy(stack: Stack) -> None:
    world = World()
    never_ran = replace(stopped("e" * 32), stop_code="TaskFailedToStart", containers=())
    record = world.fails(never_ran)
    stack.ledger.commit(Change(replace(world.ledger.read(record.job), version=1), record), NOW)
    with pytest.raises(CommandError, match=r"ECS no longer has task 'e+', .* run `cronmend learn LOG --event FILE`\."):
        recorded.failure_of("e" * 32, stack)
    with pytest.raises(CommandError, match="The ledger has no run of task 'none'"):
        recorded.failure_of("none", stack)


def test_a_log_that_is_gone_is_named(stack: Stack) -> None:
    boto3.client("logs").delete_log_group(logGroupName="/ecs/app-prod")
    with pytest.raises(CommandError, match=r"The log can't be read: the log doesn't exist: .* Save it to a file"):
        recorded.failure_of(TASK, stack)
