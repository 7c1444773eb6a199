"""What tells of a deploy, as JSON → our nouns: markers, CodePipeline, CodeDeploy, one-off tasks, service deployments.

Shapes: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html,
https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html,
https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cronmend.deploys import Phase
from cronmend.errors import BadEvent
from cronmend.incoming.envelope import SAMPLES, Json, bad, detail_of, text, time_of
from cronmend.incoming.task_events import container_of, last_status, override_of
from cronmend.model import Container, TaskDefinitionRef

MARKER_SOURCE = "cronmend.deploy"
LONGEST = timedelta(hours=24)
"""No marker is believed for longer, whatever limit it names."""

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
"""STOPPING is left out: STOPPED follows."""
_CODE_DEPLOY = {
    "START": Phase.STARTED,
    "SUCCESS": Phase.FINISHED,
    "FAILURE": Phase.FAILED,
    "STOP": Phase.CANCELLED,
}
"""QUEUED and READY are left out: they change nothing of what runs."""


@dataclass(frozen=True, slots=True)
class Marker:
    """What a pipeline said with PutEvents. Without family and service it speaks of all of the cluster's jobs."""

    event_id: str
    phase: Phase
    at: datetime
    family: str = ""
    service: str = ""
    release: str = ""
    limit: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PipelineChange:
    """An execution of CodePipeline, or a deployment of CodeDeploy, has changed."""

    event_id: str
    name: str
    """Of the pipeline, or of CodeDeploy's application."""
    execution: str
    phase: Phase | None
    """None where the change says nothing of how far a deploy is."""
    at: datetime
    since: datetime


@dataclass(frozen=True, slots=True)
class OneOffTask:
    """A task that is no service's and no schedule's, now RUNNING or STOPPED: perhaps a migration."""

    event_id: str
    task_id: str
    cluster_arn: str
    task_definition: TaskDefinitionRef
    task_definition_arn: str
    stopped: bool
    containers: tuple[Container, ...]
    commands: Mapping[str, tuple[str, ...]]
    """By container; only those that the run overrides."""
    at: datetime
    since: datetime


@dataclass(frozen=True, slots=True)
class ServiceDeployment:
    """An ``ECS Deployment State Change``: a service's rollout began, ended or failed.

    COMPLETED is also sent at the end of a rollback: it does not say that a new release is live.
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
    def goes_on(self) -> bool:
        """Nothing is decided yet: it has begun. A rollback begins with the same name, but something is decided then."""
        return self.name == "SERVICE_DEPLOYMENT_IN_PROGRESS" and "rolling back" not in self.reason


type DeployEvent = Marker | PipelineChange | OneOffTask | ServiceDeployment


def deploy_event(event: Json) -> DeployEvent:
    """What the event tells.

    Raises:
        BadEvent: none of these kinds, or a field that identifies what it speaks of is missing.
    """
    if not isinstance(event, Mapping):
        raise BadEvent(f"the event is a {type(event).__name__}, not an object: expected an EventBridge event")
    read = _marker if event.get("source") == MARKER_SOURCE else _READERS.get(str(event.get("detail-type")))
    if read is None:
        raise bad(event, f"detail-type is {event.get('detail-type')!r}", f"expected one of {', '.join(_READERS)}")
    try:
        return read(event)
    except (KeyError, TypeError, ValueError) as error:
        raise bad(event, f"detail: {error}", SAMPLES) from error


def _marker(event: Json) -> Marker:
    word = str(event.get("detail-type"))
    if word not in _MARKED:
        raise bad(event, f"detail-type is {word!r}", f"a marker's is one of {', '.join(_MARKED)}")
    detail = event.get("detail")
    if not isinstance(detail, Mapping):
        raise bad(event, "it has no detail", "a marker's is an object, {} where there is nothing to say")
    return Marker(
        event_id=str(event.get("id", "")),
        phase=_MARKED[word],
        at=_moment(event, "time"),
        family=str(detail.get("family") or ""),
        service=str(detail.get("service") or ""),
        release=str(detail.get("release") or ""),
        limit=_limit(detail),
    )


def _limit(detail: Json) -> timedelta | None:
    raw = detail.get("minutes")
    if raw is None:
        return None
    if (minutes := float(raw)) <= 0:
        raise ValueError(f"minutes is {raw!r}, expected a number above 0")
    return min(timedelta(minutes=minutes), LONGEST)


def _pipeline(event: Json) -> PipelineChange:
    """Keys are hyphenated here."""
    detail = detail_of(event, "CodePipeline Pipeline Execution State Change")
    at = _moment(event, "time")
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
    at = _moment(event, "time")
    phase = _CODE_DEPLOY.get(text(detail, "state"))
    name, execution = text(detail, "application"), text(detail, "deploymentId")
    return PipelineChange(str(event.get("id", "")), name, execution, phase, at, at)


def _one_off_task(event: Json) -> OneOffTask:
    stopped = last_status(event) == "STOPPED"
    detail = detail_of(event, "ECS Task State Change")
    since = time_of(detail, "startedAt") or time_of(detail, "createdAt") or _moment(event, "time")
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
        at=(time_of(detail, "stoppedAt") or _moment(event, "time")) if stopped else since,
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
        at=time_of(detail, "updatedAt") or _moment(event, "time"),
    )


_READERS: Mapping[str, Callable[[Json], DeployEvent]] = {
    "ECS Deployment State Change": _service_deployment,
    "ECS Task State Change": _one_off_task,
    "CodePipeline Pipeline Execution State Change": _pipeline,
    "CodeDeploy Deployment State-change Notification": _code_deploy,
}


def _moment(source: Json, key: str) -> datetime:
    if (moment := time_of(source, key)) is None:
        raise ValueError(f"{key} is missing")
    return moment
