"""What wakes the functions, as JSON → our nouns. No other module knows these shapes.

Shapes and traps: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html.
The ones that matter here: ``exitCode`` is absent where a container never ran, ``containers`` may be
empty, stop fields appear before the task has stopped, unknown fields are to be expected.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cronmend.errors import BadEvent
from cronmend.model import Container, ContainerOverride, StoppedTask, TaskDefinitionRef
from cronmend.records import Timer, TimerKind

type Json = Mapping[str, Any]

_BEFORE_RUNNING = ("PROVISIONING", "PENDING", "ACTIVATING")
_AFTER_RUNNING = ("DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED", "DELETED")
LIFECYCLE = frozenset((*_BEFORE_RUNNING, "RUNNING", *_AFTER_RUNNING))
"""Every ``lastStatus``; https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html."""

_SIDECAR = re.compile(
    r"aws-guardduty-agent|ecs-service-connect|log[-_]?router|firelens|fluent-?(bit|d)\b|datadog|dd-agent"
    r"|x-?ray|otel|cloudwatch-agent|newrelic|envoy|vault-agent|cloud-?sql-proxy|pgbouncer",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ServiceDeployment:
    """An ``ECS Deployment State Change``: a service's rollout began, ended or failed.

    COMPLETED is also sent at the end of a rollback: it does not say that a new release is live.
    """

    event_id: str
    name: str
    service_arn: str
    deployment_id: str
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
    def completed(self) -> bool:
        return self.name == "SERVICE_DEPLOYMENT_COMPLETED"


def last_status(event: Json) -> str:
    """The lifecycle status that a Task State Change reports.

    Raises:
        BadEvent: not a Task State Change, or a status that ECS does not document.
    """
    status = _detail(event, "ECS Task State Change").get("lastStatus")
    if status not in LIFECYCLE:
        raise _bad(event, f"detail.lastStatus is {status!r}", f"expected one of {', '.join(sorted(LIFECYCLE))}")
    return str(status)


def stopped_task(event: Json, job_container: str = "") -> StoppedTask:
    """The run that a STOPPED event reports; takes the whole event or its ``detail`` alone.

    Args:
        job_container: the name of the container that is the job, where the caller knows it.

    Raises:
        BadEvent: not the final event of a task, or a field that identifies the run is missing.
    """
    if (status := last_status(event)) != "STOPPED":
        raise _bad(event, f"detail.lastStatus is {status}", "only a STOPPED event ends a run")
    detail = _detail(event, "ECS Task State Change")
    containers = tuple(_container(raw) for raw in detail.get("containers") or ())
    overrides = tuple(
        _override(raw) for raw in (detail.get("overrides") or {}).get("containerOverrides") or () if raw.get("name")
    )
    try:
        return StoppedTask(
            event_id=str(event.get("id", "")),
            task_arn=_text(detail, "taskArn"),
            cluster_arn=_text(detail, "clusterArn"),
            task_definition=TaskDefinitionRef.parse(_text(detail, "taskDefinitionArn")),
            task_definition_arn=_text(detail, "taskDefinitionArn"),
            version=int(detail.get("version", 0)),
            containers=containers,
            overrides=overrides,
            job_container=job_container or _job_container(containers, overrides),
            started_by=str(detail.get("startedBy") or ""),
            group=str(detail.get("group") or ""),
            stop_code=str(detail.get("stopCode") or ""),
            stopped_reason=str(detail.get("stoppedReason") or ""),
            created_at=_time(detail, "createdAt"),
            started_at=_time(detail, "startedAt"),
            stopped_at=_time(detail, "stoppedAt"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _bad(event, f"detail: {error}", "see events/ for complete samples") from error


def service_deployment(event: Json) -> ServiceDeployment:
    """The rollout that an ECS Deployment State Change reports.

    Raises:
        BadEvent: another kind of event, or one that names no service.
    """
    detail = _detail(event, "ECS Deployment State Change")
    arn = next((str(arn) for arn in event.get("resources") or () if ":service/" in str(arn)), "")
    if arn.count("/") < 2:
        raise _bad(event, "resources names no service with its cluster", "expected …:service/<cluster>/<service>")
    try:
        return ServiceDeployment(
            event_id=str(event.get("id", "")),
            name=_text(detail, "eventName"),
            service_arn=arn,
            deployment_id=_text(detail, "deploymentId"),
            reason=str(detail.get("reason") or ""),
            at=_time(detail, "updatedAt") or _time(event, "time") or _missing_time(),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _bad(event, f"detail: {error}", "see events/ for complete samples") from error


def timer_payload(timer: Timer) -> dict[str, Any]:
    """What ``rerun`` is woken with."""
    return {
        "kind": timer.kind.value,
        "job": timer.job,
        "incident": timer.incident,
        "attempt": timer.attempt,
        "look": timer.look,
        "at": timer.at.isoformat(),
    }


def timer(payload: Json) -> Timer:
    """The timer that a payload stands for.

    Raises:
        BadEvent: not what :func:`timer_payload` writes.
    """
    try:
        return Timer(
            TimerKind(payload["kind"]),
            _text(payload, "job"),
            _text(payload, "incident"),
            int(payload["attempt"]),
            datetime.fromisoformat(payload["at"]),
            int(payload["look"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadEvent(f"no timer of Cronmend: {type(error).__name__} {error}; see events/rerun/") from error


def _detail(event: Json, kind: str) -> Json:
    """The detail of an event of this kind; a bare detail is taken for one of the kind asked for."""
    if not isinstance(event, Mapping):
        raise BadEvent(f"the event is a {type(event).__name__}, not an object: expected an EventBridge event")
    if "detail" not in event and "detail-type" not in event and ("taskArn" in event or "eventName" in event):
        return event
    if (got := event.get("detail-type")) != kind:
        raise _bad(event, f"detail-type is {got!r}", f"expected {kind!r}")
    if (version := event.get("version")) != "0":
        raise _bad(event, f"version is {version!r}", 'Cronmend knows version "0" of the EventBridge envelope')
    if not isinstance(detail := event.get("detail"), Mapping) or not detail:
        raise _bad(event, "it has no detail", "expected the object that describes the change")
    return detail


def _bad(event: Json, what: str, remedy: str) -> BadEvent:
    return BadEvent(f"event {event.get('id') or 'without id'}: {what}; {remedy}")


def _text(source: Json, key: str) -> str:
    value = source.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is {value!r}")
    return value


def _time(source: Json, key: str) -> datetime | None:
    """ISO 8601 as ECS writes it: with or without fractions, trailing zeros dropped."""
    raw = source.get(key)
    return None if raw is None else datetime.fromisoformat(str(raw)).astimezone(UTC)


def _missing_time() -> datetime:
    raise ValueError("updatedAt is missing")


def _container(raw: Json) -> Container:
    code = raw.get("exitCode")
    return Container(
        name=str(raw.get("name") or ""),
        exit_code=None if code is None else int(code),
        reason=str(raw.get("reason") or ""),
        image=str(raw.get("image") or ""),
        image_digest=str(raw.get("imageDigest") or ""),
    )


def _override(raw: Json) -> ContainerOverride:
    pairs = (pair for pair in raw.get("environment") or () if pair.get("name"))
    return ContainerOverride(
        name=str(raw["name"]),
        command=tuple(str(part) for part in raw.get("command") or ()),
        environment={str(pair["name"]): str(pair.get("value") or "") for pair in pairs},
    )


def _job_container(containers: tuple[Container, ...], overrides: tuple[ContainerOverride, ...]) -> str:
    """The container with a command of its own, else the only one that is no sidecar."""
    commanded = [o.name for o in overrides if o.command and not _SIDECAR.search(o.name)]
    if len(commanded) == 1:
        return commanded[0]
    names = [c.name for c in containers] or [o.name for o in overrides]
    own = [name for name in names if not _SIDECAR.search(name)]
    return own[0] if len(own) == 1 else ""
