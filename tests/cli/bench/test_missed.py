"""A month in which the clocks of all four zones change: each missed slot is found in time, and nothing else is."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from cli.bench.app import bench_app
from cli.bench.missed import MissedFigures, missed


@pytest.fixture(scope="module")
def figures() -> MissedFigures:
    return missed(33, 2, lambda days: None, start=datetime(2026, 3, 5, tzinfo=UTC))


def test_every_missed_slot_is_found_and_no_other(figures: MissedFigures) -> None:
    assert figures.slots > 3_000
    assert figures.found == figures.missed > 15
    assert figures.false_alarms == 0


def test_each_is_found_within_grace_and_ten_minutes(figures: MissedFigures) -> None:
    assert 0 < figures.slowest_minutes <= 10


def test_the_command_prints_the_figures() -> None:
    result = CliRunner().invoke(bench_app, ["missed", "--days", "1", "--json"])
    assert {"slots", "missed", "found", "false_alarms"} <= json.loads(result.output).keys()
