"""Which account the jobs commands call, and how its errors read."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.jobs.app import jobs_app
from tests import ROOT

RUN = CliRunner()


@pytest.mark.parametrize(
    "command",
    [["diff"], ["check", "--live"], ["run", "a"], ["pause", "a", "--until", "8h"], ["resume", "a"], ["import"]],
)
def test_a_command_on_the_account_uses_the_profile_that_is_named(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = RUN.invoke(jobs_app, [*command, "--profile", "nobody"])
    remedy = "Sign in with `aws configure` or `aws sso login`, or use --profile."
    assert (result.exit_code, result.stderr) == (1, f"The config profile (nobody) could not be found. {remedy}\n")


def test_a_file_is_imported_whatever_the_profile_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    crontab = tmp_path / "crontab"
    crontab.write_text("0 * * * * python manage.py publish_scheduled\n", encoding="utf-8")
    assert RUN.invoke(jobs_app, ["import", str(crontab)]).exit_code == 0


def test_an_error_of_aws_reads_as_one_sentence() -> None:
    """What a call is for completes "couldn't …"."""
    calls = [
        re.findall(r'our_errors\(f?"(\w+\W?\w*)', each.read_text(encoding="utf-8")) for each in ROOT.glob("cli/**/*.py")
    ]
    verbs = [words for found in calls for words in found]
    assert len(verbs) > 10
    assert not [words for words in verbs if words.startswith(("can", "couldn"))]
