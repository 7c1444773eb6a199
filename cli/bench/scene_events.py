"""The events of the scenes, as EventBridge and a queue deliver them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.bench.canned_account import ECS, GROUP, command
from cronmend.jobs.identity import JOB_VARIABLE
from cronmend.model import Category
from local.aws import ACCOUNT, CLUSTER_ARN, REGION

_DIGEST = "sha256:2"


@dataclass(frozen=True, slots=True)
class Case:
    """Runs of a job end with ``exit_code``; the services run revision ``serves``, the runs revision 2."""

    event: str
    category: Category
    exit_code: int = 1
    serves: int = 2
    names_job: bool = True
    services: int = 1


def queued(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event as the only record of a queue's batch."""
    sent = str(int(datetime.now(UTC).timestamp() * 1000))
    return {
        "messageId": "bench",
        "receiptHandle": "bench",
        "body": json.dumps(event),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": sent, "ApproximateFirstReceiveTimestamp": sent},
        "eventSource": "aws:sqs",
    }


def full_id(task: str) -> str:
    return f"{task:0<32}"


def event_of(kind: str, source: str, detail: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "version": "0",
        "id": f"bench-{kind}",
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": datetime.now(UTC).isoformat(),
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def stopped(name: str, case: Case, task_id: str, started_by: str, ago: timedelta) -> Mapping[str, Any]:
    now = datetime.now(UTC) - ago
    variables = [{"name": JOB_VARIABLE, "value": f"{GROUP}/{name}"}] if case.names_job else []
    container = {"name": "web", "lastStatus": "STOPPED", "exitCode": case.exit_code}
    detail = {
        "taskArn": f"{ECS}:task/app-prod/{full_id(task_id)}",
        "clusterArn": CLUSTER_ARN,
        "taskDefinitionArn": f"{ECS}:task-definition/webapp:2",
        "containers": [{**container, "image": "site:2", "imageDigest": _DIGEST}],
        "overrides": {"containerOverrides": [{"name": "web", "command": command(name), "environment": variables}]},
        "group": "family:webapp",
        "lastStatus": "STOPPED",
        "desiredStatus": "STOPPED",
        "startedBy": started_by,
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "createdAt": (now - timedelta(seconds=30)).isoformat(),
        "startedAt": (now - timedelta(seconds=20)).isoformat(),
        "stoppedAt": now.isoformat(),
        "version": 6,
    }
    return event_of("ECS Task State Change", "aws.ecs", detail)
