"""A run of the deployed stack, as a failure to learn from: its record, its event as far as ECS has it, and its log."""

from collections.abc import Mapping, Sequence
from typing import Any

from cli.learning.failure import Failure
from cli.on_call.reader import Reader
from cli.on_call.run_log import tail
from cli.on_call.stack import CommandError, Stack
from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.incoming.task_events import stopped_task
from cronmend.model import Log, Missing, Policy, StoppedTask
from cronmend.model.failed_run import FailedRun
from cronmend.model.incident import RunRecord
from cronmend.redact import Redactor
from cronmend.settings import redactor
from cronmend.use_cases.log_place import log_place


def failure_of(task: str, stack: Stack) -> Failure:
    """
    Args:
        task: its ID or ARN.

    Raises:
        CommandError: there is no such run, or what it needs is gone.
    """
    reader = Reader(stack)
    record = reader.run(task)
    incident = reader.incident_of(record)
    failed = reader.failed(record, incident)
    clusters = [incident.cluster_arn] if incident else stack.cluster_names
    event = _described(stack, clusters, record.task_id) or _remembered(record, clusters[0], failed)
    stopped = stopped_task(event, failed.container.name if failed else "")
    log = _log(stack, stopped, failed)
    return Failure(
        source=f"task {record.task_id} of {record.job}",
        event=event,
        container=stopped.job_container,
        log=log,
        deploy=record.window.state,
        policy=record.policy or Policy.UNSTARTED,
    )


def hidden_by(stack: Stack) -> Redactor:
    """What the stack redacts."""
    return redactor(stack.parameters, "RedactAlso", "RedactPatterns")


def _described(stack: Stack, clusters: Sequence[str], task_id: str) -> Mapping[str, Any] | None:
    """ECS has a stopped task for about an hour."""
    for cluster in clusters:
        found = stack.client("ecs").describe_tasks(cluster=cluster, tasks=[task_id])["tasks"]
        if found:
            task: Mapping[str, Any] = found[0]
            return task
    return None


def _remembered(record: RunRecord, cluster_arn: str, failed: FailedRun | None) -> Mapping[str, Any]:
    """The event of a run whose code ended, from what its incident keeps.

    Raises:
        CommandError: the record doesn't show how the run ended.
    """
    if failed is None or failed.container.exit_code is None:
        raise CommandError(
            f"ECS no longer has task '{record.task_id}', and its record doesn't show how it ended. "
            "Save its log and its event, then run `cronmend learn LOG --event FILE`."
        )
    container, (account, _, cluster) = failed.container, cluster_arn.partition(":cluster/")
    return {
        "taskArn": f"{account}:task/{cluster}/{record.task_id}",
        "clusterArn": cluster_arn,
        "taskDefinitionArn": f"{account}:task-definition/{record.task_definition}",
        "lastStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "startedBy": record.started_by,
        "createdAt": failed.created_at,
        "stoppedAt": record.stopped_at,
        "containers": [{"name": container.name, "exitCode": container.exit_code, "image": container.image}],
    }


def _log(stack: Stack, task: StoppedTask, failed: FailedRun | None) -> Log:
    """
    Raises:
        CommandError: the container ran, and its log can't be read.
    """
    place = failed.log if failed and failed.log else log_place(task, EcsTaskDefinitions(stack.client("ecs")).get)
    found = tail(stack, place)
    if not isinstance(found, Missing):
        return found
    if not task.ran:
        return ()
    raise CommandError(f"The log can't be read: {found.reason}. Save it to a file, then run `cronmend learn LOG`.")
