"""The permissions of the functions, compared with the calls that their adapters declare."""

import functools
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import astuple

from cronmend.adapters.ledger.published import DynamoPublished
from cronmend.wiring import (
    board_action,
    deploy_state,
    failure_alert,
    job_board,
    reconcile,
    rerun,
    slack_action,
    task_state,
)
from tests import ROOT
from tests.cloudformation import Template, actions

TEMPLATE = Template.read()
FUNCTIONS = sorted(TEMPLATE.functions)

WIRED: Mapping[str, Callable[[Mapping[str, str]], object]] = {
    "TaskStateFunction": lambda env: (task_state.use_case(env), task_state.queue(env)),
    "DeployStateFunction": lambda env: (
        deploy_state.use_case(env),
        deploy_state.follow_use_case(env),
        deploy_state.continuation(env),
    ),
    "RerunFunction": lambda env: (rerun.timer_use_case(env), rerun.hold_use_case(env), rerun.queue(env)),
    "FailureAlertFunction": failure_alert.use_case,
    "SlackActionFunction": slack_action.use_case,
    "JobBoardFunction": lambda env: (job_board.use_case(env), DynamoPublished("ledger")),
    "BoardActionFunction": board_action.use_case,
    "ReconcileFunction": lambda env: (
        reconcile.use_case(env),
        reconcile.slots_use_case(env),
        reconcile.overdue_use_case(env),
        reconcile.findings_use_case(env),
        reconcile.monthly_use_case(env),
        reconcile.comparison(env),
    ),
}
OF_LAMBDA = frozenset({"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"})
OF_STREAMS = frozenset(
    f"dynamodb:{name}" for name in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
)
OF_QUEUES = frozenset({"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"})
"""Permissions that Lambda uses with the function's role, outside of the handler."""
OF_SECRETS = frozenset({"kms:Decrypt"})
"""Secrets Manager and SSM use it on the function's behalf, if the secret is encrypted with a key of its owner."""
NOT_CALLED: Mapping[str, frozenset[str]] = {
    # Its schedule is known by name.
    "RerunFunction": frozenset({"events:ListRules", "scheduler:ListSchedules"}),
    # It writes a job's book and mutes; it lists nothing, looks nothing up, and notes no run.
    "SlackActionFunction": frozenset({"dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"}),
    "BoardActionFunction": frozenset({"dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"}),
    # It stops no task.
    "JobBoardFunction": frozenset({"ecs:StopTask"}),
}
"""Permissions of an adapter for parts of it that this function doesn't use."""


def permissions_of(part: object) -> Iterator[str]:
    """The permissions that the adapters of a use case declare, at any depth."""
    yield from getattr(part, "permissions", ())
    if isinstance(part, Struct):
        for each in astuple(part):
            yield from permissions_of(each)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for each in part:
            yield from permissions_of(each)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    return {
        "LEDGER_TABLE": "ledger",
        "TOPIC_ARN": "arn:topic",
        "SLACK_SECRET_ARN": "arn:secret",
        "FOLLOW": "listed",
        "FORESEE": "roles,secrets,memory",
        "IMAGE_REPOSITORIES": "webapp",
        "READ_PUSH_TIMES": "true",
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_its_adapters_call_and_no_more(function: str, settings: Mapping[str, str]) -> None:
    declared = set(permissions_of(WIRED[function](settings)))
    assert NOT_CALLED.get(function, frozenset()) <= declared
    called = declared - OF_LAMBDA - NOT_CALLED.get(function, frozenset())
    assert TEMPLATE.actions_of(function) - OF_LAMBDA - OF_STREAMS - OF_QUEUES - OF_SECRETS == called


def passes_task_roles(statement: Mapping[str, Any]) -> bool:
    to = statement.get("Condition", {}).get("StringEquals", {}).get("iam:PassedToService")
    return "iam:PassRole" in actions(statement) and to != "scheduler.amazonaws.com"


def test_only_rerun_may_run_tasks_and_pass_their_roles() -> None:
    runs = {f for f in FUNCTIONS if "ecs:RunTask" in TEMPLATE.actions_of(f)}
    passes = {f for f in FUNCTIONS if any(passes_task_roles(s) for s in TEMPLATE.statements_of(f))}
    assert runs == passes == {"RerunFunction"}


def test_a_role_is_passed_to_one_service_only() -> None:
    passed = [s for f in FUNCTIONS for s in TEMPLATE.statements_of(f) if "iam:PassRole" in actions(s)]
    assert {s["Condition"]["StringEquals"]["iam:PassedToService"] for s in passed} == {
        "ecs-tasks.amazonaws.com",
        "scheduler.amazonaws.com",
    }


def test_no_permission_is_given_by_wildcard() -> None:
    assert [action for f in FUNCTIONS for action in TEMPLATE.actions_of(f) if "*" in action] == []


def depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def statement_lines() -> Iterator[tuple[str, list[str]]]:
    """For each statement: the line above it, and its own lines."""
    lines = TEMPLATE.text.splitlines()
    for number, line in enumerate(lines):
        if line.lstrip().startswith("- Effect: "):
            inside = functools.partial(lambda outer, later: depth(later) > outer, depth(line))
            yield lines[number - 1].strip(), [line, *itertools.takewhile(inside, lines[number + 1 :])]


_OPEN = re.compile(r"[Nn]ames aren't known in advance|IDs aren't known in advance|authorises")
"""The reasons for a wildcard inside an ARN."""


def test_every_statement_says_why() -> None:
    count = json.dumps(TEMPLATE.body).count('"Effect"')
    found = list(statement_lines())
    assert len(found) == count
    for above, own in found:
        assert above.startswith("# "), f"no comment above {own}"
        resources = "\n".join(own).partition("Resource:")[2].partition("Condition:")[0]
        if resources.strip() == '"*"':
            assert "authorises" in above, f"say why nothing narrower than a wildcard: {own}"
        elif "*" in resources:
            assert _OPEN.search(above), f"say why the resource isn't named in full: {own}"


def test_timers_are_trusted_only_from_their_own_group() -> None:
    (statement,) = TEMPLATE.of_type("AWS::IAM::Role")["TimerRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"]["StringEquals"] == {
        "aws:SourceAccount": {"Ref": "AWS::AccountId"},
        "aws:SourceArn": {"Fn::GetAtt": "TimerGroup.Arn"},
    }


def test_the_guide_names_every_parameter_and_every_permission() -> None:
    guide = (ROOT / "docs/deploy.md").read_text()
    permissions = {action for f in FUNCTIONS for action in TEMPLATE.actions_of(f)}
    assert [name for name in [*TEMPLATE.parameters, *sorted(permissions)] if f"`{name}`" not in guide] == []
