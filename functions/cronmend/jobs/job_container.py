"""Which container of a task is the job, if no event says so. Pure."""

from collections.abc import Sequence

from cronmend.jobs.policies import JobPolicy
from cronmend.model import LogPlace, Missing
from cronmend.model.runs import TaskDefinition


def log_place(
    definition: TaskDefinition, policy: JobPolicy, replaced: Sequence[str], task_id: str
) -> LogPlace | Missing:
    """Where the job's container writes its log.

    Args:
        replaced: the containers whose command or environment the schedule replaces.
    """
    names = [policy.container] if policy.container else list(replaced) or list(definition.logs)
    if len(names) != 1:
        return Missing("several containers may be the job's: set `container` in jobs.toml")
    return definition.log_of(names[0], task_id)
