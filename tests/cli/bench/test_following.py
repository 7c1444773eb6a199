"""``cronmend bench follow``: with ``follow``, no simulated deploy race starts, and nothing else is lost."""

import json

import pytest
from typer.testing import CliRunner

from cli.bench.following import follow
from cli.main import app
from cronmend.model import Follow

RACES = 22
"""The seed of a history in which a race starts without ``follow``."""


@pytest.mark.parametrize("kind", [Follow.SERVICE, Follow.ASSUMED])
def test_with_follow_no_race_starts_no_slot_is_lost_and_nothing_is_held_for_long(kind: Follow) -> None:
    found = follow(RACES, 1, kind)
    assert found.races_without > 0
    assert (found.races, found.slots_lost, found.held_too_long) == (0, 0, 0)


def test_the_figures_are_printed() -> None:
    result = CliRunner().invoke(app, ["bench", "follow", "--histories", "1", "--json"])
    assert result.exit_code == 0, result.output
    assert {"races", "races_without", "never_started", "slots_lost", "held_too_long"} <= json.loads(
        result.stdout
    ).keys()
