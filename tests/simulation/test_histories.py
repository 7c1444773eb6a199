"""Histories in which everything breaks: the promises that are kept, whatever the seed."""

import secrets

import pytest

from simulation.history import History
from simulation.report import Report, play, simulate
from simulation.shrink import shrunk, walk
from simulation.sight import Violation

FIXED = 40
KEPT = frozenset({2, 4, 5, 7, 8})
"""The invariants of the design that hold in every history."""


def broken(report: Report) -> list[tuple[int, Violation]]:
    return [(seed, each) for seed, each in report.violations if each.invariant in KEPT]


def test_fixed_histories_keep_the_promises() -> None:
    report = simulate(seed=1, histories=FIXED)
    assert broken(report) == []
    assert report.counts["healed"] > 5
    assert report.counts["alerted"] > 50
    assert len(report.points.hit) > 10


def test_a_fresh_history_keeps_the_promises() -> None:
    seed = secrets.randbelow(10**9)
    print(f"cronmend simulate --seed {seed} --histories 20")  # noqa: T201 # pytest shows it with a failure
    assert broken(simulate(seed, histories=20)) == []


@pytest.mark.parametrize("seed", [3, 54])
def test_a_seed_repeats_its_history(seed: int) -> None:
    assert walk(History(seed).run()) == walk(History(seed).run())


def test_what_is_left_out_changes_nothing_else() -> None:
    told = History(7).run()
    kept = History(7, dropped=frozenset({"no such event"})).run()
    assert walk(told) == walk(kept)


def test_a_longer_history_has_more_events() -> None:
    assert play((5,), days=2).events > play((5,), days=1).events


def test_a_violation_is_shown_with_the_smallest_history() -> None:
    """A run that fails and of which nobody hears, since no channel takes a message."""
    told = History(11).run()
    entry = next(each for each in told.entries if each["what"] == "stopped")
    violation = Violation(1, "made up", entry["job"], entry["at"], "")
    assert shrunk(told, violation, days=1).told == told
