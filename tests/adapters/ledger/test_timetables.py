"""What the search for slots without a run keeps and reads: one contract for the stores in memory and the table."""

from collections.abc import Callable
from copy import replace
from dataclasses import dataclass
from datetime import timedelta

import pytest

from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.timetables import DynamoLastChecks, DynamoRecordedRuns, DynamoTimetables
from cronmend.model import Category
from cronmend.model.incident import Change, JobState
from cronmend.model.timetables import LastCheck, RecordedRun, Timetable
from cronmend.ports.healing import JobStates
from cronmend.ports.timetables import LastChecks, RecordedRuns, Timetables
from local.memory.ledger import MemoryLedger
from local.memory.timetables import MemoryChecks, MemoryRuns, MemoryTimetables
from tests.adapters.ledger.test_ledger import race_change, table
from tests.fakes import NOW, later
from tests.samples import CLUSTER, JOB


@dataclass
class Stores:
    ledger: JobStates
    timetables: Timetables
    checks: LastChecks
    runs: RecordedRuns


def in_memory() -> Stores:
    ledger = MemoryLedger()
    return Stores(ledger, MemoryTimetables(), MemoryChecks(), MemoryRuns(ledger))


def in_dynamodb() -> Stores:
    table()
    ledger = DynamoLedger("ledger", timedelta(days=90), 30)
    return Stores(ledger, DynamoTimetables("ledger"), DynamoLastChecks("ledger"), DynamoRecordedRuns("ledger"))


@pytest.fixture(params=[in_memory, in_dynamodb], ids=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest, aws: None) -> Stores:
    make: Callable[[], Stores] = request.param
    return make()


TIMETABLE = Timetable(
    job=JOB,
    source=JOB,
    version="2026-05-01T00:00:00+00:00",
    cluster_arn=CLUSTER,
    expression="cron(0 * * * ? *)",
    timezone="Europe/London",
    enabled=False,
    since=NOW,
    checked_until=later(5),
    flexible=15,
    created=later(-60),
    due=later(65),
)


def test_a_timetable_is_kept_replaced_and_removed(stores: Stores) -> None:
    other = replace(TIMETABLE, job="site/other", enabled=True, flexible=0, created=None, due=None)
    for each in (TIMETABLE, other, replace(TIMETABLE, unclear="two schedules match")):
        stores.timetables.put(each)
    assert set(stores.timetables.all()) == {replace(TIMETABLE, unclear="two schedules match"), other}
    stores.timetables.remove(JOB)
    assert stores.timetables.all() == (other,)


def test_the_latest_check_is_kept(stores: Stores) -> None:
    assert stores.checks.read() is None
    for check in (LastCheck(NOW, (CLUSTER,)), LastCheck(later(5), (CLUSTER,), resumed_at=NOW)):
        stores.checks.write(check)
        assert stores.checks.read() == check


def stops(stores: Stores, task_id: str, minutes: float, slot: str = "") -> RecordedRun:
    """A run that was created a minute before it stopped."""
    run = race_change().run
    assert run
    created = later(minutes - 1)
    recorded = replace(run, task_id=task_id, created_at=created, stopped_at=later(minutes), slot=slot)
    stores.ledger.commit(Change(replace(JobState(JOB), version=stores.ledger.read(JOB).version), recorded), NOW)
    return RecordedRun(created, run.started_by, slot, recorded.stopped_at)


def test_a_job_s_runs_are_listed_by_when_they_stopped(stores: Stores) -> None:
    first, second, third = (stops(stores, f"t{minute}", minute) for minute in (0, 60, 120))
    assert set(stores.runs.since(JOB, later(60))) == {second, third}
    assert list(stores.runs.since("site/other", NOW)) == []
    assert set(stores.runs.latest(JOB, 2)) == {second, third}
    assert set(stores.runs.latest(JOB, 9)) == {first, second, third}


def test_a_success_that_only_the_list_has_is_listed_with_its_creation(stores: Stores) -> None:
    run = race_change().run
    assert run
    success = replace(run, category=Category.SUCCESS, incident="", created_at=later(4), stopped_at=later(5))
    stores.ledger.commit(Change(JobState(JOB), success), NOW)
    (found,) = stores.runs.since(JOB, NOW, newest=False)
    assert found == RecordedRun(later(4), run.started_by, stopped_at=later(5))


def test_a_run_keeps_the_slot_that_it_named(stores: Stores) -> None:
    named = stops(stores, "t1", 0, slot="2026-05-06T11:00:00Z")
    assert list(stores.runs.since(JOB, later(-5))) == [named]
