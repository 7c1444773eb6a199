"""A failed run → what its incident keeps of it. Pure."""

from copy import replace

from cronmend.healing import order
from cronmend.model import Container, Creation, FailedTask, History, LogPlace
from cronmend.model.failed_run import FailedRun


def of(task: FailedTask, creation: Creation, number: int, log: LogPlace | None, last_good: History) -> FailedRun:
    return FailedRun(
        task_id=task.task_id,
        task_definition=task.task_definition,
        created_at=creation.at,
        ended_at=task.stopped_at,
        seconds=order.seconds(task),
        attempt=number,
        ran=task.ran,
        container=_container(task),
        log=log,
        last_good=last_good,
        started_by=creation.started_by,
        slot=creation.slot,
        no_task=creation.no_task,
    )


def _container(task: FailedTask) -> Container:
    """Only its name is known if ECS never placed the task. ECS's reason isn't redacted, so it isn't stored."""
    return replace(task.job, reason="") if task.job else Container(task.job_container)
