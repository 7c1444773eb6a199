"""Find what will make the next runs fail: by the task definitions that the schedules name, and by the jobs' history."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from cronmend.jobs import foresight
from cronmend.jobs.weekly_growth import COMPARED
from cronmend.model import TaskDefinitionRef
from cronmend.model.findings import Finding, FindingKind, Looked
from cronmend.model.runs import TaskDefinition
from cronmend.ports.findings import StatesOfJobs
from cronmend.ports.timetables import RecordedRuns
from cronmend.use_cases.reconciling.in_use import InUse, InUseReader


class Foresight(Struct, frozen=True):
    in_use: InUseReader
    states: StatesOfJobs
    runs: RecordedRuns

    @property
    def kinds(self) -> frozenset[FindingKind]:
        return foresight.KINDS

    def look(self, now: datetime) -> Looked:
        """
        Raises:
            Retryable, Permanent: the ledger or ECS can't be read.
        """
        in_use = self.in_use.read(now)
        pinned = (each for each in in_use.active if foresight.pinned(each))
        unread = frozenset(each.job for each in pinned if not isinstance(in_use.definition(each), TaskDefinition))
        return Looked((*self._inactive(in_use, now), *self._slower(in_use, now)), unread)

    def _inactive(self, in_use: InUse, now: datetime) -> Iterator[Finding]:
        for each in in_use.active:
            definition = in_use.definition(each)
            if isinstance(definition, TaskDefinition) and definition.deregistered_at:
                newest = self.in_use.newest(TaskDefinitionRef.parse(each.task_definition).family)
                yield foresight.of_revision(each, definition, newest, now)

    def _slower(self, in_use: InUse, now: datetime) -> Iterator[Finding]:
        """The runs of weeks are read only of a job whose latest ones come near to the next slot."""
        states = self.states.of(each.job for each in in_use.active)
        for each in in_use.active:
            state = states.get(each.job)
            if state is None or not foresight.is_near(each, state.history.durations, now):
                continue
            runs = self.runs.since(each.job, now - COMPARED)
            if found := foresight.of_growth(each, runs, now):
                yield found
