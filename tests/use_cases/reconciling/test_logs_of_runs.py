"""Each job's logs are read once a day, of a few successes."""

from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass, field

from cronmend.jobs import log_findings
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category, Log, LogPlace, Missing
from cronmend.model.findings import FindingKind, Looked, OnFinding
from cronmend.model.incident import RunRecord
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import Target
from cronmend.use_cases.reconciling.in_use import InUseReader
from cronmend.use_cases.reconciling.logs_of_runs import LogsOfRuns, hour_of
from local.memory.timetables import MemoryTimetables
from tests.alerting.test_news import RECORD
from tests.fakes import NOW
from tests.jobs.test_foresight import timetable
from tests.samples import JOB, definition

TURN = NOW.replace(hour=hour_of(JOB))


@dataclass
class Account:
    category: Category = Category.SUCCESS
    log: Log | Missing = ("publish_scheduled is already running",)
    policy: JobPolicy = field(default_factory=lambda: JobPolicy(JOB))
    target: Target = field(default_factory=Target)
    places: list[LogPlace] = field(default_factory=list)

    def of(self, job: str, most: int) -> Sequence[RunRecord]:
        runs = [replace(RECORD, task_id=f"t{number}", category=self.category, ran=True) for number in range(20)]
        return runs[:most]

    def get(self, reference: str) -> TaskDefinition | Missing:
        return definition(1)

    def tail(self, place: LogPlace) -> Log | Missing:
        self.places.append(place)
        return self.log

    def look(self, hour: int = TURN.hour) -> Looked:
        known = MemoryTimetables({JOB: replace(timetable(), target=self.target)})
        source = LogsOfRuns(InUseReader(known, self), self, self, self, lambda _: self.policy)
        return source.look(NOW.replace(hour=hour))


def test_the_logs_of_the_latest_successes_are_read_in_the_jobs_hour() -> None:
    it = Account()
    looked = it.look()
    assert ([each.kind for each in looked.findings], looked.unread) == ([FindingKind.SKIPS], frozenset())
    assert [each.stream for each in it.places] == [f"web/web/t{number}" for number in range(log_findings.RUNS)]


def test_in_other_hours_nothing_is_read_and_what_was_found_stays() -> None:
    it = Account()
    assert it.look((TURN.hour + 1) % 24) == Looked(unread=frozenset({JOB}))
    assert it.places == []


def test_a_job_whose_findings_no_one_wants_is_not_read() -> None:
    it = Account(policy=JobPolicy(JOB, on_finding=OnFinding.NONE))
    assert (it.look(), it.places) == (Looked(), [])


def test_what_can_not_be_read_keeps_what_is_known() -> None:
    for it in (
        Account(category=Category.APPLICATION_ERROR),
        Account(log=Missing("the log doesn't exist")),
        Account(target=Target(containers=("web", "proxy"))),
    ):
        assert it.look() == Looked(unread=frozenset({JOB}))


def test_the_container_is_that_of_the_policy_or_the_one_that_the_schedule_replaces() -> None:
    for it in (Account(policy=JobPolicy(JOB, container="web")), Account(target=Target(containers=("web",)))):
        assert it.look().findings
