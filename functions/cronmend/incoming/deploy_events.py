"""Events about deploys, from JSON: markers, CodePipeline, CodeDeploy, one-off tasks, service deployments.

Shapes: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html,
https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html,
https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.deploys import Phase
from cronmend.errors import BadEvent, refusing
from cronmend.incoming.envelope import Json, bad, bad_detail, detail_of, text, time_of
from cronmend.incoming.task_events import container_of, last_status, override_of
from cronmend.model import Container, TaskDefinitionRef

MARKER_SOURCE = "cronmend.deploy"
LONGEST = timedelta(hours=24)
"""The longest time that a marker counts, whatever limit it names."""

_MARKED = {phase.value: phase for phase in (Phase.STARTED, Phase.MIGRATED, Phase.FINISHED, Phase.FAILED)}
_PIPELINE = {
    "STARTED": Phase.STARTED,
    "RESUMED": Phase.STARTED,
    "SUCCEEDED": Phase.FINISHED,
    "FAILED": Phase.FAILED,
    "STOPPED": Phase.CANCELLED,
    "CANCELED": Phase.CANCELLED,
    "SUPERSEDED": Phase.CANCELLED,
}
"""Not STOPPING: STOPPED follows it."""
_CODE_DEPLOY = {
    "START": Phase.STARTED,
    "SUCCESS": Phase.FINISHED,
    "FAILURE": Phase.FAILED,
    "STOP": Phase.CANCELLED,
}
"""Not QUEUED and READY: they change nothing that runs."""


class Marker(Struct, frozen=True):
    """An event that a pipeline sent with PutEvents. Without family and service, it is about all jobs of the cluster."""

    event_id: str
    phase: Phase
    at: datetime
    family: str = ""
    service: str = ""
    release: str = ""
    limit: timedelta | None = None
    cluster: str = ""
    """The cluster's name; ``""`` for every watched cluster."""


class PipelineChange(Struct, frozen=True):
    """A state change of a CodePipeline execution or a CodeDeploy deployment."""

    event_id: str
    name: str
    """The name of the pipeline, or of the CodeDeploy application."""
    execution: str
    phase: Phase | None
    """None if the change doesn't show how far the deploy is."""
    at: datetime
    since: datetime


class OneOffTask(Struct, frozen=True):
    """A task that no service or schedule started, now RUNNING or STOPPED. It may be a migration."""

    event_id: str
    task_id: str
    cluster_arn: str
    task_definition: TaskDefinitionRef
    task_definition_arn: str
    stopped: bool
    containers: tuple[Container, ...]
    commands: Mapping[str, tuple[str, ...]]
    """Overridden commands, by container."""
    at: datetime
    since: datetime


class ServiceDeployment(Struct, frozen=True):
    """An ``ECS Deployment State Change``: a service's rollout started, ended or failed.

    COMPLETED is also sent at the end of a rollback, so it doesn't prove that a new release is live.
    """

    event_id: str
    name: str
    service_arn: str
    reason: str
    at: datetime

    @property
    def cluster_arn(self) -> str:
        """Only the service's ARN names the cluster: ``…:service/<cluster>/<service>``."""
        prefix, cluster, _ = self.service_arn.rsplit("/", 2)
        return f"{prefix.removesuffix(':service')}:cluster/{cluster}"

    @property
    def service(self) -> str:
        return self.service_arn.rsplit("/", 1)[-1]

    @property
    def in_progress(self) -> bool:
        """The rollout has started and not ended. False when a rollback starts, which has the same event name."""
        return self.name == "SERVICE_DEPLOYMENT_IN_PROGRESS" and "rolling back" not in self.reason


type DeployEvent = Marker | PipelineChange | OneOffTask | ServiceDeployment


def deploy_event(event: Json) -> DeployEvent:
    """The deploy event in an EventBridge event.

    Raises:
        BadEvent: it is of another kind, or a field that identifies the deploy is missing.
    """
    if not isinstance(event, Mapping):
        raise BadEvent(f"the event is a {type(event).__name__}, not an object: expected an EventBridge event")
    read = _marker if event.get("source") == MARKER_SOURCE else _READERS.get(str(event.get("detail-type")))
    if read is None:
        raise bad(event, f"detail-type is {event.get('detail-type')!r}", f"expected one of {', '.join(_READERS)}")
    with refusing(bad_detail(event)):
        return read(event)


def _marker(event: Json) -> Marker:
    word = str(event.get("detail-type"))
    if word not in _MARKED:
        raise bad(event, f"detail-type is {word!r}", f"a marker's detail-type is one of {', '.join(_MARKED)}")
    detail = event.get("detail")
    if not isinstance(detail, Mapping):
        raise bad(event, "it has no detail", "a marker needs an object, at least {}")
    return Marker(
        event_id=str(event.get("id", "")),
        phase=_MARKED[word],
        at=_time(event, "time"),
        family=str(detail.get("family") or ""),
        service=str(detail.get("service") or ""),
        release=str(detail.get("release") or ""),
        limit=_limit(detail),
        cluster=str(detail.get("cluster") or ""),
    )


def _limit(detail: Json) -> timedelta | None:
    raw = detail.get("minutes")
    if raw is None:
        return None
    if (minutes := float(raw)) <= 0:
        raise ValueError(f"minutes is {raw!r}, expected a number above 0")
    return timedelta(minutes=min(minutes, LONGEST / timedelta(minutes=1)))


def _pipeline(event: Json) -> PipelineChange:
    """CodePipeline's keys have hyphens."""
    detail = detail_of(event, "CodePipeline Pipeline Execution State Change")
    at = _time(event, "time")
    return PipelineChange(
        event_id=str(event.get("id", "")),
        name=text(detail, "pipeline"),
        execution=text(detail, "execution-id"),
        phase=_PIPELINE.get(text(detail, "state")),
        at=at,
        since=time_of(detail, "start-time") or at,
    )


def _code_deploy(event: Json) -> PipelineChange:
    detail = detail_of(event, "CodeDeploy Deployment State-change Notification")
    at = _time(event, "time")
    phase = _CODE_DEPLOY.get(text(detail, "state"))
    name, execution = text(detail, "application"), text(detail, "deploymentId")
    return PipelineChange(str(event.get("id", "")), name, execution, phase, at, at)


def _one_off_task(event: Json) -> OneOffTask:
    stopped = last_status(event) == "STOPPED"
    detail = detail_of(event, "ECS Task State Change")
    since = time_of(detail, "startedAt") or time_of(detail, "createdAt") or _time(event, "time")
    overrides = (override_of(raw) for raw in (detail.get("overrides") or {}).get("containerOverrides") or ())
    return OneOffTask(
        event_id=str(event.get("id", "")),
        task_id=text(detail, "taskArn").rsplit("/", 1)[-1],
        cluster_arn=text(detail, "clusterArn"),
        task_definition=TaskDefinitionRef.parse(text(detail, "taskDefinitionArn")),
        task_definition_arn=text(detail, "taskDefinitionArn"),
        stopped=stopped,
        containers=tuple(container_of(raw) for raw in detail.get("containers") or ()),
        commands={each.name: each.command for each in overrides if each.command},
        at=(time_of(detail, "stoppedAt") or _time(event, "time")) if stopped else since,
        since=since,
    )


def _service_deployment(event: Json) -> ServiceDeployment:
    detail = detail_of(event, "ECS Deployment State Change")
    arn = next((str(arn) for arn in event.get("resources") or () if ":service/" in str(arn)), "")
    if arn.count("/") < 2:
        raise bad(event, "resources names no service with its cluster", "expected …:service/<cluster>/<service>")
    return ServiceDeployment(
        event_id=str(event.get("id", "")),
        name=text(detail, "eventName"),
        service_arn=arn,
        reason=str(detail.get("reason") or ""),
        at=time_of(detail, "updatedAt") or _time(event, "time"),
    )


_READERS: Mapping[str, Callable[[Json], DeployEvent]] = {
    "ECS Deployment State Change": _service_deployment,
    "ECS Task State Change": _one_off_task,
    "CodePipeline Pipeline Execution State Change": _pipeline,
    "CodeDeploy Deployment State-change Notification": _code_deploy,
}


def _time(source: Json, key: str) -> datetime:
    if (found := time_of(source, key)) is None:
        raise ValueError(f"{key} is missing")
    return found
