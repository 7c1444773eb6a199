"""The local ECS: answers the ECS API on the loopback, runs tasks itself and forwards the rest to the emulator."""

import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from local.fargate import ages, shapes
from local.fargate.errors import EcsError, invalid_parameter
from local.fargate.life import Images, Life, Tools
from local.fargate.listing import is_listed, page
from local.fargate.request import TaskRequest, fingerprint, run_request
from local.fargate.rollouts import Rollouts
from local.fargate.store import Store
from local.fargate.task import Task, new_task
from local.fargate.upstream import CONTENT_TYPE, Upstream
from local.throttling import Throttling
from local.web import LoopbackServer, Request, Response

if TYPE_CHECKING:
    from types_boto3_logs.client import CloudWatchLogsClient

type Json = dict[str, Any]
type Event = Mapping[str, Any]

FINISH_SECONDS = 20
NO_CAPACITY = "Capacity is unavailable at this time"
"""RunTask's words for Fargate's lack of capacity."""


class LocalFargate:
    """ECS on this machine.

    Args:
        emulator: the emulator's URL.
        publish: gets every event, in order.
        port: 0 for a free one.
    """

    def __init__(
        self,
        emulator: str,
        images: Images,
        logs: "CloudWatchLogsClient",
        publish: Callable[[Event], None],
        port: int = 0,
    ) -> None:
        self.store = Store()
        self.rollouts = Rollouts(publish)
        self.throttling = Throttling()
        self._publish = publish
        self._upstream = Upstream(emulator)
        self._tools = Tools(images, logs, self._publish_change)
        self._refusals: list[tuple[Callable[[TaskRequest], bool], str]] = []
        self._running = threading.Lock()
        self._closing = False
        self._server = LoopbackServer(self._handle, port)
        self._actions: Mapping[str, Callable[[Json], Json]] = {
            "RunTask": self.run_task,
            "StopTask": self._stop_task,
            "DescribeTasks": self._describe_tasks,
            "DescribeTaskDefinition": lambda body: ages.aged(self._described(body)),
            "ListTasks": self._list_tasks,
            "CreateService": self._create_service,
            "UpdateService": self._update_service,
            "DescribeServices": self._describe_services,
            "ListServiceDeployments": self._list_service_deployments,
            "DescribeServiceDeployments": self._describe_service_deployments,
        }

    @property
    def url(self) -> str:
        return self._server.url

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop every task without publishing events, and stop answering."""
        self._closing = True
        self.rollouts.stop()
        lives = tuple(self.store.lives())
        for life in lives:
            life.kill()
        for life in lives:
            life.join(FINISH_SECONDS)
        self._server.stop()

    def refuse_next(self, reason: str = NO_CAPACITY, when: Callable[[TaskRequest], bool] = lambda _: True) -> None:
        """Let the next RunTask call for which ``when`` is true answer 200 with ``failures`` and no task."""
        self._refusals.append((when, reason))

    def redeliver(self, task_arn: str, *statuses: str) -> int:
        """Send the last event of each of these statuses again, in the order given; returns how many.

        EventBridge delivers at least once and in any order. Duplicates have the same ``detail.version``.
        """
        sent = self.store.events(task_arn)
        chosen = [
            next((event for event in reversed(sent) if event["detail"]["lastStatus"] == status), None)
            for status in statuses
        ]
        again = [event for event in chosen if event is not None]
        for event in again:
            self._publish(event)
        return len(again)

    def date_back(self, task_arn: str, age: timedelta) -> bool:
        """Let a running task be older; False if it isn't running yet."""
        life = self.store.life(task_arn)
        return life is not None and life.date_back(age)

    def run_task(self, body: Json) -> Json:
        """RunTask.

        Raises:
            EcsError: ECS would reject the request.
        """
        definition = self._definition(str(body.get("taskDefinition") or ""))
        request = run_request(body, definition, self._cluster_arn(body))
        token = str(body.get("clientToken") or "")
        with self._running:
            if refused := next((each for each in self._refusals if each[0](request)), None):
                self._refusals.remove(refused)
                return {"tasks": [], "failures": [{"arn": request.cluster_arn, "reason": refused[1]}]}
            tasks = self.store.made_by(token, fingerprint(body)) if token else ()
            tasks = tasks or tuple(self._launch(request, token) for _ in range(request.count))
        return {"tasks": [shapes.description(task) for task in tasks], "failures": []}

    def _launch(self, request: TaskRequest, token: str) -> Task:
        life = Life(new_task(request, datetime.now(UTC)), self._tools)
        first = life.task
        self.store.add(life, token)
        life.start()
        return first

    def _publish_change(self, task: Task) -> None:
        event = shapes.event(task)
        self.store.remember(task.arn, event)
        if not self._closing:
            self._publish(event)

    def _definition(self, reference: str) -> Json:
        if not reference:
            raise invalid_parameter("Task definition can not be blank.")
        try:
            found: Json = self._described({"taskDefinition": reference})["taskDefinition"]
        except EcsError as error:
            raise EcsError("ClientException", "TaskDefinition not found.") from error
        return found

    def _described(self, body: Json) -> Json:
        reference = str(body.get("taskDefinition") or "")
        if ":" not in reference.rsplit("/", 1)[-1]:
            reference = self._latest_active(reference.rsplit("/", 1)[-1])
        return self._upstream.call("DescribeTaskDefinition", {**body, "taskDefinition": reference})

    def _latest_active(self, family: str) -> str:
        """A reference without a revision means the latest active one. The emulator would use the latest of all."""
        body = {"familyPrefix": family, "status": "ACTIVE", "sort": "DESC"}
        arns = self._upstream.call("ListTaskDefinitions", body)["taskDefinitionArns"]
        return next((arn for arn in arns if arn.rsplit("/", 1)[-1].rsplit(":", 1)[0] == family), family)

    def _cluster_arn(self, body: Json) -> str:
        name = str(body.get("cluster") or "default")
        clusters = self._upstream.call("DescribeClusters", {"clusters": [name]})["clusters"]
        if not clusters:
            raise EcsError("ClusterNotFoundException", "Cluster not found.")
        return str(clusters[0]["clusterArn"])

    def _stop_task(self, body: Json) -> Json:
        life = self.store.life(str(body.get("task") or ""))
        if life is None:
            return self._upstream.call("StopTask", body)
        return {"task": shapes.description(life.stop("UserInitiated", body.get("reason") or "Task stopped by user"))}

    def _describe_tasks(self, body: Json) -> Json:
        requested = {str(reference): self.store.life(str(reference)) for reference in body.get("tasks") or ()}
        tags = "TAGS" in (body.get("include") or ())
        ours = [shapes.description(life.task, tags=tags) for life in requested.values() if life]
        others = [reference for reference, life in requested.items() if not life]
        rest = self._upstream.call("DescribeTasks", {**body, "tasks": others}) if others else {}
        return {"tasks": ours + rest.get("tasks", []), "failures": rest.get("failures", [])}

    def _list_tasks(self, body: Json) -> Json:
        cluster = self._cluster_arn(body)
        ours = [task.arn for task in self.store.tasks(lambda task: is_listed(task, cluster, body))]
        theirs = self._upstream.call(
            "ListTasks", {k: v for k, v in body.items() if k not in ("nextToken", "maxResults")}
        )
        return page(ours + theirs.get("taskArns", []), body)

    def _create_service(self, body: Json) -> Json:
        service = self._upstream.call("CreateService", body)["service"]
        self.rollouts.create(service["serviceArn"], service["taskDefinition"], ages.age_of(body.get("tags") or ()))
        return {"service": self.rollouts.amended(service)}

    def _update_service(self, body: Json) -> Json:
        named = {"cluster": body.get("cluster") or "default", "services": [body.get("service")]}
        before = self._upstream.call("DescribeServices", named)["services"]
        service = self._upstream.call("UpdateService", body)["service"]
        changed = not before or before[0]["taskDefinition"] != service["taskDefinition"]
        if changed or body.get("forceNewDeployment"):
            self.rollouts.deploy(service["serviceArn"], service["taskDefinition"])
        return {"service": self.rollouts.amended(service)}

    def _describe_services(self, body: Json) -> Json:
        answer = self._upstream.call("DescribeServices", body)
        return {**answer, "services": [self.rollouts.amended(service) for service in answer["services"]]}

    def _list_service_deployments(self, body: Json) -> Json:
        named = {"cluster": body.get("cluster") or "default", "services": [body.get("service")]}
        services = self._upstream.call("DescribeServices", named)["services"]
        return {
            "serviceDeployments": [each for found in services for each in self.rollouts.history(found["serviceArn"])]
        }

    def _describe_service_deployments(self, body: Json) -> Json:
        return {"serviceDeployments": self.rollouts.described(body.get("serviceDeploymentArns") or ())}

    def _handle(self, request: Request) -> Response:
        action = self._actions.get(request.headers.get("x-amz-target", "").rsplit(".", 1)[-1])
        try:
            if self.throttling.rejects():
                raise EcsError("ThrottlingException", "Rate exceeded")
            return (
                _answer(200, action(json.loads(request.body or b"{}"))) if action else self._upstream.forward(request)
            )
        except json.JSONDecodeError as error:
            return _answer(400, {"__type": "SerializationException", "message": str(error)})
        except EcsError as error:
            return _answer(error.status, {"__type": error.code, "message": error.message})


def _answer(status: int, content: Mapping[str, Any]) -> Response:
    return Response(status, json.dumps(content).encode(), {"Content-Type": CONTENT_TYPE})
