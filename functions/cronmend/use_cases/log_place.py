"""Where the log of a stopped run is."""

from collections.abc import Callable

from cronmend.model import LogPlace, Missing, StoppedTask
from cronmend.model.runs import TaskDefinition


def log_place(task: StoppedTask, definition_of: Callable[[str], TaskDefinition | Missing]) -> LogPlace | Missing:
    """Where the job's container wrote its log."""
    if not task.ran:
        return Missing("the container never ran, so it wrote nothing")
    if not task.job_container:
        return Missing("the event doesn't show which container is the job's")
    definition = definition_of(task.task_definition_arn)
    if isinstance(definition, Missing):
        return definition
    return definition.log_of(task.job_container, task.task_id)
