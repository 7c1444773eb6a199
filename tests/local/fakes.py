"""Small fakes of the services that the local parts use. Tests read their state."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from local.fargate.errors import StartFailed
from local.fargate.life import Image
from local.web import Request, Response

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import NetworkConfigurationTypeDef

CLUSTER_ARN = "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod"
NETWORK: "NetworkConfigurationTypeDef" = {
    "awsvpcConfiguration": {"subnets": ["subnet-0d0eab1bb38d5ca64"], "securityGroups": ["sg-1"]}
}


def definition(command: list[str], **changes: Any) -> dict[str, Any]:
    """A task definition as the emulator describes it, with one container ``web``."""
    container = {
        "name": "web",
        "image": "111122223333.dkr.ecr.eu-west-2.amazonaws.com/site:1",
        "essential": True,
        "cpu": 0,
        "command": command,
        "environment": [{"name": "GREETING", "value": "hello"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": "/ecs/webapp", "awslogs-stream-prefix": "web"},
        },
    }
    return {
        "taskDefinitionArn": "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:57",
        "family": "webapp",
        "revision": 57,
        "status": "ACTIVE",
        "networkMode": "awsvpc",
        "cpu": "512",
        "memory": "1024",
        "containerDefinitions": [container],
        **changes,
    }


@dataclass
class FakeImages:
    """Every image is the same directory; ``problem`` is the error of a pull."""

    directory: Path
    problem: str = ""

    def pull(self, reference: str) -> Image:
        if self.problem:
            raise StartFailed(self.problem)
        return Image(f"sha256:{'0' * 64}", self.directory)


class _Gone(ClientError):
    pass


class _Exists(ClientError):
    pass


class FakeLogs:
    """The part of CloudWatch Logs that a container uses."""

    class exceptions:  # noqa: N801 - boto3's name
        ResourceAlreadyExistsException = _Exists
        ResourceNotFoundException = _Gone

    def __init__(self, *groups: str) -> None:
        self.groups = groups
        self.streams: dict[str, list[str]] = {}

    def create_log_stream(self, **call: str) -> None:
        if call["logGroupName"] not in self.groups:
            message = "The specified log group does not exist."
            raise _Gone({"Error": {"Code": "ResourceNotFoundException", "Message": message}}, "CreateLogStream")
        self.streams[call["logStreamName"]] = []

    def put_log_events(self, **call: Any) -> None:
        self.streams[call["logStreamName"]] += [event["message"] for event in call["logEvents"]]


@dataclass
class FakeEmulator:
    """The part of the emulator's ECS that the local ECS calls: task definitions by name, one cluster, one service."""

    definitions: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    service: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request) -> Response:
        action = request.headers["x-amz-target"].rsplit(".", 1)[-1]
        with self.lock:
            self.asked.append(action)
            status, content = self._answer(action, json.loads(request.body or b"{}"))
        return Response(status, json.dumps(content).encode(), {"Content-Type": "application/x-amz-json-1.1"})

    def _answer(self, action: str, body: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        if action.endswith(("Service", "Services")):
            return 200, self._services(action, body)
        if action == "DescribeTaskDefinition" and body["taskDefinition"] in self.definitions:
            return 200, {"taskDefinition": self.definitions[body["taskDefinition"]]}
        answers: Mapping[str, Any] = {
            "DescribeClusters": {
                "clusters": [{"clusterArn": CLUSTER_ARN}] if body.get("clusters") == ["app-prod"] else []
            },
            "DescribeTasks": {"failures": [{"arn": arn, "reason": "MISSING"} for arn in body.get("tasks") or ()]},
            "ListTasks": {"taskArns": []},
            "ListTaskDefinitions": {"taskDefinitionArns": [each["taskDefinitionArn"] for each in self._active()]},
            "ListClusters": {"clusterArns": [CLUSTER_ARN]},
        }
        if action in answers:
            return 200, answers[action]
        return 400, {"__type": "ClientException", "message": f"no {action} here"}

    def _active(self) -> list[Mapping[str, Any]]:
        return [each for each in reversed(self.definitions.values()) if each["status"] == "ACTIVE"]

    def _services(self, action: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if action == "DescribeServices":
            return {"services": [dict(self.service)], "failures": []}
        self.service |= {"taskDefinition": body.get("taskDefinition", self.service.get("taskDefinition"))}
        return {"service": dict(self.service)}
