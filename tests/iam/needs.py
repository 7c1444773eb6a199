"""What IAM checks for a call: actions, resources and condition keys, as far as the request names them.

Source: the Service Authorization Reference, https://docs.aws.amazon.com/service-authorization/latest/reference/, and
the services' own guides for actions that a call needs besides its own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

ACCOUNT = "111122223333"
MOTOS_ACCOUNT = "123456789012"
ANY = "*"
"""For actions that AWS checks on no resource."""

type Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Need:
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        context = ", ".join(f"{key}={value}" for key, value in self.context.items())
        return f"{self.action} on {self.resource}{f' with {context}' if context else ''}"


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a client: the service as its clients name it, the operation as the API names it."""

    service: str
    operation: str
    params: Params
    region: str

    @property
    def known(self) -> bool:
        return f"{self.service}:{self.operation}" in _NEEDS

    @property
    def needs(self) -> list[Need]:
        return list(_NEEDS[f"{self.service}:{self.operation}"](self))

    def arn(self, resource: str, service: str = "") -> str:
        return f"arn:aws:{service or self.service}:{self.region}:{ACCOUNT}:{resource}"


def in_one_account(arn: str) -> str:
    """moto's resources are in an account of its own."""
    return arn.replace(f":{MOTOS_ACCOUNT}:", f":{ACCOUNT}:")


def _on(resource: Callable[[Call], str]) -> Callable[[Call], Iterator[Need]]:
    """Of a call whose action has the operation's name."""

    def needs(call: Call) -> Iterator[Need]:
        yield Need(f"{call.service}:{call.operation}", in_one_account(resource(call)))

    return needs


def _transaction(call: Call) -> Iterator[Need]:
    actions = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
    for item in call.params["TransactItems"]:
        for kind, body in item.items():
            yield Need(f"dynamodb:{actions[kind]}", call.arn(f"table/{body['TableName']}"))


def _batch(call: Call) -> Iterator[Need]:
    for table in call.params["RequestItems"]:
        yield Need(f"dynamodb:{call.operation}", call.arn(f"table/{table}"))


def _schedule(call: Call) -> str:
    return call.arn(f"schedule/{call.params.get('GroupName', 'default')}/{call.params['Name']}")


def _written_schedule(call: Call) -> Iterator[Need]:
    """Scheduler gets the role of the target."""
    yield Need(f"scheduler:{call.operation}", _schedule(call))
    role = in_one_account(call.params["Target"]["RoleArn"])
    yield Need("iam:PassRole", role, {"iam:PassedToService": "scheduler.amazonaws.com"})


def _put_events(call: Call) -> Iterator[Need]:
    for entry in call.params["Entries"]:
        bus = call.arn(f"event-bus/{entry.get('EventBusName', 'default')}")
        yield Need("events:PutEvents", bus, {"events:source": entry["Source"]})


def _in_cluster(resource: str) -> Callable[[Call], Iterator[Need]]:
    """Of the tasks or services that the request lists, or on no resource."""

    def needs(call: Call) -> Iterator[Need]:
        cluster = call.params["cluster"]
        named = call.params.get(f"{resource}s") or filter(None, [call.params.get(resource)])
        name = cluster.rpartition("/")[2]
        found = [call.arn(f"{resource}/{name}/{each.rpartition('/')[2]}") for each in named]
        for arn in found or [ANY]:
            yield Need(f"ecs:{call.operation}", arn, {"ecs:cluster": cluster})

    return needs


def _run_task(call: Call) -> Iterator[Need]:
    """The roles are in the task definition, which the request only names: any role can be meant."""
    cluster = call.params["cluster"]
    definition = call.params["taskDefinition"]
    arn = definition if definition.startswith("arn:") else call.arn(f"task-definition/{definition}")
    yield Need("ecs:RunTask", arn, {"ecs:cluster": cluster})
    if call.params.get("tags") or call.params.get("propagateTags"):
        name = cluster.rpartition("/")[2]
        yield Need("ecs:TagResource", call.arn(f"task/{name}/{ANY}"), {"ecs:CreateAction": "RunTask"})
    passed = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    yield Need("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{ANY}", passed)


def _repository(call: Call) -> str:
    """Of another account, too: there, the repository's own policy has to allow it besides."""
    return f"arn:aws:ecr:{call.region}:{call.params['registryId']}:repository/{call.params['repositoryName']}"


def _log_stream(call: Call) -> str:
    return call.arn(f"log-group:{call.params['logGroupName']}:log-stream:{call.params['logStreamName']}")


def _queue(call: Call) -> str:
    return call.arn(call.params["QueueUrl"].rpartition("/")[2])


def _invoked(call: Call) -> Iterator[Need]:
    name = call.params["FunctionName"].rpartition(":")[2]
    yield Need("lambda:InvokeFunction", call.arn(f"function:{name}"))


def _of_service(kind: str, parameter: str) -> Callable[[Call], Iterator[Need]]:
    """Checked on the service, too: ``…:<kind>/<cluster>/<service>/<id>`` names it."""

    def needs(call: Call) -> Iterator[Need]:
        for arn in call.params[parameter]:
            yield Need(f"ecs:{call.operation}", arn)
            yield Need(f"ecs:{call.operation}", arn.replace(f":{kind}/", ":service/").rpartition("/")[0])

    return needs


def _table(call: Call) -> str:
    """A query of an index is authorized on the index alone."""
    index = call.params.get("IndexName")
    return call.arn(f"table/{call.params['TableName']}{f'/index/{index}' if index else ''}")


def _metrics(call: Call) -> Iterator[Need]:
    """CloudWatch signs its requests as ``monitoring``."""
    yield Need(f"cloudwatch:{call.operation}", ANY)


_NEEDS: Mapping[str, Callable[[Call], Iterator[Need]]] = {
    **{f"dynamodb:{name}": _on(_table) for name in ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")},
    "dynamodb:TransactWriteItems": _transaction,
    "dynamodb:BatchGetItem": _batch,
    "scheduler:ListSchedules": _on(lambda _: ANY),
    "scheduler:GetSchedule": _on(_schedule),
    "scheduler:CreateSchedule": _written_schedule,
    "scheduler:UpdateSchedule": _written_schedule,
    "events:ListRules": _on(lambda call: call.arn(f"rule/{call.params.get('NamePrefix', '')}{ANY}")),
    "events:DescribeRule": _on(lambda call: call.arn(f"rule/{call.params['Name']}")),
    "events:ListTargetsByRule": _on(lambda call: call.arn(f"rule/{call.params['Rule']}")),
    "events:PutEvents": _put_events,
    "ecs:DescribeTaskDefinition": _on(lambda _: ANY),
    "ecs:ListTaskDefinitions": _on(lambda _: ANY),
    "ecs:ListServices": _in_cluster("service"),
    "ecs:DescribeServices": _in_cluster("service"),
    "ecs:ListServiceDeployments": _in_cluster("service"),
    "ecs:DescribeServiceDeployments": _of_service("service-deployment", "serviceDeploymentArns"),
    "ecs:DescribeServiceRevisions": _of_service("service-revision", "serviceRevisionArns"),
    "ecs:ListTasks": _in_cluster("task"),
    "ecs:DescribeTasks": _in_cluster("task"),
    "ecs:StopTask": _in_cluster("task"),
    "ecs:RunTask": _run_task,
    "ecr:DescribeImages": _on(_repository),
    "logs:GetLogEvents": _on(_log_stream),
    "ssm:GetParameter": _on(lambda call: call.arn(f"parameter/{call.params['Name'].lstrip('/')}")),
    "iam:GetRole": _on(lambda call: f"arn:aws:iam::{ACCOUNT}:role/{call.params['RoleName']}"),
    "secretsmanager:DescribeSecret": _on(lambda call: call.params["SecretId"]),
    "ssm:DescribeParameters": _on(lambda _: ANY),
    "acm:DescribeCertificate": _on(lambda call: call.params["CertificateArn"]),
    "monitoring:GetMetricData": _metrics,
    "secretsmanager:GetSecretValue": _on(lambda call: call.params["SecretId"]),
    "sns:Publish": _on(lambda call: call.params["TopicArn"]),
    **{f"sqs:{name}": _on(_queue) for name in ("SendMessage", "ChangeMessageVisibility")},
    "lambda:Invoke": _invoked,
}
