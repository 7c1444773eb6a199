"""Find what will make the next runs fail: by the task definitions that the schedules name, and by the jobs' history."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cronmend.jobs import foresight
from cronmend.model import Missing, TaskDefinitionRef
from cronmend.model.findings import Finding, FindingKind, Looked
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import Timetable
from cronmend.ports.findings import StatesOfJobs
from cronmend.ports.healing import TaskDefinitions
from cronmend.ports.timetables import RecordedRuns, Timetables

MOST_READ: Final = 100
"""Revisions that one look describes, those of the next slots first: ECS allows 20 such calls a second for all tools."""
_LAST: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Foresight:
    timetables: Timetables
    definitions: TaskDefinitions
    """Reads a revision again each time: it may have been deregistered."""
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
        active = [each for each in self.timetables.all() if each.enabled and each.expression]
        revisions = self._revisions(active)
        unread = frozenset(each.job for each in active if foresight.pinned(each) and _unread(each, revisions))
        return Looked((*self._inactive(active, revisions, now), *self._slower(active, now)), unread)

    def _revisions(self, active: Sequence[Timetable]) -> Mapping[str, TaskDefinition | Missing]:
        """Those that the schedules name, each read once."""
        pinned = (each for each in sorted(active, key=lambda each: each.due or _LAST) if foresight.pinned(each))
        named = list(dict.fromkeys(each.task_definition for each in pinned))
        return {reference: self.definitions.get(reference) for reference in named[:MOST_READ]}

    def _inactive(
        self, active: Sequence[Timetable], revisions: Mapping[str, TaskDefinition | Missing], now: datetime
    ) -> Iterator[Finding]:
        for each in active:
            definition = revisions.get(each.task_definition)
            if isinstance(definition, TaskDefinition) and definition.deregistered_at:
                newest = self.definitions.get(TaskDefinitionRef.parse(each.task_definition).family)
                yield foresight.of_revision(each, definition, newest, now)

    def _slower(self, active: Sequence[Timetable], now: datetime) -> Iterator[Finding]:
        """The runs of weeks are read only of a job whose latest ones come near to the next slot."""
        states = self.states.of(each.job for each in active)
        for each in active:
            state = states.get(each.job)
            if state is None or not foresight.is_near(each, state.history.durations, now):
                continue
            runs = self.runs.since(each.job, now - foresight.WEEKS * foresight.WEEK)
            if found := foresight.of_growth(each, runs, now):
                yield found


def _unread(timetable: Timetable, revisions: Mapping[str, TaskDefinition | Missing]) -> bool:
    return not isinstance(revisions.get(timetable.task_definition), TaskDefinition)
