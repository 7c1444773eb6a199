"""The index of the sample events is what their table says."""

import shutil
from pathlib import Path

from typer.testing import CliRunner

from cli.main import app
from cli.samples.index import readme
from local.samples import TABLE, folders
from tests import ROOT


def test_the_index_is_up_to_date_and_names_every_sample() -> None:
    text = (ROOT / "events/README.md").read_text(encoding="utf-8")
    assert text == readme(folders())
    for folder in folders():
        section = text.split(f"## `{folder.name}/`")[1].split("\n## ")[0]
        assert [f"`{each.stem}.json`" in section for each in folder.samples] == [True] * len(folder.samples)


def test_a_stale_index_is_reported_and_written_again(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    shutil.copy(TABLE, tmp_path / "events")
    (tmp_path / "events/README.md").write_text("old")
    build = ["samples", "build", "--root", str(tmp_path)]
    stale = CliRunner().invoke(app, [*build, "--check"])
    assert (stale.exit_code, "stale: events/README.md" in stale.stderr) == (1, True)
    assert CliRunner().invoke(app, build).exit_code == 0
    assert CliRunner().invoke(app, [*build, "--check"]).exit_code == 0
