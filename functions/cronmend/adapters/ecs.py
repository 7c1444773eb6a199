"""ECS: task definitions, active tasks, and the one call that starts a task."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from cronmend.adapters.aws import CONFIG, ErrorAnswer, session, translated
from cronmend.adapters.reads import denials, read
from cronmend.adapters.request_shapes import fitted_request
from cronmend.errors import Permanent, Retryable, refusing
from cronmend.incoming.task_events import override_of
from cronmend.jobs import refusal
from cronmend.jobs.refusal import Refusal
from cronmend.jobs.run_task_answers import Nature, nature_of_error
from cronmend.model import LiveTask, LogPlace, Missing, TaskDefinitionRef
from cronmend.model.runs import TaskDefinition

if TYPE_CHECKING:
    from types_boto3_ecs import ECSClient
    from types_boto3_ecs.literals import DesiredStatusType
    from types_boto3_ecs.type_defs import ContainerDefinitionOutputTypeDef, TaskDefinitionTypeDef, TaskTypeDef


def ecs_client() -> "ECSClient":
    return session().client("ecs", config=CONFIG)


class EcsTaskDefinitions:
    permissions = ("ecs:DescribeTaskDefinition",)

    def __init__(self, client: "ECSClient | None" = None, *, keep: bool = True) -> None:
        """``keep``: whether a revision is read once; it never changes, but it may be deregistered."""
        self._client = client or ecs_client()
        self._keep = keep
        self._known: dict[TaskDefinitionRef, TaskDefinition] = {}

    def get(self, reference: str) -> TaskDefinition | Missing:
        wanted = TaskDefinitionRef.parse(reference)
        if wanted in self._known:
            return self._known[wanted]
        call = f"describe the task definition {reference}"
        definition = read(call, lambda: self._described(reference))
        if isinstance(definition, Missing):
            return definition
        if self._keep and wanted.revision is not None:
            self._known[wanted] = definition  # not for a family alone: its newest revision changes
        return definition

    def _described(self, reference: str) -> TaskDefinition:
        raw = self._client.describe_task_definition(taskDefinition=reference)["taskDefinition"]
        with refusing(lambda error: Permanent(f"the task definition {reference} has a wrong form: {error}")):
            return _definition(raw)


class EcsRunningTasks:
    permissions = ("ecs:ListTasks", "ecs:DescribeTasks")

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or ecs_client()

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return self._listed(cluster_arn, family, "RUNNING")

    def stopped(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return self._listed(cluster_arn, family, "STOPPED")

    def _listed(self, cluster_arn: str, family: str, status: "DesiredStatusType") -> list[LiveTask]:
        with denials(f"list the tasks of {family}"):
            pages = self._client.get_paginator("list_tasks").paginate(
                cluster=cluster_arn, family=family, desiredStatus=status
            )
            found: list[LiveTask] = []
            for page in pages:
                if page["taskArns"]:
                    answer = self._client.describe_tasks(cluster=cluster_arn, tasks=page["taskArns"])
                    found += [live_task(raw) for raw in answer["tasks"]]
        return found


class EcsTasks:
    permissions = ("ecs:RunTask", "ecs:TagResource", "iam:PassRole")

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or ecs_client()

    def run(self, request: Mapping[str, Any]) -> str | Refusal:
        """The schedule's target may have changed since an earlier call with this token: ECS then names its task."""
        call = f"run {request.get('taskDefinition')}"
        try:
            answer = self._client.run_task(**fitted_request(self._client, "RunTask", request))
        except ClientError as error:
            return _of_error(error, call)
        except BotoCoreError as error:
            raise translated(error, call) from error
        if answer["tasks"]:
            return answer["tasks"][0]["taskArn"]
        return refusal.of(answer["failures"])


def _of_error(error: ClientError, call: str) -> str | Refusal:
    answer, response = ErrorAnswer.of(error), cast("Mapping[str, Any]", error.response)
    tasks: Sequence[str] = response.get("resourceIds") or ()
    match nature_of_error(answer.code, answer.message, answer.status):
        case Nature.STARTED if tasks:
            return tasks[0]
        case Nature.PASSING:
            return Refusal(f"{answer.code}: {answer.message}", passes=True)
        case Nature.ASK_AGAIN:
            raise Retryable(answer.text(call)) from error
        case _:
            raise Permanent(answer.text(call)) from error


def _definition(raw: "TaskDefinitionTypeDef") -> TaskDefinition:
    containers = raw["containerDefinitions"]
    return TaskDefinition(
        ref=TaskDefinitionRef(raw["family"], raw["revision"]),
        registered_at=raw["registeredAt"],
        deregistered_at=raw.get("deregisteredAt"),
        logs={each["name"]: _log_place(each) for each in containers},
        images={each["name"]: each.get("image", "") for each in containers},
        commands={each["name"]: (*each.get("entryPoint", ()), *each.get("command", ())) for each in containers},
        task_role=raw.get("taskRoleArn", ""),
        execution_role=raw.get("executionRoleArn", ""),
        start_reads=tuple(dict.fromkeys(read for each in containers for read in _start_reads(each))),
        variables=tuple(dict.fromkeys(arn for each in containers for arn in _arns(each))),
    )


def _start_reads(raw: "ContainerDefinitionOutputTypeDef") -> Iterator[str]:
    for each in (*raw.get("secrets", ()), *raw.get("logConfiguration", {}).get("secretOptions", ())):
        yield each["valueFrom"]
    if credentials := raw.get("repositoryCredentials"):
        yield credentials["credentialsParameter"]


def _arns(raw: "ContainerDefinitionOutputTypeDef") -> Iterator[str]:
    values = (each.get("value", "") for each in raw.get("environment", ()))
    return (value for value in values if value.startswith("arn:"))


def _log_place(raw: "ContainerDefinitionOutputTypeDef") -> LogPlace | Missing:
    """``stream`` holds only the prefix; the log driver appends ``/<container>/<task id>``."""
    name, configuration = raw["name"], raw.get("logConfiguration")
    if configuration is None:
        return Missing(f"container {name} has no log configuration, so its output isn't stored")
    options = configuration.get("options", {})
    if configuration["logDriver"] != "awslogs":
        return Missing(f"container {name} logs with {configuration['logDriver']}, not to CloudWatch Logs")
    try:
        return LogPlace(options["awslogs-group"], options["awslogs-stream-prefix"], options["awslogs-region"])
    except KeyError as error:
        return Missing(f"the log configuration of container {name} has no {error}")


def live_task(raw: "TaskTypeDef") -> LiveTask:
    """A task as DescribeTasks returns it."""
    overrides = raw.get("overrides", {}).get("containerOverrides", [])
    return LiveTask(
        raw["taskArn"],
        raw["clusterArn"],
        TaskDefinitionRef.parse(raw["taskDefinitionArn"]),
        raw.get("startedBy", ""),
        tuple(override_of(each) for each in overrides if each.get("name")),
        raw.get("createdAt"),
        raw.get("startedAt"),
        raw.get("lastStatus", ""),
    )
