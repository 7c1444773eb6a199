"""ECS: what is deployed, what is alive, and the one call that starts a task."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.deploys import Deployment, Service
from cronmend.errors import Permanent, Retryable
from cronmend.model import ContainerOverride, LiveTask, Missing, TaskDefinitionRef
from cronmend.ports import LogPlace, TaskDefinition

if TYPE_CHECKING:
    from types_boto3_ecs import ECSClient
    from types_boto3_ecs.type_defs import ContainerDefinitionOutputTypeDef, ServiceTypeDef, TaskTypeDef

_DESCRIBED_AT_ONCE = 10
"""DescribeServices takes no more."""


def _client() -> "ECSClient":
    return session().client("ecs", config=CONFIG)


class EcsTaskDefinitions:
    permissions = ("ecs:DescribeTaskDefinition",)

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or _client()
        self._known: dict[str, TaskDefinition] = {}

    def get(self, reference: str) -> TaskDefinition | Missing:
        if reference in self._known:
            return self._known[reference]
        try:
            with our_errors(f"describe the task definition {reference}"):
                raw = self._client.describe_task_definition(taskDefinition=reference)["taskDefinition"]
        except Permanent as error:
            return Missing(str(error))
        definition = TaskDefinition(
            ref=TaskDefinitionRef(raw["family"], raw["revision"]),
            registered_at=raw["registeredAt"],
            logs={each["name"]: _log_place(each) for each in raw["containerDefinitions"]},
        )
        if TaskDefinitionRef.parse(reference).revision is not None:
            self._known[reference] = definition  # a revision never changes; which one is the newest does
        return definition


class EcsServices:
    permissions = ("ecs:ListServices", "ecs:DescribeServices")

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or _client()

    def of_family(self, cluster_arn: str, family: str) -> tuple[Service, ...] | Missing:
        try:
            with our_errors(f"list the services of {cluster_arn}"):
                pages = self._client.get_paginator("list_services").paginate(cluster=cluster_arn)
                arns = [arn for page in pages for arn in page["serviceArns"]]
            found = [service for raw in self._described(cluster_arn, arns) if (service := _service(raw))]
        except Permanent as error:
            return Missing(str(error))
        return tuple(service for service in found if service.primary.task_definition.family == family)

    def of_service(self, cluster_arn: str, service: str) -> Sequence[str]:
        described = [found for raw in self._described(cluster_arn, [service]) if (found := _service(raw))]
        families = {each.task_definition.family for found in described for each in (found.primary, *found.others)}
        return sorted(families)

    def _described(self, cluster_arn: str, services: Sequence[str]) -> list["ServiceTypeDef"]:
        described: list[ServiceTypeDef] = []
        for first in range(0, len(services), _DESCRIBED_AT_ONCE):
            batch = list(services[first : first + _DESCRIBED_AT_ONCE])
            with our_errors(f"describe services of {cluster_arn}"):
                described += self._client.describe_services(cluster=cluster_arn, services=batch)["services"]
        return described


class EcsTasks:
    permissions = ("ecs:ListTasks", "ecs:DescribeTasks", "ecs:RunTask", "ecs:TagResource", "iam:PassRole")

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or _client()

    def alive(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        with our_errors(f"list the running tasks of {family}"):
            pages = self._client.get_paginator("list_tasks").paginate(cluster=cluster_arn, family=family)
            found: list[LiveTask] = []
            for page in pages:
                if page["taskArns"]:
                    answer = self._client.describe_tasks(cluster=cluster_arn, tasks=page["taskArns"])
                    found += [_live(raw) for raw in answer["tasks"]]
        return found

    def run(self, request: Mapping[str, Any]) -> str:
        with our_errors(f"run {request.get('taskDefinition')}"):
            answer = self._client.run_task(**request)
        if answer["tasks"]:
            return answer["tasks"][0]["taskArn"]
        reasons = "; ".join(f"{each.get('reason', '')} {each.get('detail', '')}".strip() for each in answer["failures"])
        raise Retryable(f"ECS started no task: {reasons or 'no reason given'}")


def _log_place(raw: "ContainerDefinitionOutputTypeDef") -> LogPlace | Missing:
    """``stream`` holds the prefix; the driver appends ``/<container>/<task id>``."""
    name, configuration = raw["name"], raw.get("logConfiguration")
    if configuration is None:
        return Missing(f"the container {name} has no log configuration, so its output is nowhere")
    options = configuration.get("options", {})
    if configuration["logDriver"] != "awslogs":
        return Missing(f"the container {name} logs with {configuration['logDriver']}, not to CloudWatch Logs")
    try:
        return LogPlace(options["awslogs-group"], options["awslogs-stream-prefix"], options["awslogs-region"])
    except KeyError as error:
        return Missing(f"the container {name}'s log configuration has no {error}")


def _service(raw: "ServiceTypeDef") -> Service | None:
    """None for a service that is being deleted, or whose deployments ECS doesn't keep (CodeDeploy's task sets)."""
    deployments = [_deployment(each) for each in raw.get("deployments", []) if each.get("status") == "PRIMARY"]
    others = [_deployment(each) for each in raw.get("deployments", []) if each.get("status") == "ACTIVE"]
    if raw.get("status") != "ACTIVE" or not deployments:
        return None
    return Service(raw["serviceName"], deployments[0], tuple(others))


def _deployment(raw: Mapping[str, Any]) -> Deployment:
    created: datetime = raw["createdAt"]
    return Deployment(
        TaskDefinitionRef.parse(raw["taskDefinition"]),
        raw.get("rolloutState", ""),
        created,
        raw.get("updatedAt", created),
    )


def _live(raw: "TaskTypeDef") -> LiveTask:
    overrides = raw.get("overrides", {}).get("containerOverrides", [])
    return LiveTask(
        raw["taskArn"],
        raw["clusterArn"],
        TaskDefinitionRef.parse(raw["taskDefinitionArn"]),
        raw.get("startedBy", ""),
        tuple(_override(each) for each in overrides),
    )


def _override(raw: Mapping[str, Any]) -> ContainerOverride:
    environment = {pair["name"]: pair.get("value", "") for pair in raw.get("environment", [])}
    return ContainerOverride(raw.get("name", ""), tuple(raw.get("command", ())), environment)
