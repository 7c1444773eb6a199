"""What will make the next runs fail is found in what the ledger and ECS hold."""

from collections.abc import Iterable, Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from cronmend.errors import Retryable
from cronmend.model import History, Missing
from cronmend.model.findings import FindingKind
from cronmend.model.incident import Change, JobState
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import RecordedRun
from cronmend.use_cases.reconciling.foresight import Foresight
from cronmend.use_cases.reconciling.in_use import MOST_READ, InUseReader
from local.memory.ledger import MemoryLedger
from local.memory.timetables import MemoryTimetables
from tests.fakes import NOW
from tests.jobs.test_foresight import GROWTH, runs, timetable
from tests.samples import JOB, definition


@dataclass
class Account:
    """Two active revisions, and one hourly job that starts the first one."""

    known: MemoryTimetables = field(default_factory=lambda: MemoryTimetables({JOB: timetable()}))
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    definitions: dict[str, TaskDefinition] = field(default_factory=dict)
    away: bool = False
    asked: list[str] = field(default_factory=list)
    recorded: list[RecordedRun] = field(default_factory=list)
    reads: int = 0
    state_reads: int = 0

    def __post_init__(self) -> None:
        self.definitions = {"webapp:1": definition(1), "webapp:2": definition(2), "webapp": definition(2)}

    def get(self, reference: str) -> TaskDefinition | Missing:
        if self.away:
            raise Retryable("ECS didn't answer")
        name = reference.rsplit("/", 1)[-1]
        self.asked.append(name)
        return self.definitions.get(name, Missing(f"there is no task definition {name}"))

    def since(self, job: str, at: datetime, *, newest: bool = True) -> Sequence[RecordedRun]:
        self.reads += 1
        return self.recorded

    def latest(self, job: str, most: int) -> Sequence[RecordedRun]:
        return self.recorded[-most:]

    def of(self, jobs: Iterable[str]) -> Mapping[str, JobState]:
        self.state_reads += 1
        return {job: state for job in jobs if (state := self.ledger.job_states.get(job))}

    def takes(self, minutes: int) -> None:
        """The latest runs of the job took this long."""
        known = self.ledger.read(JOB)
        self.ledger.commit(Change(replace(known, history=History(durations=(60 * minutes,) * 5))), NOW)

    @property
    def foresight(self) -> Foresight:
        return Foresight(InUseReader(self.known, self), self, self)

    def found(self) -> list[FindingKind]:
        return [each.kind for each in self.foresight.look(NOW).findings]


def test_nothing_is_found_about_a_job_that_is_fine_and_everything_is_read_once() -> None:
    it = Account()
    it.known.rows["site/other"] = replace(timetable(), job="site/other")
    assert it.found() == []
    assert (it.asked, it.state_reads) == (["webapp:1"], 1)


def test_a_revision_that_was_deregistered_is_found_with_the_active_one() -> None:
    it = Account()
    it.definitions["webapp:1"] = replace(definition(1), deregistered_at=NOW - timedelta(hours=1))
    (found,) = it.foresight.look(NOW).findings
    assert (found.job, found.since) == (JOB, NOW - timedelta(hours=1))
    assert "deregistered at 10:01 UTC" in found.sentence
    assert found.remedy.startswith("webapp:2 is active")


def test_runs_that_grow_are_found_in_the_jobs_history() -> None:
    it = Account(recorded=runs(GROWTH))
    it.takes(43)
    assert it.found() == [FindingKind.SLOWER]


def test_the_runs_of_weeks_are_not_read_of_a_job_that_has_time() -> None:
    it = Account(recorded=runs(GROWTH))
    it.takes(10)
    assert (it.found(), it.reads) == ([], 0)


def test_a_disabled_schedule_is_not_looked_at() -> None:
    it = Account(MemoryTimetables({JOB: timetable(enabled=False)}))
    it.takes(43)
    assert (it.found(), it.asked) == ([], [])


def test_what_could_not_be_read_keeps_what_is_known_about_its_job() -> None:
    it = Account()
    del it.definitions["webapp:1"]
    assert it.foresight.look(NOW).unread == {JOB}
    it.away = True
    with pytest.raises(Retryable):
        it.foresight.look(NOW)


def test_one_look_reads_a_bounded_number_of_revisions_those_of_the_next_slots_first() -> None:
    it = Account(MemoryTimetables())
    for number in range(MOST_READ + 1):
        row = replace(timetable(revision=number), job=f"site/{number}", due=NOW + timedelta(minutes=number))
        it.known.rows[row.job] = row
        it.definitions[f"webapp:{number}"] = definition(number)
    assert it.foresight.look(NOW).unread == {f"site/{MOST_READ}"}
    assert len(it.asked) == MOST_READ
