"""The enabled schedules and the task definitions that they name, read once for all who examine them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from cronmend.jobs import foresight
from cronmend.model import Missing
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import Timetable
from cronmend.ports.healing import TaskDefinitions
from cronmend.ports.timetables import Timetables

MOST_READ: Final = 100
"""Task definitions that one look describes, those of the next slots first: ECS allows 20 such calls a second for all
tools."""
_LAST: Final = datetime.max.replace(tzinfo=UTC)


class InUse(Struct, frozen=True):
    active: tuple[Timetable, ...]
    """Those of the next slots first."""
    definitions: Mapping[str, TaskDefinition | Missing]
    """By the reference in the timetables."""

    def definition(self, timetable: Timetable) -> TaskDefinition | Missing:
        return self.definitions.get(timetable.task_definition, Missing("its task definition wasn't read"))


class InUseReader(Struct):
    timetables: Timetables
    definitions: TaskDefinitions
    """Reads a revision again each time: it may have been deregistered."""
    families: bool = False
    """Whether to read those, too, that are named without a revision."""
    _latest: tuple[datetime, InUse] | None = None

    def read(self, now: datetime) -> InUse:
        """Those of one look, however many ask for them.

        Raises:
            Retryable, Permanent: the ledger or ECS can't be read.
        """
        if self._latest is None or self._latest[0] != now:
            self._latest = now, self._read()
        return self._latest[1]

    def newest(self, family: str) -> TaskDefinition | Missing:
        return self.definitions.get(family)

    def _read(self) -> InUse:
        enabled = (each for each in self.timetables.all() if each.enabled and each.expression)
        active = sorted(enabled, key=lambda each: each.due or _LAST)
        return InUse(tuple(active), {each: self.definitions.get(each) for each in self._named(active)[:MOST_READ]})

    def _named(self, active: Sequence[Timetable]) -> Sequence[str]:
        wanted = (each for each in active if foresight.pinned(each) or (self.families and each.task_definition))
        return list(dict.fromkeys(each.task_definition for each in wanted))
