"""An account in this process that answers every call of the functions with little, and counts the calls.

The clients are boto3's own, with their paging: a hook answers in place of the network.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.model import OperationModel

from cronmend.adapters import aws
from cronmend.jobs.identity import JOB_VARIABLE
from local.aws import ACCOUNT, CLUSTER_ARN, REGION

ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
GROUP = "nightly"
LOG = (
    "Traceback (most recent call last):",
    '  File "/app/manage.py", line 22, in <module>',
    'django.db.utils.ProgrammingError: relation "pages_page" does not exist',
)
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": REGION}


@dataclass(frozen=True, slots=True)
class _Answered:
    status_code: int = 200
    raw: None = None


@dataclass
class CannedAws:
    """``schedules`` and ``services`` by name; ``serves`` is the revision that the services run.

    The jobs run revision 2, which was registered ten minutes ago.
    """

    schedules: Sequence[str]
    services: Sequence[str] = ("web",)
    serves: int = 2
    calls: Counter[str] = field(default_factory=Counter)
    """``<service>:<operation>`` → how often it was called since :meth:`counted`."""
    items: dict[tuple[str, str], Any] = field(default_factory=dict)
    """Of the ledger, by their keys."""
    _updated: dict[str, Any] = field(default_factory=dict)
    """By name: the schedules as UpdateSchedule last got them."""

    def counted(self) -> Counter[str]:
        """The calls since the last time."""
        calls, self.calls = self.calls, Counter()
        return calls

    def sees(self, params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["params"] = params

    def answers(self, model: OperationModel, context: Mapping[str, Any], **_: Any) -> Any:
        service = model.service_model.signing_name
        self.calls[f"{service}:{model.name}"] += 1
        answer = _ANSWERS.get(model.name, _nothing)(self, context["params"])
        return _Answered(), answer


@contextmanager
def answered_by(account: CannedAws) -> Iterator[None]:
    """Clients that are created in this context use this account."""
    before = {name: os.environ.get(name) for name in _CREDENTIALS}
    os.environ |= _CREDENTIALS
    aws.session.cache_clear()
    aws.session().events.register("before-parameter-build", account.sees)
    aws.session().events.register("before-call", account.answers)
    try:
        yield
    finally:
        aws.session.cache_clear()
        for name, value in before.items():
            os.environ.pop(name)
            os.environ |= {name: value} if value is not None else {}


def _nothing(account: CannedAws, params: Mapping[str, Any]) -> Any:
    return {}


def _page(found: Sequence[Any], params: Mapping[str, Any], size: str, token: str, most: int) -> tuple[Any, Any]:
    start, count = int(params.get(token, 0)), params.get(size, most)
    end = start + count
    return found[start:end], {token: str(end)} if end < len(found) else {}


def _list_schedules(account: CannedAws, params: Mapping[str, Any]) -> Any:
    named = [name for name in account.schedules if name.startswith(params.get("NamePrefix", ""))]
    page, more = _page(named, params, "MaxResults", "NextToken", 100)
    return {"Schedules": [_summary(name) for name in page], **more}


def _summary(name: str) -> Any:
    return {"GroupName": GROUP, "Name": name, "Target": {"Arn": CLUSTER_ARN}, "LastModificationDate": _LONG_AGO}


def _get_schedule(account: CannedAws, params: Mapping[str, Any]) -> Any:
    name = params["Name"]
    variable = {"name": JOB_VARIABLE, "value": f"{GROUP}/{name}"}
    override = {"name": "web", "command": list(command(name)), "environment": [variable]}
    schedule = {
        **_summary(name),
        "Arn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{GROUP}/{name}",
        "State": "ENABLED",
        "ScheduleExpression": "cron(0 * * * ? *)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": CLUSTER_ARN,
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler",
            "EcsParameters": {"TaskDefinitionArn": f"{ECS}:task-definition/webapp:2"},
            "Input": json.dumps({"containerOverrides": [override]}),
        },
    }
    return schedule | account._updated.get(name, {})


def command(name: str) -> tuple[str, ...]:
    """The command of the schedule's job."""
    return ("python", "manage.py", name)


def _list_rules(account: CannedAws, params: Mapping[str, Any]) -> Any:
    return {"Rules": []}


def _update_schedule(account: CannedAws, params: Mapping[str, Any]) -> Any:
    account._updated[params["Name"]] = params
    return {}


def _task_definition(account: CannedAws, params: Mapping[str, Any]) -> Any:
    log = {"awslogs-group": "/ecs/app-prod", "awslogs-stream-prefix": "web", "awslogs-region": REGION}
    container = {"name": "web", "logConfiguration": {"logDriver": "awslogs", "options": log}}
    revision = {"family": "webapp", "revision": 2, "registeredAt": datetime.now(UTC) - timedelta(minutes=10)}
    return {"taskDefinition": {**revision, "containerDefinitions": [container]}}


def _log_events(account: CannedAws, params: Mapping[str, Any]) -> Any:
    """As AWS: the token of the page before the first one is its own."""
    events = [] if params.get("nextToken") else [{"message": line} for line in LOG]
    return {"events": events, "nextBackwardToken": "start", "nextForwardToken": "end"}


def _list_services(account: CannedAws, params: Mapping[str, Any]) -> Any:
    page, more = _page(account.services, params, "maxResults", "nextToken", 10)
    return {"serviceArns": [f"{ECS}:service/app-prod/{name}" for name in page], **more}


def _describe_services(account: CannedAws, params: Mapping[str, Any]) -> Any:
    return {"services": [_service(account, arn.rpartition("/")[2]) for arn in params["services"]]}


def _service(account: CannedAws, name: str) -> Any:
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


def _service_deployments(account: CannedAws, params: Mapping[str, Any]) -> Any:
    revision = f"{ECS}:service-revision/app-prod/{params['service']}/1"
    return {
        "serviceDeployments": [
            {"status": "SUCCESSFUL", "createdAt": _LONG_AGO, "targetServiceRevisionArn": revision},
        ]
    }


def _service_revisions(account: CannedAws, params: Mapping[str, Any]) -> Any:
    images = [{"containerName": "web", "image": "site:2", "imageDigest": "sha256:2"}]
    return {
        "serviceRevisions": [
            {"serviceRevisionArn": arn, "containerImages": images} for arn in params["serviceRevisionArns"]
        ]
    }


def _list_tasks(account: CannedAws, params: Mapping[str, Any]) -> Any:
    """A task of the service, which runs the same family as the jobs."""
    return {"taskArns": [f"{ECS}:task/app-prod/web-1"]}


def _describe_tasks(account: CannedAws, params: Mapping[str, Any]) -> Any:
    definition = f"{ECS}:task-definition/webapp:{account.serves}"
    task = {"clusterArn": CLUSTER_ARN, "taskDefinitionArn": definition, "group": f"service:{account.services[0]}"}
    return {"tasks": [{"taskArn": arn, **task} for arn in params["tasks"]]}


def _parameter(account: CannedAws, params: Mapping[str, Any]) -> Any:
    return {"Parameter": {"Name": params["Name"], "Value": "heal"}}


def _put_item(account: CannedAws, params: Mapping[str, Any]) -> Any:
    item = params["Item"]
    account.items[item["pk"]["S"], item["sk"]["S"]] = item
    return {}


def _get_item(account: CannedAws, params: Mapping[str, Any]) -> Any:
    key = params["Key"]
    found = account.items.get((key["pk"]["S"], key["sk"]["S"]))
    return {"Item": found} if found else {}


def _query(account: CannedAws, params: Mapping[str, Any]) -> Any:
    pk = params["ExpressionAttributeValues"][":pk"]["S"]
    return {"Items": [item for key, item in account.items.items() if key[0] == pk]}


_LONG_AGO = datetime.now(UTC) - timedelta(days=9)
_ANSWERS: Mapping[str, Callable[[CannedAws, Mapping[str, Any]], Any]] = {
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
    "PutItem": _put_item,
    "GetItem": _get_item,
    "Query": _query,
}
"""The answers by operation; any other operation gets an empty answer."""
