"""Which tasks ListTasks lists, and in which pages. Pure."""

from collections.abc import Mapping
from typing import Any

from local.fargate.task import Task


def is_listed(task: Task, cluster: str, body: Mapping[str, Any]) -> bool:
    """Whether ListTasks with these filters lists the task. The default for ``desiredStatus`` is RUNNING."""
    wanted = {
        "family": task.request.definition["family"],
        "startedBy": task.request.started_by,
        "launchType": task.request.launch_type,
        "serviceName": task.request.group.removeprefix("service:"),
    }
    return (
        task.request.cluster_arn == cluster
        and task.desired == (body.get("desiredStatus") or "RUNNING")
        and all(body.get(name) in (None, value) for name, value in wanted.items())
    )


def page(arns: list[str], body: Mapping[str, Any]) -> dict[str, Any]:
    start, size = int(body.get("nextToken") or 0), int(body.get("maxResults") or 100)
    end = start + size
    return {"taskArns": arns[start:end], **({"nextToken": str(end)} if end < len(arns) else {})}
