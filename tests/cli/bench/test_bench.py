"""``cronmend bench``: how a score is computed. No speed is asserted."""

import json
from dataclasses import replace
from pathlib import Path

from typer.testing import CliRunner

from cli.bench.app import bench_app
from cli.bench.score import ScoredAnswer, score
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


def test_corpus_counts_a_setting_that_a_deploy_may_bring(tmp_path: Path) -> None:
    expect = {"category": "configuration_error", "action": "alert", "also": [], "contested": False}
    log = ['Error: required environment variable "API_URL" is not set']
    row = {"id": "one", "event": event(), "log": log, "deploy": "open", "job_container": "app", "expect": expect}
    (tmp_path / "cases.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    done = CliRunner().invoke(bench_app, ["corpus", str(tmp_path / "cases.jsonl")], env={"COLUMNS": "200"})
    assert "action 100.0%" in done.output
    assert "1 run once more after the deploy, which may explain them: 1 labeled alert" in done.output


def test_corpus_prints_the_score_and_the_misses(tmp_path: Path) -> None:
    expect = {"category": "timeout", "action": "alert", "also": [], "contested": False}
    row = {"id": "one", "event": event(), "log": ["KeyError: 'x'"], "job_container": "app", "expect": expect}
    (tmp_path / "cases.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    done = CliRunner().invoke(bench_app, ["corpus", str(tmp_path / "cases.jsonl")], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert "one: expected timeout/alert, got application_error/alert by bug.type" in done.output
    assert "category 0.0%, action 100.0%" in done.output


def test_json_has_the_documented_fields() -> None:
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
    }
