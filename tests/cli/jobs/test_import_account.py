"""From the account: schedules, EventBridge rules, and the container that only a task definition names."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.jobs import import_command
from cli.jobs.answers import Answer
from cli.jobs.app import jobs_app
from cronmend.errors import Permanent
from tests.cli.jobs.samples import parsed
from tests.cli.jobs.terraform import CLUSTER, TASK, resource, rule, state, target

RUN = CliRunner()
ECS = {"TaskDefinitionArn": TASK, "LaunchType": "FARGATE", "Tags": [{"key": "cronmend:rerun", "value": "safe"}]}
NIGHTLY = {
    "Name": "nightly",
    "GroupName": "default",
    "ScheduleExpression": "rate(1 day)",
    "Target": {"Arn": CLUSTER, "EcsParameters": ECS},
}
RULE = {"Name": "hourly", "Arn": "arn:rule", "ScheduleExpression": "rate(1 hour)", "State": "ENABLED"}


def task(name: str, **changes: Any) -> dict[str, Any]:
    return {"Id": name, "Arn": CLUSTER, "EcsParameters": {"TaskDefinitionArn": TASK, **changes}}


@dataclass
class FakeSchedules:
    def all_in(self, group: str) -> Iterator[Answer]:
        yield from [NIGHTLY] if group == "default" else []

    def rules(self) -> Iterator[tuple[Answer, list[Answer]]]:
        yield RULE, [task("1"), {"Id": "2", "Arn": "arn:function"}]
        yield {**RULE, "Name": "both"}, [task("a"), task("b")]

    def tags_of(self, rule: str) -> Mapping[str, str]:
        return {"cronmend:rerun": "never", "cronmend:owner": "web team", "team": "web"}


@dataclass
class FakeAccount:
    def task_definition(self, reference: str) -> Answer | None:
        return {"containerDefinitions": [{"name": "web"}, {"name": "agent", "essential": False}]}


@dataclass
class Closed:
    def task_definition(self, reference: str) -> Answer | None:
        raise Permanent("ecs:DescribeTaskDefinition is not allowed")


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_command, "LiveSchedules", lambda _: FakeSchedules())
    monkeypatch.setattr(import_command, "LiveAccount", lambda _: FakeAccount())


def imported(*arguments: str) -> Any:
    result = RUN.invoke(jobs_app, ["import", *arguments])
    assert result.exit_code == 0, result.output
    return parsed(result.stdout)["jobs"]


def test_the_container_is_that_of_the_task_definition() -> None:
    assert imported()["nightly"]["container"] == "web"


def test_a_task_definition_that_cannot_be_read_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_command, "LiveAccount", lambda _: Closed())
    result = RUN.invoke(jobs_app, ["import"])
    assert "container" not in parsed(result.stdout)["jobs"]["nightly"]
    assert "its containers couldn't be read: ecs:DescribeTaskDefinition" in " ".join(result.stderr.split())


def test_a_file_is_completed_from_the_account_only_if_asked(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(
        state(
            rule("aws_cloudwatch_event_rule.r", "rate(1 day)", name="nightly"),
            target("aws_cloudwatch_event_target.t", ["a"], rule="nightly", input=None),
        )
    )
    assert "container" not in imported(str(file))["nightly"]
    assert imported(str(file), "--live")["nightly"]["container"] == "web"


def test_the_rules_of_eventbridge_become_jobs() -> None:
    jobs = imported("--group", "events-rule")
    assert set(jobs) == {"hourly", "both-a", "both-b"}
    assert jobs["hourly"]["schedule"] == "rate(1 hour)"


def test_a_missing_group_is_an_error() -> None:
    result = RUN.invoke(jobs_app, ["import", "--group", "none"])
    assert (result.exit_code, "has no schedules" in result.stderr) == (1, True)


def test_policies_alone_come_from_the_tags_of_the_task() -> None:
    assert imported("--watch")["nightly"] == {
        "managed": False,
        "group": "default",
        "container": "web",
        "rerun": "safe",
    }


def test_policies_of_a_rule_come_from_its_tags() -> None:
    result = RUN.invoke(jobs_app, ["import", "--group", "events-rule", "--watch"])
    assert parsed(result.stdout)["jobs"] == {
        "hourly": {"managed": False, "group": "events-rule", "container": "web", "owner": "web team", "rerun": "never"}
    }
    assert "both-a: its rule starts several tasks" in " ".join(result.stderr.split())


def test_policies_from_terraforms_state_pass_the_check(tmp_path: Path) -> None:
    tags = {"cronmend:rerun": "safe", "cronmend:attempts": "5", "cronmend:memory_step": "true", "team": "web"}
    override = {"containerOverrides": [{"name": "web", "command": "a"}]}
    ecs = {"task_definition_arn": TASK, "tags": tags}
    block = {"arn": CLUSTER, "ecs_parameters": [ecs], "input": json.dumps(override)}
    values = {"name": "nightly", "group_name": "ours", "schedule_expression": "rate(1 day)", "target": [block]}
    source, out = tmp_path / "state.json", tmp_path / "jobs.toml"
    source.write_text(state(resource("aws_scheduler_schedule.nightly", values)))
    assert RUN.invoke(jobs_app, ["import", str(source), "--watch", "--out", str(out)]).exit_code == 0
    assert parsed(out.read_text())["jobs"]["nightly"] == {
        "managed": False,
        "group": "ours",
        "container": "web",
        "rerun": "safe",
        "attempts": 5,
        "memory_step": True,
    }
    assert RUN.invoke(jobs_app, ["check", str(out)]).exit_code == 0


@pytest.mark.parametrize(
    ("tag", "value", "why"),
    [
        ("cronmend:rerun", "sometimes", "is not one of"),
        ("cronmend:attempts", "many", "is not a whole number"),
        ("cronmend:schedule", "rate(1 day)", "a policy has no such key"),
        ("cronmend:re-run", "safe", "a policy has no such key"),
    ],
)
def test_a_tag_that_says_nothing_is_noted(tag: str, value: str, why: str, tmp_path: Path) -> None:
    source = tmp_path / "schedule.json"
    ecs = {**ECS, "Tags": [{"Key": tag, "Value": value}]}
    source.write_text(json.dumps([{**NIGHTLY, "Target": {"Arn": CLUSTER, "EcsParameters": ecs}}]))
    result = RUN.invoke(jobs_app, ["import", str(source), "--watch"])
    assert f"the tag {tag} isn't converted" in " ".join(result.stderr.split())
    assert why in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        (
            {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask", "Input": "{}"}},
            "doesn't watch universal targets",
        ),
        ({"Target": {"Arn": "arn:aws:lambda:eu-west-2:1:function:f"}}, "its target isn't an ECS task"),
    ],
)
def test_a_schedule_that_cannot_be_watched_is_named(schedule: dict[str, Any], why: str, tmp_path: Path) -> None:
    source = tmp_path / "schedule.json"
    source.write_text(json.dumps([NIGHTLY, {**NIGHTLY, "Name": "other", **schedule}]))
    result = RUN.invoke(jobs_app, ["import", str(source), "--watch"])
    assert set(parsed(result.stdout)["jobs"]) == {"nightly"}
    assert f"other: Cronmend {why}" in " ".join(result.stderr.split()) or f"other: {why}" in " ".join(
        result.stderr.split()
    )


def test_a_crontab_has_nothing_to_watch(tmp_path: Path) -> None:
    source = tmp_path / "crontab"
    source.write_text("0 3 * * * true")
    result = RUN.invoke(jobs_app, ["import", str(source), "--watch"])
    assert (result.exit_code, "without --watch" in result.stderr) == (1, True)


def test_what_get_schedule_prints_is_imported(tmp_path: Path) -> None:
    source = tmp_path / "schedule.json"
    source.write_text(json.dumps(NIGHTLY))
    assert imported(str(source))["nightly"]["schedule"] == "rate(1 day)"
    source.write_text('{"Schedules": [{"Name": "nightly"}]}')
    result = RUN.invoke(jobs_app, ["import", str(source)])
    assert (result.exit_code, "get-schedule" in result.stderr) == (1, True)
