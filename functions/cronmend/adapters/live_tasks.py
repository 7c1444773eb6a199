"""ECS: all tasks of a cluster that are alive, and the one call that stops a task."""

from typing import TYPE_CHECKING, Final

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ecs import ecs_client, live_task
from cronmend.adapters.reads import denials
from cronmend.model import LiveTask
from cronmend.ports.overdue import Alive

if TYPE_CHECKING:
    from types_boto3_ecs import ECSClient

MOST_PAGES: Final = 20
"""Of 100 tasks, each two calls: 40 for a cluster. ECS allows 100 at once, and then 20 a second."""
_LONGEST_REASON: Final = 255
"""Characters. ECS documents no limit; a cause needs no more."""


class EcsLiveTasks:
    permissions = ("ecs:ListTasks", "ecs:DescribeTasks", "ecs:StopTask")

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or ecs_client()

    def alive(self, cluster_arn: str) -> Alive:
        found: list[LiveTask] = []
        with denials(f"list the tasks of {cluster_arn.rsplit('/', 1)[-1]}"):
            paginator = self._client.get_paginator("list_tasks")
            for number, page in enumerate(paginator.paginate(cluster=cluster_arn, desiredStatus="RUNNING")):
                if number == MOST_PAGES:
                    return Alive(found, complete=False)
                if page["taskArns"]:
                    answer = self._client.describe_tasks(cluster=cluster_arn, tasks=page["taskArns"])
                    found += [live_task(raw) for raw in answer["tasks"]]
        return Alive(found)

    def stop(self, task: LiveTask, reason: str) -> None:
        with our_errors(f"stop the task {task.task_arn}"):
            self._client.stop_task(cluster=task.cluster_arn, task=task.task_arn, reason=reason[:_LONGEST_REASON])
