import subprocess
import sys

import boto3
import pytest
import typer
from typer.testing import CliRunner

from cli.alerts.app import AlertCommands
from cli.commands import LazyGroup
from cli.jobs.app import JobsCommands
from cli.main import Commands, app

runner = CliRunner()
HEAVY = {"boto3", "botocore.client", "slack_sdk", "simulation", "local.aws"}


GROUPS = {"": Commands, "jobs": JobsCommands, "alert": AlertCommands}
LISTED = [(group, name) for group, commands in GROUPS.items() for name in commands.places]


@pytest.mark.parametrize(("of", "name"), LISTED)
def test_the_list_shows_the_help_that_the_command_has(of: str, name: str) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, LazyGroup)
    group = group.loaded(of) if of else group
    listed = group.get_command(None, name)
    assert listed.help
    assert listed.help.split() == group.loaded(name).help.split()


@pytest.mark.parametrize("group", [[], ["jobs"], ["alert"]])
def test_a_list_of_commands_imports_no_client_and_few_modules(group: list[str]) -> None:
    """Imports are what a list costs; their number doesn't depend on how fast the machine is."""
    loaded = _loaded(f"import cli.main\ntry:\n cli.main.app({[*group, '--help']})\nexcept SystemExit:\n pass")
    assert not HEAVY & loaded
    assert len(loaded) < 430


def test_a_command_that_calls_nothing_imports_no_client() -> None:
    offline = ("jobs.file_commands", "alerts.route_commands", "diagnosis.rules", "diagnosis.classify")
    assert not HEAVY & _loaded("\n".join(f"import cli.{name}" for name in offline))


def _loaded(program: str) -> set[str]:
    """The modules that a program imports in an interpreter of its own."""
    command = [sys.executable, "-c", f"import sys\n{program}\nprint(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 # this interpreter
    return set(done.stdout.splitlines()[-1].split())


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


@pytest.mark.parametrize("words", [("incidents",), ("jobs", "import", "--watch"), ("what-if",)], ids=" ".join)
def test_every_command_says_how_to_set_a_region(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    answer = runner.invoke(app, list(words))
    assert (answer.exit_code, "No Region is set. Use --region." in answer.stderr) == (1, True), answer.output
