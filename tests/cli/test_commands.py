import subprocess
import sys

import boto3
import pytest
import typer
from typer.testing import CliRunner

from cli.commands import LazyGroup
from cli.main import Commands, app

runner = CliRunner()
HEAVY = ("boto3", "botocore", "slack_sdk", "simulation", "local")


@pytest.mark.parametrize("name", Commands.places)
def test_the_list_shows_the_help_that_the_command_has(name: str) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, LazyGroup)
    listed = group.get_command(None, name)
    assert listed.help
    assert listed.help.split() == group.loaded(name).help.split()


def test_the_list_of_commands_imports_no_client() -> None:
    show = "try:\n cli.main.app(['--help'])\nfinally:\n print([name for name in sys.argv[1:] if name in sys.modules])"
    program = [sys.executable, "-c", f"import sys, cli.main\n{show}", *HEAVY]
    done = subprocess.run(program, capture_output=True, text=True, check=True)  # noqa: S603 # this interpreter
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_that_of_the_package() -> None:
    assert runner.invoke(app, ["--version"]).output == "cronmend 0.1.0\n"


def test_a_command_that_does_not_exist_is_an_error_with_a_near_name() -> None:
    answer = runner.invoke(app, ["incident"])
    assert answer.exit_code == 2
    assert "No such command 'incident'. Did you mean 'incidents'" in answer.output


def test_aws_region_counts_as_in_aws_own_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    runner.invoke(app, ["rules", "list"])
    assert boto3.Session().region_name == "ap-south-1"
