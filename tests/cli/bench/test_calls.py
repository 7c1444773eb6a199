"""The calls of AWS per event, recorded at the clients of the handlers: bounded, however large the account is."""

from collections.abc import Sequence

import pytest

from cli.bench import calls, kept
from cli.bench import costs as months
from cli.bench.calls import EventCost
from tests import ROOT


@pytest.fixture(scope="module")
def costs() -> Sequence[EventCost]:
    return calls.costs(lambda number: None)


def of(costs: Sequence[EventCost], event: str, services: int = 1) -> dict[int, int]:
    """Schedules → calls besides the ledger, in a new container."""
    return {each.schedules: each.first.others for each in costs if (each.event, each.services) == (event, services)}


def one(costs: Sequence[EventCost], event: str) -> EventCost:
    return next(each for each in costs if each.event == event)


@pytest.mark.parametrize(
    ("event", "most"),
    [("a run succeeds", 1), ("a run fails: a bug", 7), ("a run fails in a deploy: a re-run is planned", 9)],
)
def test_the_calls_of_a_run_do_not_grow_with_the_schedules(event: str, most: int, costs: Sequence[EventCost]) -> None:
    assert of(costs, event) == {1: most, 100: most, 1_000: most}


def test_a_hundred_services_cost_two_more_calls(costs: Sequence[EventCost]) -> None:
    """To find the services by their tasks."""
    assert of(costs, "a run fails: a bug, 100 services", services=100) == {1_000: 9}


def test_a_run_that_does_not_name_its_job_reads_only_the_schedule_that_does_its_work(
    costs: Sequence[EventCost],
) -> None:
    """Besides the pages of the list, one for each hundred."""
    event = "a run succeeds without `CRONMEND_JOB`"
    assert of(costs, event) == {1: 2, 100: 2, 1_000: 11}
    assert [each.next.others for each in costs if each.event == event and each.next] == [0, 1, 1]


def test_in_a_storm_a_failure_reads_only_its_schedule_and_its_log(costs: Sequence[EventCost]) -> None:
    following = [each.next.others for each in costs if each.event.startswith("a run fails: a bug") and each.next]
    assert max(following) <= 2


@pytest.mark.parametrize(
    ("event", "calls_", "writes"),
    [
        ("a run succeeds", 4, 2),
        ("a run succeeds after an incident", 4, 2),
        ("a run fails: a bug", 10, 16),
        ("a run fails in a deploy: a re-run is planned", 13, 13),
        ("a re-run starts", 15, 17),
        ("the first message, on three channels", 18, 56),
        ("one more job joins", 16, 22),
    ],
)
def test_an_event_costs_no_more_calls_and_writes(
    event: str, calls_: int, writes: int, costs: Sequence[EventCost]
) -> None:
    cost = one(costs, event)
    assert cost.first.total <= calls_
    assert cost.units.writes <= writes


def test_the_months_costs_are_those_of_the_recorded_units(costs: Sequence[EventCost]) -> None:
    recorded = {each.event: (each.units.writes, each.units.reads) for each in costs if each.schedules in {1, 3}}
    assert recorded["a run succeeds"] == months.SUCCESS
    assert recorded["a run fails: a bug"] == months.FAILURE
    assert recorded["the first message, on three channels"] == months.MESSAGE
    assert months.table() in (ROOT / "docs/deploy.md").read_text(encoding="utf-8")


def test_no_count_is_a_tenth_higher_than_in_the_last_release(costs: Sequence[EventCost]) -> None:
    assert list(kept.worse(kept.read(), kept.counts(costs))) == []


def test_a_count_that_is_more_than_a_tenth_higher_is_named() -> None:
    before = {"a: calls": 10.0, "b: calls": 10.0, "gone: calls": 1.0}
    now = {"a: calls": 11.0, "b: calls": 12.0, "new: calls": 9.0}
    assert list(kept.worse(before, now)) == ["b: calls: 12, was 10"]


def test_a_schedule_takes_nine_calls_to_hold(costs: Sequence[EventCost]) -> None:
    """Besides one that reads the timetables of many."""
    (single, twenty) = (each.first for each in costs if each.event == "a deploy holds all schedules")
    assert (twenty.total - 1 - single.total) / 19 == 9


def test_the_guide_has_the_table_that_the_command_prints(costs: Sequence[EventCost]) -> None:
    assert calls.table(list(costs)) in (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
