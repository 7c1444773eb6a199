"""A deploy that holds 1 to 1,000 schedules, on a virtual clock: no invocation takes too long, and nothing is lost."""

from collections.abc import Sequence

import pytest

from cli.bench import holds
from cli.bench.holds import HoldCost
from cronmend.deploys.holds import is_marked
from tests import ROOT
from tests.test_template import TEMPLATE

STOPPED_BY_LAMBDA = 16
"""Invocations in a chain: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html."""


@pytest.fixture(scope="module")
def costs() -> Sequence[HoldCost]:
    return holds.hold_costs(lambda number: None)


def held(cost: HoldCost) -> int:
    written = cost.account.updated.values()
    return sum(each["State"] == "DISABLED" and is_marked(each["Description"]) for each in written)


def test_every_schedule_is_held_and_its_timer_is_brought_forward_at_the_end(costs: Sequence[HoldCost]) -> None:
    assert [(held(each), len(each.account.timers)) for each in costs] == [(size, size) for size in holds.SIZES]
    for cost in costs:
        rows = [item for (pk, _), item in cost.account.items.items() if pk.startswith("HOLD#")]
        assert {item["hold"]["M"]["state"]["S"] for item in rows} == {"held"}
        ends = {item["hold"]["M"]["until"]["S"] for item in rows}
        assert max(ends) < max(
            item["note"]["M"]["until"]["S"] for item in cost.account.items.values() if "note" in item
        )


def test_no_event_is_given_up_and_lambda_stops_no_chain(costs: Sequence[HoldCost]) -> None:
    for each in (part for cost in costs for part in (cost.started, cost.finished)):
        assert each.dead_letters == 0
        assert each.longest_chain <= STOPPED_BY_LAMBDA / 4


def test_a_schedule_takes_nine_calls_to_hold_and_three_to_have_released(costs: Sequence[HoldCost]) -> None:
    """Besides one that reads the timetables of many."""
    one, hundred, _ = costs
    assert (hundred.started.calls - 1 - one.started.calls) / 99 == 9
    assert (hundred.finished.calls - one.finished.calls) / 99 == 3


def test_the_model_has_the_templates_limits() -> None:
    function, defaults = TEMPLATE.functions["DeployStateFunction"], TEMPLATE.body["Globals"]["Function"]
    assert function.get("Timeout", defaults["Timeout"]) == holds.LIMIT
    assert function["EventInvokeConfig"]["MaximumRetryAttempts"] == holds.RETRIES
    assert function["ReservedConcurrentExecutions"]["Fn::If"][1] == holds.AT_ONCE


def test_an_invocation_that_takes_too_long_is_killed_and_its_event_given_up_in_the_end() -> None:
    (cost,) = holds.hold_costs(lambda number: None, (1,), slower=200.0)
    assert (cost.started.invocations, cost.started.dead_letters, held(cost)) == (1 + holds.RETRIES, 1, 0)


def test_the_guide_has_the_table_that_the_command_prints(costs: Sequence[HoldCost]) -> None:
    assert holds.table(costs) in (ROOT / "docs/deploys.md").read_text(encoding="utf-8")
