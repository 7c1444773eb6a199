"""``cronmend bench foresight``: hardly a false notice, and most jobs that grow are told before it hurts."""

import json

from typer.testing import CliRunner

from cli.bench.foreseen_needs import foreseen_needs
from cli.bench.foresight import foresight
from cli.main import app


def test_ordinary_life_is_no_news_and_growth_is() -> None:
    found = foresight(jobs=6, days=60, seed=1)
    assert found.job_days == 360
    assert found.false_notices == 0
    assert found.foreseen >= found.grown / 2
    assert found.days_before > 0


def test_what_is_lost_is_told_before_the_next_run_if_there_is_time() -> None:
    found = foreseen_needs(jobs=10, days=30, seed=1)
    assert found.false_notices == 0
    assert found.lost_foreseen == found.lost > 0
    assert found.filled_foreseen >= found.filled / 3 > 0


def test_the_figures_are_printed() -> None:
    result = CliRunner().invoke(app, ["bench", "foresight", "--jobs", "1", "--days", "7", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["per_1000_job_days"] == 0.0
