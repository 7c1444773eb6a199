"""Start a task, and follow its log."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import boto3

from cronmend.adapters.aws import our_errors
from cronmend.adapters.request_shapes import fitted_request
from cronmend.errors import NotFound, Permanent

POLL_SECONDS = 2.0
LOG_DELAY_SECONDS = 5.0
"""How long after the task's end its last log lines may arrive."""
type Print = Callable[[str], None]


@dataclass(slots=True)
class Runner:
    session: boto3.Session = field(default_factory=boto3.Session)
    sleep: Callable[[float], None] = time.sleep
    limit: float = 14 * 24 * 3600
    """Seconds after which following ends: ECS retires a Fargate task within 14 days."""

    def only_container(self, task_definition: str) -> str:
        """The container of a task definition that has one; ``""`` if it has several."""
        containers = self._containers(task_definition)
        return str(containers[0]["name"]) if len(containers) == 1 else ""

    def start(self, wanted: Mapping[str, Any]) -> str:
        """The ARN of the task.

        Raises:
            Permanent: ECS returned no task, which is how it reports a lack of capacity.
        """
        with our_errors("start the task"):
            client = self.session.client("ecs")
            answer = client.run_task(**fitted_request(client, "RunTask", wanted))
        if not answer["tasks"]:
            reasons = "; ".join(f"{each.get('reason')} {each.get('detail', '')}".strip() for each in answer["failures"])
            raise Permanent(f"ECS started no task: {reasons or 'it gave no reason'}. Try again later.")
        return answer["tasks"][0]["taskArn"]

    def follow(self, cluster: str, task: str, container: str, show: Print) -> int:
        """Print the log; returns the exit code of the job's container, or 1 if it never ran."""
        stream = self._stream(cluster, task, container)
        lines = self._lines(*stream) if stream else repeat(None)
        status = ""
        for _ in range(int(self.limit / POLL_SECONDS)):
            described = self._described(cluster, task)
            if described.get("lastStatus") != status:
                status = str(described.get("lastStatus"))
                show(f"-- {status}")
            self._drain(lines, show)
            if status == "STOPPED":
                self.sleep(LOG_DELAY_SECONDS)
                self._drain(lines, show)
                return _exit_code(described, container, show)
            self.sleep(POLL_SECONDS)
        raise Permanent(f"{task} is still running after {self.limit:.0f} s. Check it with `aws ecs describe-tasks`.")

    def log(self, cluster: str, task: str, container: str) -> list[str]:
        """The log as far as it has arrived."""
        found: list[str] = []
        if stream := self._stream(cluster, task, container):
            self._drain(self._lines(*stream), found.append)
        return found

    def _drain(self, lines: Iterator[str | None], show: Print) -> None:
        for line in lines:
            if line is None:
                return
            show(line)

    def _described(self, cluster: str, task: str) -> Mapping[str, Any]:
        with our_errors(f"read task {task}"):
            found = self.session.client("ecs").describe_tasks(cluster=cluster, tasks=[task])["tasks"]
        if not found:
            raise NotFound(f"{task} no longer exists: ECS keeps a stopped task for about an hour.")
        return found[0]

    def _containers(self, task_definition: str) -> Sequence[Mapping[str, Any]]:
        with our_errors("read the task definition"):
            client = self.session.client("ecs")
            found = client.describe_task_definition(taskDefinition=task_definition)["taskDefinition"]
        return found["containerDefinitions"]

    def _stream(self, cluster: str, task: str, container: str) -> tuple[str, str, str] | None:
        """Region, group and stream of the container's log; None if its log driver isn't awslogs."""
        described = self._described(cluster, task)
        for each in self._containers(described["taskDefinitionArn"]):
            log = each.get("logConfiguration")
            if each["name"] == container and log and log["logDriver"] == "awslogs":
                options = log.get("options", {})
                stream = f"{options.get('awslogs-stream-prefix', '')}/{container}/{task.rpartition('/')[2]}"
                return options.get("awslogs-region", ""), options.get("awslogs-group", ""), stream
        return None

    def _lines(self, region: str, group: str, stream: str) -> Iterator[str | None]:
        """The lines as they arrive; None if there is none at the moment.

        At the log's end, CloudWatch Logs returns the last page again under the same token, with any new lines added.
        """
        client = self.session.client("logs", region_name=region or None)
        token: dict[str, Any] = {}
        seen = 0
        while True:
            try:
                with our_errors(f"read log {group} {stream}"):
                    page = client.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **token)
            except NotFound:
                yield None
                continue
            yield from (event["message"] for event in page["events"][seen:])
            same = page["nextForwardToken"] == token.get("nextToken")
            seen = len(page["events"]) if same else 0
            if same:
                yield None
            token = {"nextToken": page["nextForwardToken"]}


def _exit_code(task: Mapping[str, Any], container: str, show: Print) -> int:
    every: list[Mapping[str, Any]] = [each for each in task.get("containers", ()) if each["name"] == container]
    ended = every[0] if every else {}
    code = ended.get("exitCode")
    if code is None:
        why = ended.get("reason") or task.get("stoppedReason") or "no reason given"
        show(f"-- {container or 'the task'} never ran: {why}")
        return 1
    return int(code)
