"""Many jobs fail at once: every failure is recorded, and people get a few messages."""

import json

import pytest
from typer.testing import CliRunner

from cli.main import app


@pytest.mark.parametrize(("causes", "most"), [(1, 3), (300, 23)])
def test_a_storm_is_a_few_messages(causes: int, most: int) -> None:
    result = CliRunner().invoke(app, ["bench", "storm", "--failures", "300", "--causes", str(causes), "--json"])
    figures = json.loads(result.stdout)
    assert (figures["failures"], figures["records"], figures["findable"]) == (300, 300, 300)
    assert 0 < figures["messages"] <= most


def test_the_output_has_one_value_per_line() -> None:
    result = CliRunner().invoke(app, ["bench", "storm", "--failures", "3"])
    assert [line.split()[0] for line in result.stdout.splitlines()][:2] == ["failures", "records"]
