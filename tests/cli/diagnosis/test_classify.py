"""``cronmend classify``: samples in, answers out. A bad line doesn't stop the others."""

import json
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from cli.diagnosis.classify import classify
from tests.samples import RACE_LOG

app = typer.Typer()
app.command()(classify)


def event(code: int = 1) -> dict[str, Any]:
    arn = "arn:aws:ecs:eu-west-2:111122223333"
    return {
        "taskArn": f"{arn}:task/app/1",
        "clusterArn": f"{arn}:cluster/app",
        "taskDefinitionArn": f"{arn}:task-definition/web:7",
        "lastStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "app", "exitCode": code}],
    }


def run(*lines: str) -> tuple[int, list[dict[str, Any]]]:
    done = CliRunner().invoke(app, ["--batch", "-"], input="\n".join(lines) + "\n")
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def sample(**more: object) -> str:
    return json.dumps({"id": "a", "event": event(), "log": list(RACE_LOG), "job_container": "app", **more})


def test_answers_in_order_with_the_window_and_the_policy() -> None:
    code, answers = run(
        sample(id="1"),
        sample(id="2", deploy="open"),
        sample(id="3", deploy="open", policy="never"),
        sample(id="4", deploy="stuck"),
    )
    assert code == 0
    assert [answer["id"] for answer in answers] == ["1", "2", "3", "4"]
    assert [answer["category"] for answer in answers] == [
        "schema_mismatch",
        "deploy_race",
        "deploy_race",
        "deploy_race",
    ]
    assert [answer["action"] for answer in answers] == ["alert", "rerun", "alert", "alert"]


def test_an_answer_names_rule_line_reason_and_error() -> None:
    _, (answer,) = run(sample())
    assert answer["rule"] == "postgresql.schema"
    assert answer["line"].startswith("psycopg.errors.UndefinedColumn")
    assert "schema" in answer["reason"]
    assert answer["fatal_error"]["type"] == "django.db.utils.ProgrammingError"


def test_success_has_no_error() -> None:
    _, (answer,) = run(sample(event=event(0)))
    assert (answer["category"], answer["action"], answer["fatal_error"]) == ("success", "none", None)


def test_bad_lines_are_named_and_the_others_answered() -> None:
    code, answers = run(
        "{broken", sample(id="good"), '"text"', sample(deploy="soon"), sample(log=[1]), sample(event={}), "[" * 5_000
    )
    assert code == 1
    assert [answer.get("line") for answer in answers] == [1, answers[1]["line"], 3, 4, 5, 6, 7]
    assert answers[1]["id"] == "good"
    assert "not one of open, recent, closed" in answers[3]["error"]
    assert "log: expected a list of strings" in answers[4]["error"]
    assert "event" in answers[5]["error"]


def test_a_whole_event_and_no_log() -> None:
    raw = {"version": "0", "id": "e", "detail-type": "ECS Task State Change", "detail": event()}
    code, (answer,) = run(json.dumps({"id": "x", "event": raw}))
    assert code == 0
    assert answer["id"] == "x"


def test_own_rules_come_first(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[[rule]]\nid = "own"\nwhere = "error"\npattern = "UndefinedColumn"\ncategory = "timeout"\nadvice = "ask us"\n'
        'source = "https://wiki"\nexamples = ["UndefinedColumn"]\n',
        encoding="utf-8",
    )
    done = CliRunner().invoke(app, ["--batch", "-", "--rules", str(own)], input=sample())
    assert json.loads(done.stdout)["rule"] == "own"


def test_a_missing_file_is_named() -> None:
    done = CliRunner().invoke(app, ["--batch", "nowhere.jsonl"])
    assert done.exit_code == 2
    assert "nowhere.jsonl" in done.output
