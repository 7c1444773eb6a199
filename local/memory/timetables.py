"""The stores of the search for slots without a run, in memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime

from cronmend.jobs.identity import RULE
from cronmend.model import LiveSchedule
from cronmend.model.incident import RunRecord
from cronmend.model.timetables import LastCheck, Listed, RecordedRun, Timetable, recorded
from local.memory.ledger import MemoryLedger


@dataclass
class MemoryTimetables:
    rows: dict[str, Timetable] = field(default_factory=dict)
    writes: int = 0

    def all(self) -> Sequence[Timetable]:
        return tuple(self.rows.values())

    def put(self, timetable: Timetable) -> None:
        self.writes += 1
        self.rows[timetable.job] = timetable

    def remove(self, job: str) -> None:
        self.writes += 1
        self.rows.pop(job, None)


@dataclass
class MemoryChecks:
    last: LastCheck | None = None

    def read(self) -> LastCheck | None:
        return self.last

    def write(self, check: LastCheck) -> None:
        self.last = check


@dataclass
class MemoryRuns:
    ledger: MemoryLedger

    def since(self, job: str, at: datetime, *, newest: bool = True) -> Sequence[RecordedRun]:
        return _recorded(each for each in self.ledger.runs.values() if each.job == job and each.stopped_at >= at)

    def latest(self, job: str, most: int) -> Sequence[RecordedRun]:
        found = [each for each in self.ledger.runs.values() if each.job == job]
        return _recorded(sorted(found, key=lambda each: each.stopped_at)[-most:])


def _recorded(runs: Iterable[RunRecord]) -> Sequence[RecordedRun]:
    return [replace(run, stopped_at=each.stopped_at) for each in runs if (run := recorded(each))]


@dataclass
class MemoryLists:
    """The account's schedules; ``changed_at`` says when each was changed last."""

    schedules: Callable[[], Mapping[str, LiveSchedule]]
    changed_at: Mapping[str, datetime] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)

    def listed(self) -> Sequence[Listed]:
        return [
            Listed(job, repr(schedule), None if job.startswith(RULE) else self.changed_at.get(job))
            for job, schedule in self.schedules().items()
        ]

    def read(self, source: str) -> Sequence[LiveSchedule]:
        self.reads.append(source)
        found = self.schedules().get(source)
        return [found] if found else []
