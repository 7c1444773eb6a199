"""What AWS answers to each call of the functions in :mod:`cli.bench.canned_aws`: little, but of the right form."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cronmend.jobs.identity import JOB_VARIABLE
from local.aws import ACCOUNT, CLUSTER_ARN, REGION

ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
GROUP = "nightly"
LOG = (
    *(f"{number} pages published" for number in range(30)),
    "Traceback (most recent call last):",
    '  File "/app/manage.py", line 22, in <module>',
    'django.db.utils.ProgrammingError: relation "pages_page" does not exist',
)
_ONCE = "cron(0 11 6 5 ? 2026)"
"""Its only slot is over, so no next run is ever near."""
_LONG_AGO = datetime.now(UTC) - timedelta(days=9)


@dataclass
class Account:
    """``schedules`` and ``services`` by name; ``serves`` is the revision that the services run.

    The jobs run revision 2, which was registered ten minutes ago.
    """

    schedules: Sequence[str]
    services: Sequence[str] = ("web",)
    serves: int = 2
    expression: str = _ONCE
    """Of all schedules."""
    items: dict[tuple[str, str], Any] = field(default_factory=dict)
    """Of a ledger without a table, by their keys."""
    secret: str = ""
    """The text of every secret."""
    timers: list[Any] = field(default_factory=list)
    """What each timer that was set passes on."""
    started_by: str = ""
    """Of the task that was run last."""
    updated: dict[str, Any] = field(default_factory=dict)
    """By name: the schedules as UpdateSchedule last got them."""


def answer(account: Account, operation: str, params: Mapping[str, Any]) -> Any:
    """Nothing for an operation that has no answer here."""
    return _ANSWERS[operation](account, params) if operation in _ANSWERS else {}


def _page(found: Sequence[Any], params: Mapping[str, Any], size: str, token: str, most: int) -> tuple[Any, Any]:
    start, count = int(params.get(token, 0)), params.get(size, most)
    end = start + count
    return found[start:end], {token: str(end)} if end < len(found) else {}


def _list_schedules(account: Account, params: Mapping[str, Any]) -> Any:
    named = [name for name in account.schedules if name.startswith(params.get("NamePrefix", ""))]
    page, more = _page(named, params, "MaxResults", "NextToken", 100)
    return {"Schedules": [_summary(name) for name in page], **more}


def _summary(name: str) -> Any:
    return {"GroupName": GROUP, "Name": name, "Target": {"Arn": CLUSTER_ARN}, "LastModificationDate": _LONG_AGO}


def _get_schedule(account: Account, params: Mapping[str, Any]) -> Any:
    name = params["Name"]
    variable = {"name": JOB_VARIABLE, "value": f"{GROUP}/{name}"}
    override = {"name": "web", "command": list(command(name)), "environment": [variable]}
    schedule = {
        **_summary(name),
        "Arn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{GROUP}/{name}",
        "State": "ENABLED",
        "ScheduleExpression": account.expression,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": CLUSTER_ARN,
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler",
            "EcsParameters": {"TaskDefinitionArn": f"{ECS}:task-definition/webapp:2"},
            "Input": json.dumps({"containerOverrides": [override]}),
        },
    }
    return schedule | account.updated.get(name, {})


def command(name: str) -> tuple[str, ...]:
    """The command of the schedule's job."""
    return ("python", "manage.py", name)


def _list_rules(account: Account, params: Mapping[str, Any]) -> Any:
    return {"Rules": []}


def _update_schedule(account: Account, params: Mapping[str, Any]) -> Any:
    account.updated[params["Name"]] = params
    return {}


def _task_definition(account: Account, params: Mapping[str, Any]) -> Any:
    log = {"awslogs-group": "/ecs/app-prod", "awslogs-stream-prefix": "web", "awslogs-region": REGION}
    container = {"name": "web", "logConfiguration": {"logDriver": "awslogs", "options": log}}
    revision = {"family": "webapp", "revision": 2, "registeredAt": datetime.now(UTC) - timedelta(minutes=10)}
    return {"taskDefinition": {**revision, "containerDefinitions": [container]}}


def _log_events(account: Account, params: Mapping[str, Any]) -> Any:
    """As AWS: the token of the page before the first one is its own."""
    events = [] if params.get("nextToken") else [{"message": line} for line in LOG]
    return {"events": events, "nextBackwardToken": "start", "nextForwardToken": "end"}


def _list_services(account: Account, params: Mapping[str, Any]) -> Any:
    page, more = _page(account.services, params, "maxResults", "nextToken", 10)
    return {"serviceArns": [f"{ECS}:service/app-prod/{name}" for name in page], **more}


def _describe_services(account: Account, params: Mapping[str, Any]) -> Any:
    return {"services": [_service(account, arn.rpartition("/")[2]) for arn in params["services"]]}


def _service(account: Account, name: str) -> Any:
    """The first one runs the jobs' family; the others run families of their own."""
    family = "webapp" if name == account.services[0] else name
    deployment = {
        "status": "PRIMARY",
        "taskDefinition": f"{ECS}:task-definition/{family}:{account.serves}",
        "rolloutState": "COMPLETED",
        "createdAt": _LONG_AGO,
        "updatedAt": _LONG_AGO,
    }
    return {"serviceName": name, "status": "ACTIVE", "deployments": [deployment]}


def _service_deployments(account: Account, params: Mapping[str, Any]) -> Any:
    revision = f"{ECS}:service-revision/app-prod/{params['service']}/1"
    return {
        "serviceDeployments": [
            {"status": "SUCCESSFUL", "createdAt": _LONG_AGO, "targetServiceRevisionArn": revision},
        ]
    }


def _service_revisions(account: Account, params: Mapping[str, Any]) -> Any:
    images = [{"containerName": "web", "image": "site:2", "imageDigest": "sha256:2"}]
    return {
        "serviceRevisions": [
            {"serviceRevisionArn": arn, "containerImages": images} for arn in params["serviceRevisionArns"]
        ]
    }


def _list_tasks(account: Account, params: Mapping[str, Any]) -> Any:
    """A task of the service, which runs the same family as the jobs."""
    return {"taskArns": [f"{ECS}:task/app-prod/web-1"]}


def _describe_tasks(account: Account, params: Mapping[str, Any]) -> Any:
    definition = f"{ECS}:task-definition/webapp:{account.serves}"
    task = {"clusterArn": CLUSTER_ARN, "taskDefinitionArn": definition, "group": f"service:{account.services[0]}"}
    return {"tasks": [{"taskArn": arn, **task} for arn in params["tasks"]]}


def _create_schedule(account: Account, params: Mapping[str, Any]) -> Any:
    account.timers.append(json.loads(params["Target"]["Input"]))
    return {"ScheduleArn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/timers/one"}


def _run_task(account: Account, params: Mapping[str, Any]) -> Any:
    account.started_by = params["startedBy"]
    return {"tasks": [{"taskArn": f"{ECS}:task/app-prod/again"}], "failures": []}


def _secret_value(account: Account, params: Mapping[str, Any]) -> Any:
    return {"SecretString": account.secret}


def _put_events(account: Account, params: Mapping[str, Any]) -> Any:
    return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}


def _parameter(account: Account, params: Mapping[str, Any]) -> Any:
    return {"Parameter": {"Name": params["Name"], "Value": "heal"}}


def _put_item(account: Account, params: Mapping[str, Any]) -> Any:
    item = params["Item"]
    account.items[item["pk"]["S"], item["sk"]["S"]] = item
    return {}


def _get_item(account: Account, params: Mapping[str, Any]) -> Any:
    key = params["Key"]
    found = account.items.get((key["pk"]["S"], key["sk"]["S"]))
    return {"Item": found} if found else {}


def _batch_get_item(account: Account, params: Mapping[str, Any]) -> Any:
    found = {
        table: [item for key in wanted["Keys"] if (item := _get_item(account, {"Key": key}).get("Item"))]
        for table, wanted in params["RequestItems"].items()
    }
    return {"Responses": found, "UnprocessedKeys": {}}


def _transact_write_items(account: Account, params: Mapping[str, Any]) -> Any:
    for write in params["TransactItems"]:
        if "Put" in write:
            _put_item(account, write["Put"])
    return {}


def _query(account: Account, params: Mapping[str, Any]) -> Any:
    pk = params["ExpressionAttributeValues"][":pk"]["S"]
    return {"Items": [item for key, item in account.items.items() if key[0] == pk]}


_ANSWERS: Mapping[str, Callable[[Account, Mapping[str, Any]], Any]] = {
    "ListSchedules": _list_schedules,
    "GetSchedule": _get_schedule,
    "ListRules": _list_rules,
    "UpdateSchedule": _update_schedule,
    "DescribeTaskDefinition": _task_definition,
    "GetLogEvents": _log_events,
    "ListServices": _list_services,
    "DescribeServices": _describe_services,
    "ListServiceDeployments": _service_deployments,
    "DescribeServiceRevisions": _service_revisions,
    "ListTasks": _list_tasks,
    "DescribeTasks": _describe_tasks,
    "GetParameter": _parameter,
    "CreateSchedule": _create_schedule,
    "RunTask": _run_task,
    "GetSecretValue": _secret_value,
    "PutEvents": _put_events,
    "PutItem": _put_item,
    "GetItem": _get_item,
    "BatchGetItem": _batch_get_item,
    "TransactWriteItems": _transact_write_items,
    "Query": _query,
}
