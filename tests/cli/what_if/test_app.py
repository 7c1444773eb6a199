"""The command: a document, read again without AWS, and each of its cases."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.what_if.app import Question, asked, sources
from cronmend.errors import Permanent
from tests.cli.schemas import problems
from tests.cli.what_if.account import InventedAccount
from tests.cli.what_if.invented import END


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    question = Question(since=(END - timedelta(days=3)).isoformat())
    return asked(question, sources(InventedAccount().session(), 1_000, lambda _: None), END)


@pytest.fixture
def file(found: dict[str, Any], tmp_path: Path) -> str:
    path = tmp_path / "what-if.json"
    path.write_text(json.dumps(found), encoding="utf-8")
    return str(path)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["what-if", *arguments])


def test_the_document_fits_its_schema_and_is_read_again(found: dict[str, Any], file: str) -> None:
    printed = run("--file", file, "--json").stdout
    assert json.loads(printed) == found
    assert list(problems("what-if", printed)) == []


def test_the_answer_is_sentences_and_a_table(file: str) -> None:
    printed = run("--file", file).stdout
    assert "1 failed by deploys: 1 would have been healed by a re-run." in printed
    assert "alerts instead of 4" in printed
    assert "Open one with --case NUMBER." in printed
    assert "Not in AWS any more:" in printed


def test_a_case_shows_its_log_diagnosis_deploy_and_plan(file: str) -> None:
    printed = run("--file", file, "--case", "4").stdout
    for part in ("publish-scheduled", "webapp:12", "column shop_order.channel does not exist", "Re-runs", "healed:"):
        assert part in printed
    assert json.loads(run("--file", file, "--case", "4", "--json").stdout)["cases"][0]["number"] == 4


def test_what_can_not_be_opened_is_named(file: str, tmp_path: Path) -> None:
    unknown = run("--file", file, "--case", "99")
    assert (unknown.exit_code, "There is no case 99" in unknown.stderr) == (2, True)
    other = tmp_path / "other.json"
    other.write_text('{"form": 7}', encoding="utf-8")
    partial = tmp_path / "partial.json"
    partial.write_text('{"form": 1}', encoding="utf-8")
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 200_000, encoding="utf-8")
    for path in (str(other), str(partial), str(deep), str(tmp_path / "none.json")):
        refused = run("--file", path)
        assert (refused.exit_code, "Write it with `cronmend what-if --json`." in refused.stderr) == (1, True)


def test_an_account_without_runs_has_an_answer(tmp_path: Path) -> None:
    account = InventedAccount()
    found = asked(Question(since=(END - timedelta(seconds=1)).isoformat()), sources(account.session(), 1), END)
    path = tmp_path / "none.json"
    path.write_text(json.dumps(found), encoding="utf-8")
    answer = run("--file", str(path))
    assert answer.exit_code == 0, answer.exception
    assert "no schedule or rule of EventBridge has started an ECS task" in answer.stdout
    assert list(problems("what-if", json.dumps(found))) == []


def test_an_empty_text_for_a_success_is_refused() -> None:
    with pytest.raises(Permanent, match="--success: the text is empty"):
        asked(Question(success=[""]), sources(InventedAccount().session(), 10, lambda _: None), END)


def test_a_time_that_is_not_in_the_past_is_refused() -> None:
    with pytest.raises(Permanent, match="--since: 2030-01-01 is not in the past"):
        asked(Question(since="2030-01-01"), sources(InventedAccount().session(), 10, lambda _: None), END)


def test_without_credentials_the_error_says_how_to_sign_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    refused = run()
    assert refused.exit_code == 1
    assert "Sign in with `aws configure`" in refused.stderr
