"""Runs that failed without an event of ECS: they were never started, or they don't end."""

from datetime import datetime

from msgspec import Struct

from cronmend.model.runs import ContainerOverride, StoppedTask, TaskDefinitionRef


class UnreportedRun(Struct, frozen=True):
    """A failed run of which ECS reports no end: no task was started for it, or its task is still active.

    It has the attributes of a :class:`StoppedTask` by which a run is recorded and added to its job's incident.
    """

    key: str
    """Names its record, so that it is recorded once. No task has this ID."""
    cluster_arn: str
    task_definition: TaskDefinitionRef
    created_at: datetime
    """When its task was created; if there is no task, its slot."""
    task_arn: str = ""
    """``""`` if no task was started."""
    started_by: str = ""
    started_at: datetime | None = None
    """When its containers started; None if they haven't."""
    overrides: tuple[ContainerOverride, ...] = ()
    slot: str = ""
    """ISO 8601; ``""`` to derive it from the schedule and the creation of the task."""
    job_container: str = ""
    stopped_at: None = None

    @property
    def task_id(self) -> str:
        """That of its task, or the key of its record if there is no task."""
        return self.task_arn.rsplit("/", 1)[-1] or self.key

    @property
    def job(self) -> None:
        """None: the job's container has not ended."""
        return None

    @property
    def ran(self) -> bool:
        """Whether the job's code may have run."""
        return self.started_at is not None


type FailedTask = StoppedTask | UnreportedRun
"""A run that failed, whether or not ECS has reported its end."""
