"""The calls of AWS of a check of 10, 100 and 1,000 schedules, recorded at the function's own clients."""

from collections.abc import Sequence

import pytest

from cli.bench import check_calls
from cli.bench.calls import Calls
from cli.bench.check_calls import CheckCost
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


def test_the_guide_has_the_table_that_the_command_prints(costs: Sequence[CheckCost]) -> None:
    assert check_calls.table(list(costs)) in (ROOT / "docs/missed-runs.md").read_text(encoding="utf-8")
