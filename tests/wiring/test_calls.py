"""Each function through all that it does, with its calls recorded: its role allows every call, and nothing else.

That a role allows each call is asserted at the call, in every test in which a handler runs (tests/conftest.py).
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.iam.access_control import IAMPolicy, PermissionResult

from cronmend.adapters.ledger.published import DynamoPublished, File, Published
from tests import ROOT
from tests.adapters.slack_api import SlackApi
from tests.iam.account import Account, account
from tests.iam.needs import Need
from tests.iam.recorder import RECORDER, Allowed, calling
from tests.iam.roles import TEMPLATE, Role
from tests.iam.walks import WALKS
from tests.kept import forget
from tests.samples import CLUSTER, JOB

OF_LAMBDA = frozenset(
    {
        *("logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"),
        *(f"sqs:{name}" for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
        *(f"dynamodb:{name}" for name in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")),
    }
)
"""Lambda uses these with the function's role, outside of the handler."""
OF_SECRETS = frozenset({"kms:Decrypt"})
"""Secrets Manager and SSM use it on the function's behalf."""
_SHARED_LEDGER = "KeepLedger is shared; who can replace any item with PutItem gains nothing by this"
_READ_LEDGER = "KeepLedger is shared; who can read any item with GetItem gains nothing by this"
_SHARED_TIMERS = "SetTimers is shared; who can set any timer with CreateSchedule gains nothing by this"
UNUSED: Mapping[tuple[str, str], str] = {
    ("TaskStateFunction", "dynamodb:UpdateItem"): _SHARED_LEDGER,
    ("TaskStateFunction", "scheduler:UpdateSchedule"): _SHARED_TIMERS,
    ("DeployStateFunction", "dynamodb:BatchGetItem"): _READ_LEDGER,
    ("DeployStateFunction", "dynamodb:UpdateItem"): _SHARED_LEDGER,
    ("RerunFunction", "scheduler:UpdateSchedule"): _SHARED_TIMERS,
    ("FailureAlertFunction", "dynamodb:DeleteItem"): _SHARED_LEDGER,
    ("FailureAlertFunction", "scheduler:UpdateSchedule"): _SHARED_TIMERS,
}
"""What a role allows and its function doesn't call, and why it stays."""

READS_NOTHING_PUBLISHED = {"BoardActionFunction", "SlackActionFunction"}


@pytest.fixture
def site(aws: None, monkeypatch: pytest.MonkeyPatch, slack_api: SlackApi) -> Iterator[Account]:
    forget()
    with RECORDER.fresh() as recorder:
        yield account(recorder, slack_api, monkeypatch)
        assert recorder.forbidden == []
    forget()


def read_by(patch: pytest.MonkeyPatch) -> set[str | None]:
    """Collects the functions that read published policies or routes."""
    read, readers = DynamoPublished.read, set[str | None]()

    def noted(source: DynamoPublished, file: File) -> Published | None:
        readers.add(calling(sys._getframe()))
        return read(source, file)

    patch.setattr(DynamoPublished, "read", noted)
    return readers


def unused(function: str, made: Sequence[Allowed]) -> list[tuple[str, str]]:
    """The function with each action that some statement allows and no call needed from that statement."""
    used = {(each.need.action, number) for each in made for number in each.by}
    return [
        (function, action)
        for statement in Role(function, os.environ).statements
        for action in statement.actions
        if action not in OF_LAMBDA | OF_SECRETS and (action, statement.number) not in used
    ]


@pytest.mark.parametrize("function", sorted(TEMPLATE.functions))
def test_a_function_calls_all_that_its_role_allows_and_moto_agrees(
    function: str, site: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = read_by(monkeypatch)
    WALKS[function](site)
    assert function in readers | READS_NOTHING_PUBLISHED
    made = [each for each in site.recorder.calls if each.role.function == function]
    assert unused(function, made) == [key for key in UNUSED if key[0] == function]
    assert [str(each.need) for each in made if not permitted_by_moto(each.role, each.need)] == []


def permitted_by_moto(role: Role, need: Need) -> bool:
    """By moto's evaluator of policies, a second opinion on the resources.

    Its own switch (``enable_iam_authentication``) asks this for the resource "*" whatever the request names, and so
    refuses every statement with a narrower one. It doesn't evaluate ArnEquals, and StringEquals only for roles' trust.
    """
    statements = [
        {"Effect": "Allow", "Action": list(each.actions), "Resource": list(each.resources)} for each in role.statements
    ]
    policy = IAMPolicy(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    return policy.is_action_permitted(need.action, need.resource) is PermissionResult.PERMITTED


ARN = "arn:aws:{}:eu-west-2:111122223333:{}"
SCHEDULER = {"iam:PassedToService": "scheduler.amazonaws.com"}
WEBAPP = ARN.format("ecs", "task-definition/webapp:2")
IN_OTHER_CLUSTER = {"ecs:cluster": ARN.format("ecs", "cluster/other")}
VIA_SECRETS = {"kms:ViaService": "secretsmanager.eu-west-2.amazonaws.com"}
BEYOND = (
    ("TaskStateFunction", Need("dynamodb:PutItem", ARN.format("dynamodb", "table/other"))),
    ("TaskStateFunction", Need("scheduler:CreateSchedule", ARN.format("scheduler", f"schedule/{JOB}"))),
    ("TaskStateFunction", Need("iam:PassRole", "arn:aws:iam::111122223333:role/admin", SCHEDULER)),
    ("TaskStateFunction", Need("ssm:GetParameter", ARN.format("ssm", "parameter/slack/signing"))),
    ("TaskStateFunction", Need("ecs:ListTasks", "*", IN_OTHER_CLUSTER)),
    ("DeployStateFunction", Need("ecs:DescribeServices", ARN.format("ecs", "service/other/web"))),
    (
        "DeployStateFunction",
        Need("ecs:RunTask", ARN.format("ecs", "task-definition/webapp:2"), {"ecs:cluster": CLUSTER}),
    ),
    ("RerunFunction", Need("ecs:RunTask", ARN.format("ecs", "task-definition/webapp:2"), IN_OTHER_CLUSTER)),
    ("RerunFunction", Need("ecs:RunTask", ARN.format("ecs", "task-definition/webapp:2"))),
    ("RerunFunction", Need("ecs:TagResource", ARN.format("ecs", "task/app-prod/1"), {"ecs:CreateAction": "Other"})),
    ("RerunFunction", Need("iam:PassRole", "arn:aws:iam::111122223333:role/a", {"iam:PassedToService": "lambda"})),
    ("FailureAlertFunction", Need("sns:Publish", ARN.format("sns", "other"))),
    ("FailureAlertFunction", Need("sqs:SendMessage", ARN.format("sqs", "other"))),
    (
        "FailureAlertFunction",
        Need("events:PutEvents", ARN.format("events", "event-bus/default"), {"events:source": "cronmend.deploy"}),
    ),
    ("ReconcileFunction", Need("lambda:InvokeFunction", ARN.format("lambda", "function:other"))),
    ("ReconcileFunction", Need("dynamodb:PutItem", ARN.format("dynamodb", "table/other"))),
    ("ReconcileFunction", Need("scheduler:UpdateSchedule", ARN.format("scheduler", f"schedule/{JOB}"))),
    ("ReconcileFunction", Need("ecs:StopTask", ARN.format("ecs", "task/other/1"))),
    ("ReconcileFunction", Need("ecs:RunTask", WEBAPP, {"ecs:cluster": CLUSTER})),
    ("SlackActionFunction", Need("lambda:InvokeFunction", ARN.format("lambda", "function:other"))),
    ("SlackActionFunction", Need("secretsmanager:GetSecretValue", ARN.format("secretsmanager", "secret:other"))),
    (
        "SlackActionFunction",
        Need("kms:Decrypt", ARN.format("kms", "key/slack"), {"kms:ViaService": "s3.eu-west-2.amazonaws.com"}),
    ),
    ("FailureAlertFunction", Need("kms:Decrypt", ARN.format("kms", "key/other"), VIA_SECRETS)),
)
"""A call on each kind of resource that isn't the stack's own, or not under the stack's conditions."""


@pytest.mark.parametrize(("function", "need"), BEYOND, ids=str)
def test_a_role_allows_nothing_beyond_the_stack(function: str, need: Need, site: Account) -> None:
    assert not Role(function, os.environ).allowing(need)


@pytest.mark.parametrize("function", ["FailureAlertFunction", "SlackActionFunction"])
def test_secrets_under_a_key_of_ones_own_are_readable(function: str, site: Account) -> None:
    assert Role(function, os.environ).allowing(Need("kms:Decrypt", ARN.format("kms", "key/slack"), VIA_SECRETS))


def test_a_call_beyond_the_role_is_found_in_whatever_test_the_handler_runs(site: Account) -> None:
    made_up = (
        "def handler(client):\n    client.list_tables()\n    client.get_item(TableName='t', Key={'pk': {'S': 'a'}})\n"
    )
    module: dict[str, Any] = {}
    exec(compile(made_up, ROOT / "functions/task_state/app.py", "exec"), module)  # noqa: S102 # written above
    client = boto3.client("dynamodb")
    with contextlib.suppress(ClientError):
        module["handler"](client)
    other = ARN.format("dynamodb", "table/t")
    assert site.recorder.forbidden == [
        "TaskStateFunction calls dynamodb:ListTables: say in tests/iam/needs.py what it needs",
        f"TaskStateFunction needs dynamodb:GetItem on {other}, and its role doesn't allow it",
    ]
    site.recorder.forbidden.clear()
