"""``cronmend bench follow``: with ``follow``, no simulated deploy race starts, and nothing else is lost."""

import json

import pytest
from typer.testing import CliRunner

from cli.bench.following import follow
from cli.main import app
from cronmend.model import Follow

RACES = 22
"""The seed of a history in which a race starts without ``follow``."""
UNPROVED, CANCELLED = 68, 65
"""Seeds of histories in which a deploy deregisters the former revision. Its end isn't proved, or it is given up."""


@pytest.mark.parametrize("kind", [Follow.SERVICE, Follow.ASSUMED])
def test_with_follow_no_race_starts_no_slot_is_lost_and_nothing_is_held_for_long(kind: Follow) -> None:
    found = follow(RACES, 1, kind)
    assert found.races_without > 0
    assert (found.races, found.slots_lost, found.held_too_long) == (0, 0, 0)


@pytest.mark.parametrize("seed", [UNPROVED, CANCELLED])
def test_no_slot_is_lost_to_a_deregistered_revision_unless_the_service_runs_no_other(seed: int) -> None:
    found = follow(seed, 1, Follow.SERVICE)
    assert found.slots_lost == 0
    assert (found.moves > 0, found.slots_refused > 1) == (seed == UNPROVED, seed == CANCELLED)


def test_the_figures_are_printed() -> None:
    result = CliRunner().invoke(app, ["bench", "follow", "--histories", "1", "--json"])
    assert result.exit_code == 0, result.output
    assert {"races", "races_without", "never_started", "slots_lost", "slots_refused", "held_too_long"} <= json.loads(
        result.stdout
    ).keys()
