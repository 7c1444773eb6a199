"""A team's own rules and fixtures: checked together, and packaged without a change to the shipped files."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cronmend.diagnosis.rule_files import PACK, shipped_files
from tests import ROOT
from tests.cli.diagnosis.test_classify import event
from tests.cli.diagnosis.test_rules import ROW, invoke

LOG = ["start", "settle: error: ERP is closed for the night"]


def fixture(**more: Any) -> str:
    expect = {"category": "dependency_unavailable", "action": "rerun"}
    return json.dumps({"id": "erp", "event": event(), "log": LOG, "job_container": "app", "expect": expect, **more})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "account" / "rules"
    made.mkdir(parents=True)
    (made / "erp.toml").write_text(ROW, encoding="utf-8")
    (made / "erp.jsonl").write_text(fixture() + "\n", encoding="utf-8")
    return made


def test_check_runs_the_fixtures_of_a_folder_with_its_rules(folder: Path) -> None:
    assert invoke("check", str(folder)) == (0, "1 rule and 1 fixture in 2 files, no mistakes\n")


def test_check_says_which_fixture_is_diagnosed_wrongly_and_by_which_rule(folder: Path) -> None:
    (folder / "erp.toml").write_text(ROW.replace("erp is closed", "closed for the night$"), encoding="utf-8")
    (folder / "erp.jsonl").write_text(fixture(log=["settle: error: ERP-4711"]), encoding="utf-8")
    code, output = invoke("check", str(folder))
    assert code == 1
    expected = "expected dependency_unavailable/rerun, got unknown/alert by nothing_decisive"
    assert output == f"{folder}/erp.jsonl: erp: {expected}\n"


def test_check_refuses_what_is_still_to_be_filled_in(folder: Path) -> None:
    (folder / "erp.toml").write_text(ROW.replace("erp is closed", "FILL_IN"), encoding="utf-8")
    expect = {"category": "FILL_IN", "action": "FILL_IN"}
    (folder / "erp.jsonl").write_text(fixture(expect=expect), encoding="utf-8")
    code, output = invoke("check", str(folder))
    assert code == 1
    assert "erp.toml: rule 1 (team.erp): pattern is still FILL_IN; fill it in" in output
    assert "erp.jsonl, line 1: expect.category is 'FILL_IN'; set it to one of " in output


def test_a_contested_fixture_is_not_wrong(folder: Path) -> None:
    expect = {"category": "unknown", "action": "alert", "contested": True}
    (folder / "erp.jsonl").write_text(fixture(expect=expect), encoding="utf-8")
    assert invoke("check", str(folder))[0] == 0


def test_own_rules_are_packaged_before_the_shipped_ones_and_only_in_the_copy(folder: Path, tmp_path: Path) -> None:
    before = PACK.read_bytes()
    shutil.copytree(ROOT / "functions" / "cronmend", tmp_path / "functions" / "cronmend")
    code, output = invoke("build", str(folder), "--root", str(tmp_path))
    assert (code, output) == (0, f"1 rule and 1 fixture of {folder} added\n")
    assert PACK.read_bytes() == before

    rules = tmp_path / "functions/cronmend/diagnosis/rules"
    assert {file.name for file in rules.glob("*.toml")} == {file.name for file in shipped_files()}
    assert [file.name for file in (rules / "own").iterdir()] == ["erp.toml"]
    assert first_rule(tmp_path) == "team.erp True"
    (rules / "packed.json").unlink()
    assert first_rule(tmp_path) == "team.erp False"


def first_rule(copy: Path) -> str:
    """The rule that the copied functions try first, and whether they have it from a valid pack."""
    code = "from cronmend.diagnosis import rule_files as r; print(r.shipped().rows[0].id, bool(r._unpacked()))"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(copy / 'functions')!r}); {code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=copy)  # noqa: S603
    return done.stdout.strip()


def test_what_is_wrong_is_not_packaged(folder: Path, tmp_path: Path) -> None:
    expect = {"category": "timeout", "action": "alert"}
    (folder / "erp.jsonl").write_text(fixture(expect=expect), encoding="utf-8")
    code, output = invoke("build", str(folder), "--root", str(tmp_path))
    assert code == 1
    assert "erp: expected timeout/alert, got dependency_unavailable/rerun by team.erp" in output
    assert not (tmp_path / "functions").exists()


def test_a_team_without_rules_builds_what_ships(tmp_path: Path) -> None:
    assert invoke("build", str(tmp_path / "account/rules"), "--root", str(tmp_path)) == (0, "")
    assert not (tmp_path / "functions").exists()


def test_make_build_packages_the_rules_of_the_account() -> None:
    (recipe,) = re.findall(r"^build: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    copied, rules, sam = (recipe.index(each) for each in ("cp -R", 'rules build "$(ACCOUNT)/rules"', "sam build"))
    assert copied < rules < sam
