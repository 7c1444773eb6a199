"""Service deployments that take time and send events. The emulator's own take effect at once, without events.

Events: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
"""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.fargate.shapes import envelope, iso

type Publish = Callable[[Mapping[str, Any]], None]

IN_PROGRESS = "IN_PROGRESS"
COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True)
class Rollout:
    """One deployment of a service and the one it replaces."""

    service: str
    """The service's ARN."""
    task_definition: str
    id: str
    started: datetime
    state: str = IN_PROGRESS
    replaces: "Rollout | None" = None
    finished: datetime | None = None
    rolled_back: bool = False
    """Whether it replaced a failed deployment with the one before."""

    @property
    def status(self) -> str:
        """In the words of ``ListServiceDeployments``, which differ from the states."""
        if self.state == IN_PROGRESS:
            return IN_PROGRESS
        return "ROLLBACK_SUCCESSFUL" if self.rolled_back else "SUCCESSFUL"


class Rollouts:
    """Every service's current deployment. ``seconds`` is how long the next ones take."""

    def __init__(self, publish: Publish, seconds: float = 1.0) -> None:
        self.seconds = seconds
        self._publish = publish
        self._lock = threading.Lock()
        self._current: dict[str, Rollout] = {}
        self._timers: list[threading.Timer] = []
        self._failing: set[str] = set()

    def deploy(self, service: str, task_definition: str) -> None:
        now = datetime.now(UTC)
        with self._lock:
            before = self._current.get(service)
            rollout = Rollout(
                service, task_definition, _new_id(), now, replaces=before and replace(before, replaces=None)
            )
            self._current[service] = rollout
            self._publish_event(rollout, "SERVICE_DEPLOYMENT_IN_PROGRESS", "in progress.")
        timer = threading.Timer(self.seconds, self._complete, (rollout,))
        timer.daemon = True
        self._timers = [running for running in self._timers if running.is_alive()] + [timer]
        timer.start()

    def create(self, service: str, task_definition: str, age: timedelta | None) -> None:
        """The first deployment of a service. One of an age has ended that long ago, and sends no events."""
        if age is None:
            self.deploy(service, task_definition)
            return
        at = datetime.now(UTC) - age
        with self._lock:
            self._current[service] = Rollout(service, task_definition, _new_id(), at, COMPLETED, finished=at)

    def fail_next(self, service: str) -> None:
        """Let the service's next deployment fail, so that the circuit breaker rolls it back."""
        self._failing.add(service)

    def history(self, service: str) -> list[dict[str, Any]]:
        """The service's latest deployment; earlier ones aren't stored here."""
        with self._lock:
            rollout = self._current.get(service)
        if rollout is None:
            return []
        prefix, _, path = service.partition(":service/")
        brief = {
            "serviceDeploymentArn": f"{prefix}:service-deployment/{path}/{rollout.id.rsplit('/', 1)[-1]}",
            "serviceArn": service,
            "clusterArn": f"{prefix}:cluster/{path.split('/', maxsplit=1)[0]}",
            "createdAt": rollout.started.timestamp(),
            "startedAt": rollout.started.timestamp(),
            "status": rollout.status,
        }
        return [{**brief, "finishedAt": rollout.finished.timestamp()} if rollout.finished else brief]

    def described(self, deployments: Sequence[str]) -> list[dict[str, Any]]:
        """Those that are still a service's latest one, by the ARNs of ``history``."""
        services = {arn.rpartition("/")[0].replace(":service-deployment/", ":service/") for arn in deployments}
        known = [each for service in sorted(services) for each in self.history(service)]
        return [each for each in known if each["serviceDeploymentArn"] in deployments]

    def settled(self, seconds: float) -> bool:
        """Whether each deployment has ended, and its last event is published, within ``seconds``."""
        deadline = time.monotonic() + seconds
        running = list(self._timers)
        for timer in running:
            timer.join(max(0.0, deadline - time.monotonic()))
        return not any(timer.is_alive() for timer in running)

    def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()

    def amended(self, service: Mapping[str, Any]) -> dict[str, Any]:
        """The emulator's answer about a service, with the deployments that ECS would show."""
        with self._lock:
            rollout = self._current.get(service.get("serviceArn", ""))
        if rollout is None:
            return dict(service)
        pattern: Mapping[str, Any] = next(iter(service.get("deployments") or ()), {})
        shown = [_deployment(rollout, "PRIMARY", pattern)]
        if rollout.state == IN_PROGRESS and rollout.replaces:
            shown.append(_deployment(replace(rollout.replaces, state=COMPLETED), "ACTIVE", pattern))
        return {**service, "taskDefinition": rollout.task_definition, "deployments": shown}

    def _complete(self, rollout: Rollout) -> None:
        with self._lock:
            if self._current.get(rollout.service) != rollout:
                return
            if rollout.service in self._failing and rollout.replaces:
                self._failing.discard(rollout.service)
                back = replace(rollout.replaces, rolled_back=True, started=rollout.started)
                words = f"circuit breaker: rolling back to deploymentId {back.id}."
                self._publish_event(rollout, "SERVICE_DEPLOYMENT_IN_PROGRESS", words, named=False)
                rollout = back
            ended = replace(rollout, state=COMPLETED, replaces=None, finished=datetime.now(UTC))
            self._current[rollout.service] = ended
            self._publish_event(rollout, "SERVICE_DEPLOYMENT_COMPLETED", "completed.")

    def _publish_event(self, rollout: Rollout, name: str, end: str, *, named: bool = True) -> None:
        now = datetime.now(UTC)
        detail = {
            "eventType": "INFO",
            "eventName": name,
            "deploymentId": rollout.id,
            "updatedAt": iso(now),
            "reason": f"ECS deployment {rollout.id} {end}" if named else f"ECS deployment {end}",
        }
        self._publish(envelope("ECS Deployment State Change", rollout.service, detail, now))


def _deployment(rollout: Rollout, status: str, pattern: Mapping[str, Any]) -> dict[str, Any]:
    words = {IN_PROGRESS: "in progress.", COMPLETED: "completed."}
    return {
        **pattern,
        "id": rollout.id,
        "status": status,
        "taskDefinition": rollout.task_definition,
        "createdAt": rollout.started.timestamp(),
        "updatedAt": rollout.started.timestamp(),
        "rolloutState": rollout.state,
        "rolloutStateReason": f"ECS deployment {rollout.id} {words[rollout.state]}",
    }


def _new_id() -> str:
    return f"ecs-svc/{random.randrange(10**18, 10**19)}"  # noqa: S311 - only displayed
