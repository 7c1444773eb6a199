"""What a viewer of the dashboard gets, from the sample's facts."""

from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cli.board import sample, sample_records
from cronmend.board.facts import Facts
from cronmend.board.story import Records
from cronmend.errors import Denied
from cronmend.incoming.dashboard_events import BoardRequest
from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.model import LiveTask
from cronmend.ports.overdue import Alive
from cronmend.use_cases.job_board import JobBoard

ARN = "arn:aws:lambda:eu-west-2:111122223333:function:cronmend-job-board"
JOB = sample.job_id("publish-scheduled")


@dataclass
class MemoryLedger:
    records: Records = field(default_factory=sample_records.records)

    def facts(self, place: str, clusters: Sequence[str], policies: Policies, now: datetime) -> Facts:
        return replace(sample.facts(), place=place, policies=policies, running={})

    def read(self, job: str, policy: JobPolicy) -> Records:
        return replace(self.records, job=job, policy=policy)


@dataclass
class Tasks:
    running: Sequence[LiveTask] = ()
    denied: bool = False

    def alive(self, cluster_arn: str) -> Alive:
        if self.denied:
            raise Denied("ECS denied the call", "ListTasks")
        return Alive(self.running)


def board(tasks: Tasks | None = None) -> JobBoard:
    ledger, policies = MemoryLedger(), Policies({JOB: JobPolicy(JOB, owner="Content")}, JobPolicy())
    return JobBoard(ledger, ledger, tasks or Tasks(), "cronmend, eu-west-2", (sample.CLUSTER,), policies, "arn:action")


def shown(**asked: object) -> str:
    request = BoardRequest("light", None)
    return board().show(replace(request, **asked), ARN, sample.NOW)  # type: ignore[arg-type] # names of its fields


def test_the_board_names_its_stack_and_each_owner() -> None:
    page = shown()
    assert "cronmend, eu-west-2" in page
    assert page.count(">Content<") == 1


def test_a_search_and_a_state_choose_rows() -> None:
    assert ">send-report<" not in shown(state="muted")
    assert ">fetch-rates<" in shown(state="muted", text="fetch")


def test_a_job_has_a_page_with_its_buttons() -> None:
    page = shown(job=JOB, theme="dark")
    assert 'class="cm cm-dark"' in page
    assert 'endpoint="arn:action"' in page
    assert "What happened" in page


def test_a_job_that_is_gone_is_named() -> None:
    assert "No job named site/gone is on the board any more." in shown(job="site/gone")


def test_the_deploys_are_those_of_the_dashboards_range() -> None:
    def deploys(start: timedelta, end: timedelta = timedelta()) -> str:
        page = shown(span=(sample.NOW - start, sample.NOW - end))
        return page.partition('class="soft sm note n24">')[2].partition("<")[0]

    assert deploys(timedelta(hours=24)) == "3 deploys, 1 broke jobs"
    assert deploys(timedelta(hours=3)) == "1 deploy, 1 broke jobs"
    assert deploys(timedelta(hours=23), timedelta(hours=5)) == "2 deploys, none broke jobs"


def test_a_range_is_cut_to_a_week_until_now_and_is_at_least_an_hour() -> None:
    page = shown(span=(sample.NOW - timedelta(days=400), sample.NOW + timedelta(days=1)))
    assert "Last 7 days" in page
    inside = sample.DEPLOY + timedelta(minutes=10)
    assert "Last 60 min" not in shown(span=(sample.NOW - timedelta(minutes=1), sample.NOW))
    assert "14:02" in shown(span=(inside, inside + timedelta(minutes=1)))


def test_a_board_whose_tasks_may_not_be_listed_is_shown_without_them() -> None:
    assert board(Tasks(denied=True)).facts(sample.NOW).running == {}
