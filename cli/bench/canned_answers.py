"""What AWS answers to each call of the functions in :mod:`cli.bench.canned_aws`: little, but of the right form."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.bench import canned_schedules
from cli.bench.canned_account import ECS, LONG_AGO, Account, page
from local.aws import CLUSTER_ARN, REGION

LOG = (
    *(f"{number} pages published" for number in range(30)),
    "Traceback (most recent call last):",
    '  File "/app/manage.py", line 22, in <module>',
    'django.db.utils.ProgrammingError: relation "pages_page" does not exist',
)


def answer(account: Account, operation: str, params: Mapping[str, Any]) -> Any:
    """Nothing for an operation that has no answer here; an error under ``Error``."""
    return _ANSWERS[operation](account, params) if operation in _ANSWERS else {}


def _list_rules(account: Account, params: Mapping[str, Any]) -> Any:
    return {"Rules": []}


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
    found, more = page(account.services, params, "maxResults", "nextToken", 10)
    return {"serviceArns": [f"{ECS}:service/app-prod/{name}" for name in found], **more}


def _describe_services(account: Account, params: Mapping[str, Any]) -> Any:
    return {"services": [_service(account, arn.rpartition("/")[2]) for arn in params["services"]]}


def _service(account: Account, name: str) -> Any:
    """The first one runs the jobs' family; the others run families of their own."""
    family = "webapp" if name == account.services[0] else name
    deployment = {
        "status": "PRIMARY",
        "taskDefinition": f"{ECS}:task-definition/{family}:{account.serves}",
        "rolloutState": "COMPLETED",
        "createdAt": LONG_AGO,
        "updatedAt": LONG_AGO,
    }
    return {"serviceName": name, "status": "ACTIVE", "deployments": [deployment]}


def _service_deployments(account: Account, params: Mapping[str, Any]) -> Any:
    revision = f"{ECS}:service-revision/app-prod/{params['service']}/1"
    return {
        "serviceDeployments": [
            {"status": "SUCCESSFUL", "createdAt": LONG_AGO, "targetServiceRevisionArn": revision},
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


def _run_task(account: Account, params: Mapping[str, Any]) -> Any:
    account.started_by = params["startedBy"]
    return {"tasks": [{"taskArn": f"{ECS}:task/app-prod/again"}], "failures": []}


def _secret_value(account: Account, params: Mapping[str, Any]) -> Any:
    return {"SecretString": account.secret}


def _invoke(account: Account, params: Mapping[str, Any]) -> Any:
    account.invoked.append(json.loads(params["Payload"]))
    return {"StatusCode": 202}


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
    values = params["ExpressionAttributeValues"]
    pk, prefix = values[":pk"]["S"], values.get(":prefix", {"S": ""})["S"]
    return {"Items": [item for key, item in account.items.items() if key[0] == pk and key[1].startswith(prefix)]}


_ANSWERS: Mapping[str, Callable[[Account, Mapping[str, Any]], Any]] = {
    **canned_schedules.ANSWERS,
    "ListRules": _list_rules,
    "DescribeTaskDefinition": _task_definition,
    "GetLogEvents": _log_events,
    "ListServices": _list_services,
    "DescribeServices": _describe_services,
    "ListServiceDeployments": _service_deployments,
    "DescribeServiceRevisions": _service_revisions,
    "ListTasks": _list_tasks,
    "DescribeTasks": _describe_tasks,
    "GetParameter": _parameter,
    "RunTask": _run_task,
    "GetSecretValue": _secret_value,
    "PutEvents": _put_events,
    "Invoke": _invoke,
    "PutItem": _put_item,
    "GetItem": _get_item,
    "BatchGetItem": _batch_get_item,
    "TransactWriteItems": _transact_write_items,
    "Query": _query,
}
