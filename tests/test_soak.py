"""The soak counts a play as passed only if the demo exits with 0, and keeps the log of the others."""

from pathlib import Path

import pytest

from tests import soak


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo that succeeds until it finds the file ``broken``."""
    demo = tmp_path / "cronmend"
    demo.write_text(f"#!/bin/sh\necho playing; test ! -e {tmp_path / 'broken'}\n")
    demo.chmod(0o755)
    monkeypatch.setattr(soak, "CRONMEND", demo)
    monkeypatch.setattr(soak, "STATE", tmp_path)
    return tmp_path


def test_every_mode_plays_as_often_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["2"]) == 0
    written = capsys.readouterr().out
    assert [f"{name:10}   2 of 2 passed" in written for name in soak.MODES] == [True] * len(soak.MODES)


def test_a_play_that_fails_fails_the_soak_and_leaves_its_log(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (state / "broken").touch()
    assert soak.main(["1", "slow-jobs"]) == 1
    assert "0 of 1 passed" in capsys.readouterr().out
    assert (state / "soak-slow-jobs-1.log").read_text() == "playing\n"


def test_an_unknown_mode_is_refused_with_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["1", "asleep"]) == 2
    assert "asleep. Choose from: rest, busy, slow-jobs, fast-jobs." in capsys.readouterr().err
