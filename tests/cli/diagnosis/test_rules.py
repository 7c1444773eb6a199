"""``cronmend rules``: check, list, try, pack."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.diagnosis import rules
from cli.diagnosis.rules import rules_app
from cli.main import app
from cronmend.diagnosis import rule_files

ROW = """
[[rule]]
id = "team.erp"
where = "error"
pattern = 'erp is closed'
category = "dependency_unavailable"
advice = "Wait until the ERP opens at six."
source = "https://wiki.example.com/erp"
examples = ["ERP is closed for the night"]
"""


def invoke(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(rules_app, list(words), env={"COLUMNS": "200"})
    return done.exit_code, done.output


@pytest.fixture
def wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the shipped rules, with a mistake in one."""
    (tmp_path / "10-team.toml").write_text(ROW.replace("category", "kategory"), encoding="utf-8")
    monkeypatch.setattr(rule_files, "SHIPPED", tmp_path)
    monkeypatch.setattr(rule_files, "PACK", tmp_path / "packed.json")
    monkeypatch.setattr(rules, "PACK", tmp_path / "packed.json")
    rule_files.shipped.cache_clear()
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [["rules", "pack"], ["rules", "list"], ["bench"], ["bench", "corpus", "one.jsonl"], ["explain", "--log", "-"]],
)
def test_a_mistake_in_a_shipped_rule_is_named_with_its_place_and_remedy(wrong: Path, command: list[str]) -> None:
    done = CliRunner().invoke(app, command, input="MemoryError\n")
    assert done.exit_code == 2
    assert "10-team.toml: rule 1 (team.erp): category is missing; add it" in done.output
    assert not (wrong / "packed.json").exists()


def test_the_shipped_rules_have_no_mistakes() -> None:
    code, output = invoke("check")
    assert code == 0
    assert "no mistakes" in output


def test_check_names_every_mistake(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        ROW.replace("erp is closed", "[") + ROW.replace("team.erp", "b").replace("error", "no"), encoding="utf-8"
    )
    code, output = invoke("check", str(tmp_path / "own.toml"))
    assert code == 1
    assert "own.toml: rule 1 (team.erp): pattern is not a valid RE2 pattern" in output
    assert "own.toml: rule 2 (b): where is 'no'" in output


def test_check_tries_the_examples(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        ROW.replace("for the night", "").replace("ERP is closed", "shut"), encoding="utf-8"
    )
    code, output = invoke("check", str(tmp_path / "own.toml"))
    assert code == 1
    assert "does not match" in output


def test_list_shows_own_rules_first(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(ROW, encoding="utf-8")
    _, output = invoke("list", "--rules", str(tmp_path / "own.toml"))
    assert output.index("team.erp") < output.index("ecs.spot")
    _, cancelled = invoke("list", "--category", "cancelled")
    assert "ecs.stopped_on_purpose" in cancelled
    assert "ecs.spot" not in cancelled


def test_try_shows_what_matched_and_why_the_first_won(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text(
        'Traceback (most recent call last):\n  File "/a.py", line 1, in f\n    f()\nKeyError: 1\n', encoding="utf-8"
    )
    code, output = invoke("try", "--log", str(tmp_path / "log.txt"))
    assert code == 0
    assert "bug.type" in output
    assert "decides, application_error" in output


def test_try_says_if_no_rule_decides(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("all is well\n", encoding="utf-8")
    assert "No rule decides" in invoke("try", "--log", str(tmp_path / "log.txt"))[1]
    assert invoke("try", "--log", str(tmp_path / "none.txt"))[0] == 2
