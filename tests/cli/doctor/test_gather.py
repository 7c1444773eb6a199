"""What the doctor reads from AWS's answers. A read that fails is said with its reason, and stops no other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from typer.testing import CliRunner

from cli.doctor import app as doctor_app
from cli.doctor.facts import (
    Alarm,
    Alarms,
    Cluster,
    Deployed,
    Facts,
    Function,
    Permission,
    Rule,
    Secret,
    Slack,
    Table,
    Topic,
)
from cli.doctor.findings import State
from cli.doctor.gather import Gatherer
from cli.doctor.permissions import PermissionReader
from cli.installing.template import BUCKET
from cli.main import app
from cronmend.adapters.ledger.published import DynamoPublished, File, Published
from cronmend.jobs import policies
from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.jobs.watched import Watch
from cronmend.model import Missing
from local.slack import BOT_SCOPES, BOT_TOKEN, SlackReceiver
from tests import ROOT
from tests.cli.doctor.canned import FUNCTIONS, CannedStack, answers
from tests.fakes import NOW
from tests.test_template import TEMPLATE


def facts(**changes: Any) -> Facts:
    stack = CannedStack(known={**answers(), **{name.replace("__", "."): value for name, value in changes.items()}})
    return Gatherer(stack, NOW, policies.PATH).facts(lambda part: None)


def missing(found: Facts) -> set[str]:
    return {each.name for each in fields(found) if isinstance(getattr(found, each.name), Missing)}


def test_every_part_is_read() -> None:
    found = facts()
    assert missing(found) == set()
    assert isinstance(found.stack, Deployed)
    assert (found.stack.status, found.stack.version) == ("CREATE_COMPLETE", "1.2.3")
    assert found.rules == [
        Rule("RunStopped", enabled=True, targets=1, matches=True),
        Rule("ReconcileFunctionEveryFiveMinutes", enabled=True, targets=1, matches=None),
    ]
    sources = {"cronmend-TaskStateQueue": "Enabled", "table/ledger": "Disabled"}
    assert found.functions == [Function(f"cronmend-{n}", "Active", "Successful", None, sources) for n in FUNCTIONS]
    assert found.table == Table("ACTIVE", streams=True, indexes=["Promises"], forgets=True)
    assert found.alarms == Alarms([Alarm("errors", "OK", notifies=True, description="")], ["age"])
    assert found.topic == Topic(1, ["ann@example.org"])
    assert found.secrets == [Secret("SlackSecretArn", "")]
    assert found.slack == Slack("", None)
    assert found.clusters == [Cluster("app-prod", "ACTIVE", 2)]
    assert (found.dead_letters, found.holds, found.mode, found.circuit_until) == (
        {"TimerDeadLetters": 3},
        [],
        "heal",
        None,
    )


def test_a_schedule_is_read_with_what_it_passes_and_a_timer_is_no_task() -> None:
    found = facts().scheduled
    assert not isinstance(found, Missing)
    assert [(each.name, each.verdict.watch, each.passes) for each in found] == [
        ("default/report", Watch.FULLY, "default/report"),
        ("default/copy", Watch.FULLY, "default/report"),
        ("events-rule/nightly", Watch.FULLY, ""),
    ]


def test_an_action_that_the_simulation_does_not_allow_is_denied() -> None:
    found = facts().permissions
    assert not isinstance(found, Missing)
    assert Permission("TaskStateFunction", "dynamodb:GetItem", allowed=True) in found
    assert Permission("TaskStateFunction", "dynamodb:PutItem", allowed=False) in found


CHOSEN: Mapping[str, tuple[str, set[tuple[str, str]]]] = {
    "HoldSchedules": (
        "all",
        {
            *(("DeployState", f"scheduler:{name}") for name in ("GetSchedule", "UpdateSchedule", "ListSchedules")),
            ("Rerun", "scheduler:UpdateSchedule"),
        },
    ),
    "FollowServices": (
        "listed",
        {
            *(("DeployState", f"scheduler:{name}") for name in ("GetSchedule", "UpdateSchedule")),
            ("DeployState", "ecs:ListTaskDefinitions"),
        },
    ),
    "StopOverdueRuns": ("true", {("Reconcile", "ecs:StopTask")}),
    "ImageRepositories": ("team/*", {("TaskState", "ecr:DescribeImages"), ("Rerun", "ecr:DescribeImages")}),
}
"""Parameters that turn a feature on: what its functions need then."""


@pytest.mark.parametrize("parameter", CHOSEN)
@pytest.mark.parametrize("is_on", [True, False])
def test_what_a_feature_needs_is_asked_only_if_the_feature_is_on(parameter: str, is_on: bool) -> None:
    on, needs = CHOSEN[parameter]
    off = TEMPLATE.parameters[parameter]["Default"]
    functions = {f"{name}Function": f"cronmend-{name}" for name in (*FUNCTIONS, "Reconcile")}
    asked = {
        (each.function, each.action)
        for each in PermissionReader(Chosen(chosen={parameter: on if is_on else off}), functions).permissions()
    }
    basic = {(each.function, each.action) for each in PermissionReader(CannedStack(), functions).permissions()}
    assert asked - basic == ({(f"{name}Function", action) for name, action in needs} if is_on else set())


def test_the_simulation_asks_what_the_template_grants() -> None:
    for function, action in {each for _, needs in CHOSEN.values() for each in needs}:
        assert action in TEMPLATE.actions_of(f"{function}Function")


@dataclass(frozen=True)
class Chosen(CannedStack):
    chosen: dict[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> Mapping[str, str]:
        return {**super().parameters, **self.chosen}


ERRORS: Sequence[Any] = (
    ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "any"),
    ReadTimeoutError(endpoint_url="https://aws"),
    {},
)
"""AWS denies the call, doesn't answer, or answers in another form."""


@pytest.mark.parametrize("error", ERRORS, ids=["denied", "silent", "another form"])
@pytest.mark.parametrize("operation", sorted(answers()))
def test_a_read_that_fails_stops_no_other(operation: str, error: Any) -> None:
    found = facts(**{operation: error})
    assert len(missing(found)) <= 6
    if isinstance(error, Exception):
        assert missing(found)


def test_a_denial_is_told_in_the_words_of_aws() -> None:
    found = facts(sqs__get_queue_attributes=ERRORS[0])
    assert isinstance(found.dead_letters, Missing)
    assert "AccessDenied" in found.dead_letters.reason


@pytest.mark.parametrize(
    ("text", "problem"),
    [("hooks.slack.com", "neither"), ('{"channel": "C1"}', "token"), ('{"token": "xoxb–1"}', "U+2013")],
)
def test_a_secret_that_is_no_secret_of_slack_has_a_problem(text: str, problem: str) -> None:
    found = facts(secretsmanager__get_secret_value={"SecretString": text})
    assert not isinstance(found.secrets, Missing)
    assert problem in found.secrets[0].problem


def test_slack_is_asked_for_the_scopes_of_the_bot() -> None:
    with SlackReceiver() as slack:
        for token, wanted in (
            (BOT_TOKEN, Slack("", frozenset(BOT_SCOPES.split(",")))),
            ("xoxb-old", Slack("invalid_auth", frozenset())),
        ):
            text = json.dumps({"token": token, "channel": "C1", "api": slack.api_url})
            assert facts(secretsmanager__get_secret_value={"SecretString": text}).slack == wanted


def test_the_policies_of_the_example_site_are_never_taken_for_the_stacks(tmp_path: Path) -> None:
    built = tmp_path / doctor_app.BUILT
    gatherer = Gatherer(CannedStack(), NOW, built)
    unread = gatherer.facts(lambda part: None).policies
    assert isinstance(unread, Missing)
    assert "--account" in unread.reason
    built.parent.mkdir(parents=True)
    built.write_text(policies.write(Policies(jobs={"own/report": JobPolicy("own/report")})))
    assert gatherer.facts(lambda part: None).policies == ["own/report"]


def test_a_release_has_no_policies_until_some_are_published(tmp_path: Path) -> None:
    stack = CannedStack()
    stack.__dict__["parameters"] = {BUCKET: "cronmend-111122223333-eu-west-2"}
    assert Gatherer(stack, NOW, tmp_path / "none").facts(lambda part: None).policies == []


def test_what_is_published_is_read_only_of_a_stack_that_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = CannedStack()
    assert Gatherer(stack, NOW, policies.PATH).facts(lambda part: None).published is None
    routes, read = Published("{}", "ann", NOW), []
    stack.__dict__["parameters"] = {"PolicySource": "published"}

    def once(_: DynamoPublished, file: File) -> Published | None:
        read.append(file)
        return routes if file is File.ALERTS else None

    monkeypatch.setattr(DynamoPublished, "read", once)
    assert Gatherer(stack, NOW, policies.PATH).facts(lambda part: None).published == {File.ALERTS: routes}
    assert sorted(read) == sorted(File)


def test_the_path_of_the_build_is_that_of_make() -> None:
    """`make build` copies functions/ into the stack's directory and writes the policies there."""
    text = (ROOT / "Makefile").read_text()
    assert "BUILT = $(ACCOUNT)/.aws-sam" in text
    assert 'cronmend jobs build "$(ACCOUNT)/jobs.toml" --root "$(BUILT)/source"' in text
    assert Path(".aws-sam/source") / policies.PATH.relative_to(ROOT) == doctor_app.BUILT


def test_the_command_exits_with_2_if_there_is_no_stack() -> None:
    result = CliRunner().invoke(app, ["doctor", "--region", "eu-west-2", "--profile", "no-such-profile"])
    assert result.exit_code == 2
    assert "no-such-profile" in result.stderr


def test_the_command_prints_its_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_app, "Stack", lambda *_: CannedStack())
    monkeypatch.setattr(doctor_app, "BUILT", policies.PATH)
    document = CliRunner().invoke(app, ["doctor", "--json"])
    found = json.loads(document.stdout)
    assert (document.exit_code, {each["check"] for each in found if each["state"] == "finding"}) == (
        1,
        {"stack", "functions", "permissions", "alarms", "topic", "dead letters", "schedules", "starts", "policies"},
    )
    text = CliRunner().invoke(app, ["doctor"])
    assert "✗ dead letters: TimerDeadLetters has 3 messages." in text.output
    assert text.output.splitlines()[-1] == "11 checks are fine, 22 findings."


def found_with(**changes: Any) -> set[tuple[str, str]]:
    """What the doctor finds in these answers of AWS: the check and the sentence."""
    return {(each.check, each.what) for each in doctor_app.examined(facts(**changes)) if each.state is State.FINDING}


PLANTED: Mapping[str, tuple[dict[str, Any], str, str]] = {
    "a disabled rule": ({"events__describe_rule": {"State": "DISABLED"}}, "rules", "RunStopped is disabled"),
    "a pattern that matches nothing": ({"events__test_event_pattern": {"Result": False}}, "rules", "doesn't match"),
    "a rule without a target": ({"events__list_targets_by_rule": {"Targets": []}}, "rules", "no target"),
    "a function without executions": (
        {
            "lambda__get_function": {
                "Configuration": {"State": "Active", "LastUpdateStatus": "Successful"},
                "Concurrency": {"ReservedConcurrentExecutions": 0},
            }
        },
        "functions",
        "throttled",
    ),
    "a denied permission": (
        {
            "iam__simulate_principal_policy": {
                "EvaluationResults": [{"EvalActionName": "dynamodb:GetItem", "EvalDecision": "implicitDeny"}]
            }
        },
        "permissions",
        "may not call dynamodb:GetItem",
    ),
    "a table without its stream": (
        {"dynamodb__describe_table": {"Table": {"TableStatus": "ACTIVE", "GlobalSecondaryIndexes": []}}},
        "ledger",
        "no stream",
    ),
    "an alarm that rings": (
        {"cloudwatch__describe_alarms": {"MetricAlarms": [{"AlarmName": "errors", "StateValue": "ALARM"}]}},
        "alarms",
        "in ALARM",
    ),
    "a secret that is empty": ({"secretsmanager__get_secret_value": {"SecretString": ""}}, "secrets", "Slack"),
    "a cluster that is gone": ({"ecs__describe_clusters": {"clusters": []}}, "clusters", "app-prod is not there"),
    "dead letters": (
        {"sqs__get_queue_attributes": {"Attributes": {"ApproximateNumberOfMessages": "7"}}},
        "dead letters",
        "7 messages",
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_fault_that_is_planted_in_the_account_is_found(fault: str) -> None:
    changes, check, what = PLANTED[fault]
    new = found_with(**changes) - found_with()
    assert [each for each in new if each[0] == check and what in each[1]]
