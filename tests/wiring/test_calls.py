"""Each function through all that it does, with its calls recorded: its role allows every call, and nothing else.

That a role allows each call is asserted at the call, in every test in which a handler runs (tests/conftest.py).
"""

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities import parameters
from botocore.exceptions import ClientError
from moto.iam.access_control import IAMPolicy, PermissionResult

import deploy_state.app
import failure_alert.app
import reconcile.app
import rerun.app
import slack_action.app
import task_state.app
from cronmend.adapters import aws
from cronmend.adapters.ledger.due import OPEN
from cronmend.adapters.ledger.due import text as due_text
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.incoming import slack_requests
from cronmend.incoming.own_payloads import run_request_payload
from cronmend.incoming.timer_forms import payload
from cronmend.model.wakeups import HoldTimer, ReleaseTimer, RunRequest
from tests import ROOT
from tests.adapters.ledger.test_ledger import race_change
from tests.adapters.slack_api import SlackApi
from tests.clicks import form, request
from tests.clicks import payload as clicked
from tests.fakes import NOW
from tests.iam.account import DIGEST, ECS, RULE, Account, account
from tests.iam.needs import Need
from tests.iam.recorder import RECORDER, Allowed
from tests.iam.roles import TEMPLATE, Role
from tests.samples import CLUSTER, JOB, event
from tests.wiring.test_handlers import CONTEXT, queued, stream

BUILT = (
    *(app.use_case for app in (task_state.app, deploy_state.app, failure_alert.app, slack_action.app, reconcile.app)),
    *(rerun.app.timer_use_case, rerun.app.hold_use_case, rerun.app.request_use_case),
    *(task_state.app.queue, rerun.app.queue),
)


def forget() -> None:
    """What the functions keep between two calls belongs to one account."""
    aws.session.cache_clear()
    parameters.clear_caches()  # type: ignore[no-untyped-call] # Powertools gives it no type
    for use_case in BUILT:
        use_case.cache_clear()


@pytest.fixture
def site(aws: None, monkeypatch: pytest.MonkeyPatch, slack_api: SlackApi) -> Iterator[Account]:
    forget()
    with RECORDER.fresh() as recorder:
        yield account(recorder, slack_api, monkeypatch)
        assert recorder.forbidden == []
    forget()


def fails(site: Account, task_id: str, started_by: str = f"chronos-schedule/{JOB.partition('/')[2]}") -> Any:
    """A run that used revision 2 fails on a schema that is older."""
    site.logs(task_id)
    sample = event("task_stopped/missing_model_no_deploy.json")
    now = datetime.now(UTC)
    sample["detail"] |= {
        "taskArn": f"{ECS}:task/app-prod/{task_id}",
        "taskDefinitionArn": f"{ECS}:task-definition/webapp:2",
        "startedBy": started_by,
        "createdAt": (now - timedelta(seconds=90)).isoformat(),
        "startedAt": (now - timedelta(seconds=60)).isoformat(),
        "stoppedAt": now.isoformat(),
    }
    sample["detail"]["containers"][0]["imageDigest"] = DIGEST
    return task_state.app.handler(sample, CONTEXT)


def stops(site: Account) -> None:
    """With a deploy open, then over; and through the queue."""
    assert fails(site, "a1")["category"] == "deploy_race"
    site.serves(2)
    fails(site, "a2")
    site.rule()
    fails(site, "a3", f"events-rule/{RULE}")
    task_state.app.handler(queued(event("task_stopped/success.json")), CONTEXT)


def marker(phase: str) -> Any:
    sample = event("deploy_state/marker_started.json")
    sample |= {"detail-type": phase, "time": datetime.now(UTC).isoformat()}
    sample["detail"]["family"] = "webapp"
    return deploy_state.app.handler(sample, CONTEXT)


def deploys(site: Account) -> None:
    """A deploy holds the schedule, a run waits for it, and it ends."""
    assert marker("started")["switched"] == [JOB]
    fails(site, "a1")
    assert marker("finished")["switched"] == [JOB]
    completed = event("deploy_state/completed.json")
    deploy_state.app.handler(completed, CONTEXT)
    shell = event("deploy_state/migration_running.json")
    shell["detail"]["overrides"] = {}
    deploy_state.app.handler(shell, CONTEXT)


def heals(site: Account) -> None:
    """A run waits for a deploy, is run again, is asked for; a hold and an alert are released."""
    incident = fails(site, "a1")["incident"]["id"]
    planned = boto3.client("scheduler").list_schedules(GroupName="timers")["Schedules"]
    timers = [boto3.client("scheduler").get_schedule(GroupName="timers", Name=each["Name"]) for each in planned]
    (due,) = [each for each in (json.loads(one["Target"]["Input"]) for one in timers) if each["kind"] == "rerun"]
    rerun.app.handler(queued(due), CONTEXT)
    site.serves(2)
    again = rerun.app.handler({**due, "rechecks": due["rechecks"] + 1}, CONTEXT)
    assert again["done"].startswith("attempt 2 runs")
    now = datetime.now(UTC)
    rerun.app.handler(payload(ReleaseTimer(JOB, incident, now)), CONTEXT)
    marker("started")
    marker("finished")
    (hold,) = [each for each in boto3.client("dynamodb").scan(TableName="ledger")["Items"] if "hold" in each]
    rerun.app.handler(payload(HoldTimer(JOB, hold["hold"]["M"]["id"]["S"], now, 0)), CONTEXT)
    site.rule()
    for job in (f"events-rule/{RULE}", JOB):
        rerun.app.handler(run_request_payload(RunRequest(job, f"w-{job[:3]}", True, "ann")), CONTEXT)


def alerts(site: Account) -> None:
    """A message from the stream, and the canary, each with another kind of secret."""
    site.serves(2)
    site.slack.answers = [(200, '{"ok": true, "channel": "C1", "ts": "1.0"}')] * 2
    fails(site, "a1")
    failure_alert.app.handler(stream(site.messages()), CONTEXT)
    boto3.client("ssm").put_parameter(Name="/slack/bot", Value=site.slack.secret(""), Type="SecureString")
    os.environ["SLACK_SECRET_ARN"] = ARN.format("ssm", "parameter/slack/bot")
    forget()
    assert failure_alert.app.handler({"kind": "canary"}, CONTEXT) == {"slack": "", "sns": "", "events": ""}


def reconciles(site: Account) -> None:
    """A re-run and a message are overdue, and a job of which nothing is owed any more is in the index."""
    DynamoLedger("ledger", timedelta(days=90), 30).commit(race_change(), NOW)
    site.rule()
    site.serves(2)
    fails(site, "b1", f"events-rule/{RULE}")
    (message,) = site.messages()
    for key in ({"pk": message["pk"], "sk": message["sk"]}, {"pk": message["pk"], "sk": {"S": "BOOK"}}):
        boto3.client("dynamodb").update_item(
            TableName="ledger",
            Key=key,
            UpdateExpression="SET promise = :open, due = :due",
            ExpressionAttributeValues={":open": {"S": OPEN}, ":due": {"S": due_text(NOW)}},
        )
    assert sorted(each["kind"] for each in reconcile.app.handler({}, CONTEXT)["woken"]) == [
        "deliver",
        "release",
        "rerun",
    ]


def clicks(site: Account) -> None:
    """Each button, on the alert of a bug."""
    site.serves(2)
    fails(site, "a1")
    for button in ("cronmend_ack", "cronmend_mute", "cronmend_rerun"):
        content = clicked(button, response_url=f"{site.slack.url}/actions/1")
        asked = request(form(content), datetime.now(UTC))
        assert slack_action.app.handler(asked, CONTEXT)["statusCode"] == 200
        click = slack_requests.click(slack_requests.signed(asked))
        assert click
        slack_action.app.handler(slack_requests.click_payload(click), CONTEXT)


WALKS: Mapping[str, Callable[[Account], None]] = {
    "TaskStateFunction": stops,
    "DeployStateFunction": deploys,
    "RerunFunction": heals,
    "FailureAlertFunction": alerts,
    "ReconcileFunction": reconciles,
    "SlackActionFunction": clicks,
}


OF_LAMBDA = frozenset(
    {
        *("logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"),
        *(f"sqs:{name}" for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
        *(f"dynamodb:{name}" for name in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")),
    }
)
"""Lambda uses these with the function's role, outside of the handler."""
_SHARED_LEDGER = "KeepLedger is shared; who can replace any item with PutItem gains nothing by this"
_SHARED_TIMERS = "SetTimers is shared; who can set any timer with CreateSchedule gains nothing by this"
UNUSED: Mapping[tuple[str, str], str] = {
    ("TaskStateFunction", "dynamodb:UpdateItem"): _SHARED_LEDGER,
    ("TaskStateFunction", "scheduler:UpdateSchedule"): _SHARED_TIMERS,
    ("DeployStateFunction", "dynamodb:UpdateItem"): _SHARED_LEDGER,
    ("DeployStateFunction", "dynamodb:DeleteItem"): _SHARED_LEDGER,
    ("RerunFunction", "scheduler:UpdateSchedule"): _SHARED_TIMERS,
    ("FailureAlertFunction", "dynamodb:DeleteItem"): _SHARED_LEDGER,
    ("FailureAlertFunction", "scheduler:UpdateSchedule"): _SHARED_TIMERS,
}
"""What a role allows and its function doesn't call, and why it stays."""


def unused(function: str, made: Sequence[Allowed]) -> list[tuple[str, str]]:
    """The function with each action that some statement allows and no call needed from that statement."""
    used = {(each.need.action, number) for each in made for number in each.by}
    return [
        (function, action)
        for statement in Role(function, os.environ).statements
        for action in statement.actions
        if action not in OF_LAMBDA and (action, statement.number) not in used
    ]


@pytest.mark.parametrize("function", sorted(TEMPLATE.functions))
def test_a_function_calls_all_that_its_role_allows_and_moto_agrees(function: str, site: Account) -> None:
    WALKS[function](site)
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
BEYOND = (
    ("TaskStateFunction", Need("dynamodb:PutItem", ARN.format("dynamodb", "table/other"))),
    ("TaskStateFunction", Need("scheduler:CreateSchedule", ARN.format("scheduler", f"schedule/{JOB}"))),
    ("TaskStateFunction", Need("iam:PassRole", "arn:aws:iam::111122223333:role/admin", SCHEDULER)),
    ("TaskStateFunction", Need("ssm:GetParameter", ARN.format("ssm", "parameter/slack/signing"))),
    ("TaskStateFunction", Need("ecs:ListTasks", "*", IN_OTHER_CLUSTER)),
    ("TaskStateFunction", Need("sqs:ChangeMessageVisibility", ARN.format("sqs", "other"))),
    ("TaskStateFunction", Need("sqs:SendMessage", ARN.format("sqs", "events"))),
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
    ("ReconcileFunction", Need("dynamodb:PutItem", ARN.format("dynamodb", "table/ledger"))),
    ("SlackActionFunction", Need("lambda:InvokeFunction", ARN.format("lambda", "function:other"))),
    ("SlackActionFunction", Need("secretsmanager:GetSecretValue", ARN.format("secretsmanager", "secret:other"))),
)
"""A call on each kind of resource that isn't the stack's own, or not under the stack's conditions."""


@pytest.mark.parametrize(("function", "need"), BEYOND, ids=str)
def test_a_role_allows_nothing_beyond_the_stack(function: str, need: Need, site: Account) -> None:
    assert not Role(function, os.environ).allowing(need)


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
