"""What an incident keeps of its latest failed run."""

from datetime import datetime

from msgspec import Struct, field

from cronmend.model.conclusions import History
from cronmend.model.runs import Container, Creation, LogPlace, TaskDefinitionRef


class FailedRun(Struct, frozen=True):
    """The run of an incident that was created last among those that failed."""

    task_id: str
    """If no task was started, the key of the run's record."""
    task_definition: TaskDefinitionRef
    created_at: datetime
    ended_at: datetime | None = None
    seconds: int | None = None
    """How long its containers were running; None if they never started."""
    attempt: int = 1
    """Which run of its slot it was; 1 is the schedule's own."""
    ran: bool = True
    """Whether the job's code may have run."""
    container: Container = field(default_factory=lambda: Container(""))
    """The job's own, without ECS's reason. Its name is ``""`` if the event doesn't show which container is the job."""
    log: LogPlace | None = None
    last_good: History = field(default_factory=History)
    """The job's last success before it."""
    started_by: str = ""
    slot: str = ""
    no_task: bool = False
    """Whether no task was started: ``created_at`` is then the slot."""

    @property
    def creation(self) -> Creation:
        return Creation(self.created_at, self.started_by, self.slot, self.no_task)
