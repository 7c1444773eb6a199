"""The board's read of the ledger: what it finds, and how many calls a thousand jobs take."""

from copy import replace

from cli.bench.board import figures
from cli.board import sample
from cronmend.adapters.ledger.board import DynamoBoard
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.job_records import DynamoJobRecords
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.timetables import DynamoTimetables
from cronmend.board.build import build
from cronmend.board.facts import Facts
from cronmend.board.html.links import NoLinks
from cronmend.board.html.page import fragment
from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.model.incident import Change
from tests.adapters.ledger.test_ledger import race_change, success_change, table
from tests.fakes import NOW
from tests.samples import CLUSTER, JOB


def stored(facts: Facts) -> None:
    ledger = table()
    for each in facts.timetables:
        DynamoTimetables("ledger").put(each)
    for state in facts.states.values():
        ledger.commit(Change(replace(state, version=0)), sample.NOW)
    for mute in facts.mutes:
        DynamoMutes("ledger").set(mute)
    for hold in facts.holds:
        DynamoHolds("ledger").put(hold)
    for note in facts.deploys:
        DynamoDeployNotes("ledger").write(note, sample.NOW)


def read() -> Facts:
    return DynamoBoard("ledger").facts(sample.PLACE, [sample.CLUSTER], Policies(), sample.NOW)


def test_the_board_of_the_ledger_is_that_of_the_facts_stored_in_it(aws: None) -> None:
    sampled = sample.facts()
    stored(sampled)
    found = replace(read(), running=sampled.running, policies=sampled.policies)
    assert fragment(build(found), NoLinks()) == fragment(build(sampled), NoLinks())


def test_a_broken_job_without_a_schedule_is_shown(aws: None) -> None:
    table().commit(race_change(), NOW)
    (row,) = build(DynamoBoard("ledger").facts("here", [CLUSTER], Policies(), NOW)).rows
    assert (row.job, row.next_note) == (JOB, "not known")


def test_a_thousand_jobs_take_twenty_calls_and_300_kb() -> None:
    found = figures(1_000)
    assert found.jobs == 1_000
    assert found.calls <= 20
    assert found.bytes <= 300_000


def test_the_records_of_a_job_are_read_latest_first(aws: None) -> None:
    ledger = table()
    ledger.commit(race_change(), NOW)
    ledger.commit(success_change(ledger, 9), NOW)
    found = DynamoJobRecords("ledger").read(JOB, JobPolicy(JOB))
    assert [(run.task_id, run.category.value) for run in found.runs] == [("s9", "success"), ("a1", "deploy_race")]
    assert [(each.id, each.is_open) for each in found.incidents] == [("a1", False)]
    assert found.messages == []
    assert DynamoJobRecords("ledger").read("g/none", JobPolicy()).incidents == []
