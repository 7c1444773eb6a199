"""``cronmend learn``: from a failure to a fixture and a rule to fill in, that `cronmend rules check` holds together."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.learning.failure import TAIL
from cli.main import app
from tests import ROOT

LOG = "start\nDB_PASSWORD=hunter2\nsettle: error: the ERP-4711 is closed for the night\n"
NAME = "settle-error-the-erp-is"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.log").write_text(LOG, encoding="utf-8")
    return tmp_path / "account" / "rules"


def run(*words: str, text: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words), input=text, env={"COLUMNS": "200"})
    return done.exit_code, done.output


def sample(folder: Path, name: str = NAME) -> dict[str, Any]:
    (line,) = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def row(folder: Path, name: str = NAME) -> dict[str, Any]:
    (found,) = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))["rule"]
    return dict(found)


def test_a_log_becomes_a_fixture_and_a_rule_that_are_right_once_filled_in(folder: Path) -> None:
    code, output = run("learn", "job.log", "--category", "dependency_unavailable", "--action", "rerun")
    assert code == 0, output
    assert "Cronmend's own rules say: application_error/alert by error.unknown_to_rules" in output
    assert f"3. cronmend rules check {folder.relative_to(folder.parent.parent)}" in output

    code, output = run("rules", "check", "account/rules")
    assert code == 1
    assert {line.split(": ", 2)[2] for line in output.splitlines()} == {
        f"{field} is still FILL_IN; fill it in" for field in ("pattern", "advice", "source")
    }

    rule = folder / f"{NAME}.toml"
    rule.write_text(rule.read_text().replace('pattern = "FILL_IN"', 'pattern = "erp-\\\\d+ is closed"'))
    rule.write_text(rule.read_text().replace("FILL_IN", "Wait until six."))
    assert run("rules", "check", "account/rules") == (0, "1 rule and 1 fixture in 2 files, no mistakes\n")
    code, output = run("bench", "corpus", f"account/rules/{NAME}.jsonl")
    assert f"{NAME}: expected dependency_unavailable/rerun, got application_error/alert" in output


def test_what_is_not_known_is_left_to_be_filled_in_and_check_refuses_it(folder: Path) -> None:
    assert run("learn", "job.log")[0] == 0
    assert sample(folder)["expect"] == {"category": "FILL_IN", "action": "FILL_IN", "also": [], "contested": False}
    code, output = run("rules", "check", "account/rules")
    assert code == 1
    assert "category is still FILL_IN; fill it in" in output
    assert f"{NAME}.jsonl, line 1: expect.category is 'FILL_IN'; set it to one of success, " in output


def test_no_secret_is_written(folder: Path) -> None:
    (folder.parent.parent / "job.log").write_text(LOG.replace("night", "night, token=s3cr3ts3cr3t"), encoding="utf-8")
    event = json.loads((ROOT / "events/task_stopped/out_of_memory.json").read_text(encoding="utf-8"))
    override = {"name": "web", "command": ["--token", "hunter2"], "environment": [{"name": "X", "value": "hunter2"}]}
    event["detail"]["overrides"] = {"containerOverrides": [override]}
    event["detail"]["stoppedReason"] += " (password=hunter2)"
    (folder.parent.parent / "event.json").write_text(json.dumps(event), encoding="utf-8")
    assert run("learn", "job.log", "--event", "event.json", "--container", "web", "--name", "closed")[0] == 0
    texts = [file.read_text(encoding="utf-8") for file in folder.iterdir()]
    assert len(texts) == 2
    assert not any(secret in text for text in texts for secret in ("hunter2", "s3cr3t"))
    assert "DB_PASSWORD=[hidden]" in sample(folder, "closed")["log"]


def test_nothing_is_overwritten(folder: Path) -> None:
    run("learn", "job.log")
    before = {file: file.read_bytes() for file in folder.iterdir()}
    code, output = run("learn", "job.log", "--category", "timeout")
    assert (code, output) == (
        2,
        f"'account/rules/{NAME}.jsonl' exists and is kept. Name the new files with --name.\n",
    )
    assert run("learn", "job.log", "--name", "other")[0] == 0
    assert {file: file.read_bytes() for file in before} == before


def test_the_line_that_tells_the_cause_can_be_named(folder: Path) -> None:
    log = "ledger 7 is sealed\nsettle: error: giving up\n"
    assert run("learn", "-", "--line", "is sealed", "--name", "sealed", text=log)[0] == 0
    assert (row(folder, "sealed")["where"], row(folder, "sealed")["examples"]) == ("line", ["ledger 7 is sealed"])
    assert run("learn", "-", "--line", "giving up", "--name", "given-up", text=log)[0] == 0
    assert (row(folder, "given-up")["where"], row(folder, "given-up")["id"]) == ("error", "team.given_up")


def test_a_run_without_a_log_is_learned_from_the_reason_that_ecs_gives(folder: Path) -> None:
    reason = "CannotPullContainerError: mirror 3 is sealed"
    assert run("learn", "-", "--stop-reason", reason, "--name", "mirror", text="")[0] == 0
    assert (row(folder, "mirror")["where"], row(folder, "mirror")["examples"]) == ("reason", [reason])
    assert sample(folder, "mirror")["event"]["stopCode"] == "TaskFailedToStart"


def test_only_the_tail_is_kept_unless_the_rest_matters(folder: Path) -> None:
    noise = "".join(f"page {number}\n" for number in range(200))
    run("learn", "-", "--name", "short", text=noise + LOG)
    assert len(sample(folder, "short")["log"]) == TAIL
    telling = 'Traceback (most recent call last):\n  File "/a.py", line 1, in f\nKeyError: 1\n'
    run("learn", "-", "--name", "long", text=telling + noise)
    assert len(sample(folder, "long")["log"]) > TAIL
    assert sample(folder, "long")["said"].endswith("bug.type")


def test_a_deploy_race_has_the_category_of_a_run_without_a_deploy_in_its_rule(folder: Path) -> None:
    run("learn", "job.log", "--category", "deploy_race", "--action", "rerun", "--deploy", "open")
    assert (row(folder)["category"], row(folder)["deploy_explains"]) == ("FILL_IN", True)
    assert (sample(folder)["deploy"], sample(folder)["expect"]["category"]) == ("open", "deploy_race")


def test_odd_text_in_the_telling_line_stays_valid_toml(folder: Path) -> None:
    assert run("learn", "-", "--name", "odd", text='x: error: "a\\b" \'c\' """ \x1b[31m[d] {e} $f\x7f\n')[0] == 0
    assert row(folder, "odd")["examples"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.log"], "Can't read 'none.log': No such file or directory. Name a file with the job's log, - for"),
        (["job.log", "--category", "unknown"], "--category: no rule gives unknown. Use one of schema_mismatch, "),
        (["job.log", "--line", "absent"], "--line: no line of the log has 'absent'."),
        (["job.log", "--name", "../x"], "--name: '../x' is no name for the files."),
        (["job.log", "--exit-code", "300"], "--exit-code: 300 is not an exit code."),
        (["job.log", "--event", "job.log"], "--event: can't read 'job.log': "),
        (["job.log", "--event", "e.json", "--exit-code", "1"], "--event already says how the run ended."),
        (["job.log", "--to", "job.log"], "Can't write 'job.log/"),
        (["a" * 32, "--exit-code", "1"], "The record of a task says how it ended. Leave out --exit-code"),
    ],
)
def test_bad_input_is_named_with_its_remedy_and_writes_nothing(folder: Path, words: list[str], said: str) -> None:
    code, output = run("learn", *words)
    assert code == 2, output
    assert output.startswith(said)
    assert output.rstrip().endswith(".")
    assert not folder.exists()
