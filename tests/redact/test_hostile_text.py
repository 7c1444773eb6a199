"""Text that is written to make redaction slow, or to hide a secret from it; `cronmend bench redact` has its cost."""

import json

import pytest
from typer.testing import CliRunner

from cli.bench import hostile
from cli.bench.hostile import HIDE, HOSTILE
from cli.main import app

UNITS = pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())


@UNITS
def test_hostile_text_hides_no_secret_behind_it(unit: str) -> None:
    assert "Tr0ub4dor" not in HIDE(unit * 100 + "\n\npassword=Tr0ub4dor-3")


@UNITS
def test_redacting_a_long_hostile_text_again_changes_nothing(unit: str) -> None:
    """Endless backtracking would never finish."""
    hidden = HIDE(unit * 2_000)
    assert HIDE(hidden) == hidden


def test_the_figures_are_of_every_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostile, "TIMES", 2)
    ran = CliRunner().invoke(app, ["bench", "redact", "--json"])
    assert set(json.loads(ran.stdout)) == set(HOSTILE)
