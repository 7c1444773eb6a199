"""Every command on a file takes it as an argument and as an option, and rejects both at once."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from tests.cli.diagnosis.test_rules import ROW
from tests.cli.jobs.samples import SMALLEST

COMMANDS = [
    ("jobs", "check"),
    ("jobs", "build", "--check"),
    ("jobs", "next"),
    ("jobs", "next", "publish-scheduled"),
    ("jobs", "export", "--terraform"),
    ("alert", "check"),
    ("alert", "build", "--check"),
    ("alert", "routes"),
    ("alert", "routes", "publish-scheduled"),
    ("rules", "check"),
    ("rules", "list"),
    ("rules", "try", "--log", "log.txt"),
]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {
        "jobs.live.toml": SMALLEST,
        "alerts.live.toml": "[routes.default]\nchannels = ['slack']\n",
        "jobs.toml": SMALLEST,
        "rules.live.toml": ROW,
        "log.txt": "ERP is closed for the night\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "300"})


def file_of(command: tuple[str, ...]) -> str:
    return {"jobs": "jobs", "alert": "alerts", "rules": "rules"}[command[0]] + ".live.toml"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_argument_and_the_option_are_the_same(command: tuple[str, ...]) -> None:
    argument, option = run(*command, file_of(command)), run(*command, "--file", file_of(command))
    assert (argument.exit_code, argument.output) == (option.exit_code, option.output)
    assert argument.exit_code == (1 if "--check" in command else 0), argument.output


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_file_that_is_given_twice_is_an_error(command: tuple[str, ...]) -> None:
    result = run(*command, file_of(command), "--file", "other.toml")
    assert result.exit_code == 2
    assert "given twice" in result.output
    assert file_of(command) in result.output
    assert "other.toml" in result.output


@pytest.mark.parametrize("command", [("jobs", "run"), ("jobs", "pause"), ("jobs", "resume"), ("jobs", "diff")])
def test_so_do_the_commands_that_need_aws(command: tuple[str, ...]) -> None:
    job = ("publish-scheduled",) if command != ("jobs", "diff") else ()
    result = run(*command, *job, "jobs.live.toml", "--file", "other.toml")
    assert (result.exit_code, "given twice" in result.output) == (2, True)


def test_two_files_among_the_jobs_are_an_error() -> None:
    result = run("jobs", "next", "jobs.toml", "jobs.live.toml")
    assert (result.exit_code, "More than one file is given" in result.output) == (2, True)


def test_a_wrong_date_and_time_is_quoted_with_the_right_form() -> None:
    result = run("jobs", "next", "--after", "noon")
    assert result.exit_code == 1
    assert (
        result.output
        == "--after: 'noon' is not a date or duration. Use a date such as 2026-12-01T08:00Z or a duration such as 8h.\n"
    )
