"""The calls of AWS of a check of 10, 100 and 1,000 schedules, recorded at the function's own clients."""

from collections.abc import Sequence
from copy import replace
from datetime import timedelta

import pytest

from cli.bench import check_calls
from cli.bench.calls import Calls
from cli.bench.canned_aws import CannedAws, answered_by
from cli.bench.check_calls import NOW, CheckCost
from cli.bench.scenes import ENVIRONMENT
from cronmend.use_cases.reconciling.findings import MOST_TOGETHER
from cronmend.use_cases.reconciling.run_findings import RunFindings
from cronmend.use_cases.reconciling.schedule_findings import ScheduleFindings
from cronmend.wiring import reconcile
from tests import ROOT


@pytest.fixture(scope="module")
def costs() -> Sequence[CheckCost]:
    return check_calls.check_costs(lambda number: None)


def test_a_check_that_finds_nothing_due_grows_only_with_the_pages_of_the_list(costs: Sequence[CheckCost]) -> None:
    assert {each.schedules: each.nothing_due for each in costs} == {
        10: Calls(ledger=3, others=2),
        100: Calls(ledger=3, others=2),
        1_000: Calls(ledger=3, others=11),
    }


def test_a_slot_whose_run_is_on_record_costs_a_read_and_a_write_of_the_ledger(costs: Sequence[CheckCost]) -> None:
    for each in costs:
        assert each.on_record.others == each.nothing_due.others
        assert each.on_record.ledger - each.nothing_due.ledger == 2 * each.schedules


def test_ecs_is_asked_as_often_however_many_slots_are_in_question(costs: Sequence[CheckCost]) -> None:
    """Four calls for a family; each job's own are of EventBridge Scheduler, which allows hundreds a second."""
    for each in costs:
        assert each.none_came.others - each.nothing_due.others == 3 * each.schedules + 4


def test_the_search_for_findings_reads_the_logs_of_few_jobs_at_once(costs: Sequence[CheckCost]) -> None:
    """Four queries, the states of 100 jobs at once, when it looked; and of 1, 1 and 33 jobs a read and a log."""
    assert {each.schedules: each.look for each in costs} == {
        10: Calls(ledger=8, others=3),
        100: Calls(ledger=8, others=2),
        1_000: Calls(ledger=58, others=34),
    }


def test_the_guide_has_the_table_that_the_command_prints(costs: Sequence[CheckCost]) -> None:
    assert check_calls.table(list(costs)) in (ROOT / "docs/missed-runs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("schedules", check_calls.SIZES)
def test_what_schedules_and_runs_show_is_read_from_the_ledger_alone(schedules: int) -> None:
    """None of the schedules has a dead-letter queue: a write for each, then a message for each 90, then nothing."""
    account = CannedAws([f"report-of-{number:04}" for number in range(schedules)])
    lists = {"dynamodb:Query": 3, "dynamodb:BatchGetItem": -(-schedules // 100)}
    with answered_by(account):
        slots, findings = reconcile.slots_use_case(ENVIRONMENT), reconcile.findings_use_case(ENVIRONMENT)
        of_ledger = [each for each in findings.sources if isinstance(each, ScheduleFindings | RunFindings)]
        findings = replace(findings, sources=tuple(of_ledger))
        while slots.check(NOW).left:
            pass
        account.counted()
        assert len(findings.check(NOW).new) == schedules
        assert account.counted() == {**lists, "dynamodb:PutItem": schedules + 1}
        assert len(findings.check(NOW + timedelta(hours=1)).told) == schedules
        assert account.counted() == {
            **lists,
            "dynamodb:TransactWriteItems": -(-schedules // MOST_TOGETHER),
            "dynamodb:PutItem": 1,
        }
        assert findings.check(NOW + timedelta(hours=2)).told == []
        assert account.counted() == {**lists, "dynamodb:PutItem": 1}
        assert not findings.check(NOW + timedelta(hours=2, minutes=5)).is_due
        assert account.counted() == {"dynamodb:Query": 1}
