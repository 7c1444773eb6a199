"""Policies of schedules that are defined elsewhere: a misspelt name is told, and so is a schedule without a policy."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from typer.testing import CliRunner

from cli.jobs import account_commands
from cli.jobs.answers import Answer, Home
from cli.jobs.app import jobs_app
from cli.jobs.aws import LiveSchedules
from cli.jobs.unmatched import groups, unmatched

FILE = """
[jobs.production-daily-management-command]
managed = false
group = "default"

[jobs.production-linkchek-command]
managed = false
group = "default"

[jobs.nightly]
managed = false
group = "events-rule"
"""
LIVE = {
    "default": ["production-daily-management-command", "production-linkcheck-command"],
    "events-rule": ["nightly"],
}


@dataclass
class FakeSchedules:
    live: dict[str, list[str]] = field(default_factory=lambda: LIVE)

    def home(self) -> Home:
        return Home("111122223333", "eu-west-2")

    def all_in(self, group: str) -> Iterator[Answer]:
        yield from ()

    def starting_tasks(self, group: str) -> Iterator[str]:
        yield from (f"{group}/{name}" for name in self.live.get(group, []))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(account_commands, "LiveSchedules", lambda _: FakeSchedules())
    monkeypatch.setattr(account_commands, "LiveAccount", lambda _: None)
    path = tmp_path / "jobs.toml"
    path.write_text(FILE)
    return path


def test_each_side_is_compared_with_the_other() -> None:
    found = unmatched(["default/a", "default/nightlly"], ["default/a", "default/nightly"])
    assert (found.policies, found.schedules) == (("default/nightlly",), ("default/nightly",))
    assert found.nearest("default/nightlly") == "default/nightly"
    assert found.nearest("default/else") == ""


def test_the_groups_of_the_policies_are_read_once_each() -> None:
    assert list(groups(["default/a", "default/b", "x/c"], "cronmend-jobs")) == ["cronmend-jobs", "default", "x"]


def test_the_check_names_both_in_the_live_account(file: Path) -> None:
    result = CliRunner().invoke(jobs_app, ["check", str(file), "--live"])
    assert result.exit_code == 1
    assert f"{file}:6 mistake jobs.production-linkchek-command: no live schedule" in result.output
    assert "Write default/production-linkcheck-command" in result.output
    assert "warning jobs: the live schedule default/production-linkcheck-command has no policy here" in result.output


def test_the_difference_names_both(file: Path) -> None:
    result = CliRunner().invoke(jobs_app, ["diff", str(file)])
    assert result.exit_code == 2
    (line,) = result.stdout.splitlines()
    assert line.startswith("default/production-linkchek-command: its policy matches no live schedule")
    assert line.endswith("the nearest is default/production-linkcheck-command")
    assert "note: default/production-linkcheck-command has no policy in the file" in result.stderr


CLUSTER = "arn:aws:ecs:eu-west-2:111122223333:cluster/app"


def test_only_what_starts_a_task_is_live() -> None:
    arns = {
        "task": CLUSTER,
        "universal": "arn:aws:scheduler:::aws-sdk:ecs:runTask",
        "function": "arn:aws:lambda:eu-west-2:111122223333:function:f",
    }
    with mock_aws():
        session = boto3.Session(region_name="eu-west-2")
        client = session.client("scheduler")
        for name, arn in arns.items():
            client.create_schedule(
                Name=name,
                ScheduleExpression="rate(1 day)",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target={"Arn": arn, "RoleArn": "arn:aws:iam::111122223333:role/r"},
            )
        schedules = LiveSchedules(session)
        assert sorted(schedules.starting_tasks("default")) == ["default/task", "default/universal"]
        assert list(schedules.starting_tasks("no-such-group")) == []


def test_a_rule_with_a_schedule_and_a_task_is_live() -> None:
    session = boto3.Session(region_name="eu-west-2")
    events = session.client("events", aws_access_key_id="x", aws_secret_access_key="x")
    target: dict[str, Any] = {"Id": "1", "Arn": CLUSTER, "EcsParameters": {"TaskDefinitionArn": "arn:t"}}
    with Stubber(events) as stub:
        rules = [{"Name": "nightly", "ScheduleExpression": "rate(1 day)"}, {"Name": "on-event"}]
        stub.add_response("list_rules", {"Rules": [*rules, {"Name": "f", "ScheduleExpression": "rate(1 day)"}]})
        stub.add_response("list_targets_by_rule", {"Targets": [target]}, {"Rule": "nightly"})
        stub.add_response("list_targets_by_rule", {"Targets": [{"Id": "1", "Arn": "arn:f"}]}, {"Rule": "f"})
        assert list(Clients(events).starting_tasks("events-rule")) == ["events-rule/nightly"]


class Clients(LiveSchedules):
    def __init__(self, events: Any) -> None:
        self._session = cast("boto3.Session", Session(events))


@dataclass
class Session:
    events: Any

    def client(self, name: str) -> Any:
        return {"events": self.events}[name]
