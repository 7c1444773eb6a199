"""``cronmend bench``: how a score is computed. No speed is asserted."""

import json
from copy import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.bench import instructions
from cli.bench.app import bench_app
from cli.bench.score import score
from cli.diagnosis.labeled import ScoredAnswer, answer_to
from tests.cli.diagnosis.test_classify import event


def answer(
    expected: str, action: str, category: str, done: str, contested: bool = False, also: str = ""
) -> ScoredAnswer:
    right = ((expected, action), *([(also, action)] if also else []))
    return ScoredAnswer("x", right, contested, category, done, "rule", "line")


def test_a_dangerous_error_is_a_rerun_or_no_alert_when_a_person_has_to_act() -> None:
    assert answer("application_error", "alert", "dependency_unavailable", "rerun").dangerous
    assert answer("application_error", "alert", "success", "none").dangerous
    assert not answer("dependency_unavailable", "rerun", "unknown", "alert").dangerous
    assert not answer("infrastructure", "rerun", "dependency_unavailable", "rerun").dangerous


def test_the_score() -> None:
    answers = [
        answer("timeout", "alert", "timeout", "alert"),
        answer("timeout", "alert", "unknown", "alert"),
        answer("success", "none", "success", "none"),
        answer("unknown", "alert", "cancelled", "none", contested=True),
        answer("application_error", "alert", "configuration_error", "alert", also="configuration_error"),
    ]
    result = score(answers)
    assert (result.cases, result.contested, result.dangerous) == (4, 1, 0)
    assert (result.category_right, result.action_right) == (0.75, 1.0)
    assert [miss.category for miss in result.misses] == ["unknown"]
    assert round(result.macro_f1, 3) == round((2 / 3 + 1 + 1) / 3, 3)
    assert result.confusion[("timeout", "unknown")] == 1


def test_a_re_run_that_only_tries_is_right_for_both_labels_and_counted_apart() -> None:
    alert, rerun = (
        replace(answer("configuration_error", action, "configuration_error", "rerun"), only_tries=True)
        for action in ("alert", "rerun")
    )
    result = score([alert, rerun, answer("configuration_error", "alert", "configuration_error", "rerun")])
    assert (result.dangerous, round(result.action_right, 2)) == (1, 0.67)
    assert result.tries == {"alert": 1, "rerun": 1}


def test_each_category_has_its_precision_and_recall() -> None:
    answers = [
        answer("timeout", "alert", "timeout", "alert"),
        answer("timeout", "alert", "unknown", "alert"),
        answer("success", "none", "timeout", "alert"),
    ]
    rows = {each.category: each for each in score(answers).categories}
    assert (rows["timeout"].cases, rows["timeout"].precision, rows["timeout"].recall) == (2, 0.5, 0.5)
    assert (rows["success"].precision, rows["success"].recall) == (None, 0.0)
    assert (rows["unknown"].precision, rows["unknown"].recall) == (0.0, None)


def corpus(tmp_path: Path, *logs: list[str], columns: int = 200, words: tuple[str, ...] = ()) -> Any:
    """The result for a file a log, each labeled configuration_error/alert."""
    expect = {"category": "configuration_error", "action": "alert", "also": [], "contested": False}
    files = []
    for number, log in enumerate(logs, 1):
        row = {"id": f"case-{number}", "event": event(), "log": log, "deploy": "open", "job_container": "app"}
        files.append(tmp_path / f"{number}.jsonl")
        files[-1].write_text(json.dumps({**row, "expect": expect}) + "\n", encoding="utf-8")
    return CliRunner().invoke(bench_app, ["corpus", *map(str, files), *words], env={"COLUMNS": str(columns)})


MISSING_SETTING = ['Error: required environment variable "API_URL" is not set']


def test_corpus_counts_a_setting_that_a_deploy_may_bring(tmp_path: Path) -> None:
    done = corpus(tmp_path, MISSING_SETTING)
    assert "action 100.0%" in done.output
    assert "1 run once more after the deploy, which may explain them: 1 labeled alert" in done.output


def test_corpus_prints_the_score_and_the_misses(tmp_path: Path) -> None:
    done = corpus(tmp_path, ["KeyError: 'x'"])
    assert done.exit_code == 0
    assert "case-1: expected configuration_error/alert, got application_error/alert by bug.type" in done.output
    assert "category 0.0%, action 100.0%" in done.output


@pytest.mark.parametrize(
    ("log", "exit_code", "is_default"),
    [
        (["all is well"], 1, True),
        (["Traceback (most recent call last):", '  File "/a.py", line 1, in f', "acme.Odd: x"], 1, True),
        (["Traceback (most recent call last):", '  File "/a.py", line 1, in f', "RuntimeError: odd"], 1, True),
        ([], 137, True),
        (["KeyError: 'x'"], 1, False),
    ],
)
def test_an_answer_without_knowledge_is_counted_as_a_default(log: list[str], exit_code: int, is_default: bool) -> None:
    expect = {"category": "timeout", "action": "alert"}
    raw = {"id": "x", "event": event(exit_code), "log": log, "job_container": "app", "expect": expect}
    result = score([answer_to(raw)])
    assert result.default_share == is_default, result.misses


def test_several_files_are_one_corpus_and_the_tables_fit_a_narrow_terminal(tmp_path: Path) -> None:
    done = corpus(tmp_path, MISSING_SETTING, ["KeyError: 'x'"], ["all is well"], columns=80)
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert "configuration_error 3 1 100.0% 33.3%" in lines
    assert "2 configuration_error 1 1 1" in lines
    assert "33.3% decided by a default without knowledge: nothing_decisive 1" in lines
    assert "3 samples: category 33.3%, action 100.0%, macro-F1 0.500, dangerous 0" in lines


def test_the_document_of_a_corpus_has_all_of_it(tmp_path: Path) -> None:
    found = json.loads(corpus(tmp_path, MISSING_SETTING, ["all is well"], words=("--json",)).stdout)
    assert (found["cases"], found["category_right"], found["dangerous"]) == (2, 0.5, 0)
    assert found["defaults"] == {"cases": 1, "share": 0.5, "rules": {"nothing_decisive": 1}}
    assert found["confusion"]["configuration_error"] == {"configuration_error": 1, "unknown": 1}
    assert [each["id"] for each in found["misses"]] == ["case-2"]
    assert {each["category"]: each["precision"] for each in found["categories"]}["configuration_error"] == 1.0


def test_a_label_that_is_no_word_is_refused_with_its_line(tmp_path: Path) -> None:
    row = {"id": "x", "event": event(), "log": [], "expect": {"category": "bug", "action": "alert"}}
    (tmp_path / "own.jsonl").write_text(f"\n{json.dumps(row)}\n", encoding="utf-8")
    done = CliRunner().invoke(bench_app, ["corpus", str(tmp_path / "own.jsonl")])
    assert done.exit_code == 2
    assert "own.jsonl, line 2: expect.category is 'bug'; set it to one of success, " in done.output


def test_json_has_the_documented_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instructions are counted in a minute, so not here."""
    monkeypatch.setattr(instructions, "is_possible", lambda: True)
    monkeypatch.setattr(instructions, "measured", lambda: {instructions.COLD: 3000.0})
    done = CliRunner().invoke(bench_app, ["--json"])
    assert set(json.loads(done.stdout)) == {
        "diagnoses_per_second",
        "mb_per_second",
        "ratio_to_re",
        "ratio_to_scan",
        "ratio_to_scan_of_2000",
        "start_ms",
        "rules",
        "growth_per_doubling",
        "million_instructions",
    }
