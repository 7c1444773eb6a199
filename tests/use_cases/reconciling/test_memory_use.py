"""The memory of the jobs' families is read once a day, if the stack has it read."""

from collections.abc import Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime

from cronmend.jobs.weekly_growth import COMPARED
from cronmend.model import Missing
from cronmend.model.findings import FindingKind, Looked
from cronmend.model.memory_use import MemoryOfDay
from cronmend.ports.findings import Family
from cronmend.use_cases.reconciling.in_use import InUseReader
from cronmend.use_cases.reconciling.memory_use import HOUR, MemoryOfRuns
from local.memory.timetables import MemoryTimetables
from tests.fakes import NOW
from tests.jobs.test_foresight import timetable
from tests.jobs.test_memory_use import GROWTH, days
from tests.samples import CLUSTER, JOB

MORNING = NOW.replace(hour=HOUR)


@dataclass
class Metrics:
    used: Sequence[MemoryOfDay] = ()
    denied: bool = False
    asked: list[Sequence[Family]] = field(default_factory=list)
    times: tuple[datetime, datetime] | None = None
    """Those of the latest question."""

    def of(
        self, families: Sequence[Family], since: datetime, until: datetime
    ) -> Mapping[Family, Sequence[MemoryOfDay]] | Missing:
        self.asked.append(families)
        self.times = (since, until)
        return Missing("AWS denied it") if self.denied else dict.fromkeys(families, self.used)

    def get(self, reference: str) -> Missing:
        return Missing("no definition is needed")

    def look(self, now: datetime = MORNING) -> Looked:
        jobs = (JOB, "site/other")
        known = MemoryTimetables({job: replace(timetable(), job=job) for job in jobs})
        return MemoryOfRuns(InUseReader(known, self), self).look(now)


def test_growth_is_found_for_each_job_of_the_family_which_is_read_once() -> None:
    metrics = Metrics(days(GROWTH))
    assert {(each.job, each.kind) for each in metrics.look().findings} == {
        (JOB, FindingKind.MORE_MEMORY),
        ("site/other", FindingKind.MORE_MEMORY),
    }
    assert metrics.asked == [[(CLUSTER, "webapp")]]
    assert metrics.times == (MORNING - COMPARED, MORNING)


def test_at_other_hours_nothing_is_read_and_what_was_found_stays() -> None:
    metrics = Metrics(days(GROWTH))
    assert metrics.look(NOW.replace(hour=HOUR + 1)) == Looked(unread=frozenset({JOB, "site/other"}))
    assert metrics.asked == []


def test_a_denial_and_a_cluster_without_metrics_are_said() -> None:
    everyone = frozenset({JOB, "site/other"})
    assert Metrics(denied=True).look() == Looked(unread=everyone, unanswered=("AWS denied it",))
    (reason,) = Metrics().look().unanswered
    assert reason == (
        "CloudWatch has no memory metrics of any job: turn on Container Insights, or leave memory out of Foresee."
    )


def test_without_the_parameter_what_was_found_ends() -> None:
    known = MemoryTimetables({JOB: timetable()})
    assert MemoryOfRuns(InUseReader(known, Metrics()), None).look(MORNING) == Looked()


def test_without_a_job_nothing_is_read() -> None:
    metrics = Metrics(days(GROWTH))
    assert MemoryOfRuns(InUseReader(MemoryTimetables(), metrics), metrics).look(MORNING) == Looked()
    assert metrics.asked == []
