"""Whether an active run still writes to its log, if the job's owner says how long it may be silent."""

from datetime import datetime

from msgspec import Struct

from cronmend.errors import Permanent
from cronmend.jobs.job_container import log_place
from cronmend.jobs.overdue import Overdue, may_be_silent, silent
from cronmend.jobs.policies import JobPolicy
from cronmend.model import LiveTask, LogPlace, Missing
from cronmend.ports.healing import TaskDefinitions
from cronmend.ports.overdue import LastEvents


class SilentRuns(Struct, frozen=True):
    definitions: TaskDefinitions
    logs: LastEvents

    def silent(self, task: LiveTask, policy: JobPolicy, now: datetime) -> Overdue | None:
        """None if it isn't silent, or isn't old enough to be; then no log is read.

        Raises:
            Retryable, Permanent: its log can't be read.
        """
        if not may_be_silent(task, policy, now):
            return None
        place = self._place(task, policy)
        last = place if isinstance(place, Missing) else self.logs.last_event_at(place)
        if isinstance(last, Missing):
            raise Permanent(f"whether the run is silent isn't known: {last.reason}")
        return silent(task, policy, last, now)

    def _place(self, task: LiveTask, policy: JobPolicy) -> LogPlace | Missing:
        definition = self.definitions.get(str(task.task_definition))
        if isinstance(definition, Missing):
            return definition
        replaced = [each.name for each in task.overrides if each.command or each.environment]
        return log_place(definition, policy, replaced, task.task_arn.rsplit("/", 1)[-1])
