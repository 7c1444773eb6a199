"""`cronmend init`: what it asks, what it writes, and what it keeps."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from copy import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli.deploying import account, parameters
from cli.deploying.account import Account
from cli.deploying.options import options
from cli.main import app
from tests import ROOT

PROD = Account("eu-west-2", "111122223333", ("app-prod", "app-test"))
SECRET = "arn:aws:secretsmanager:eu-west-2:111122223333:secret:slack-a1b2c3"
ANSWERS = ("--cluster", "app-prod", "--email", "oncall@example.org", "--slack-secret", "")

type Init = Callable[..., Result]


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Init:
    def call(*options: str, found: Account = PROD, typed: str = "") -> Result:
        monkeypatch.setattr(account, "read", lambda *_: found)
        return CliRunner().invoke(app, ["init", str(tmp_path / "own"), *options], input=typed)

    return call


def settings(tmp_path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = tomllib.loads((tmp_path / "own/samconfig.toml").read_text())["default"]["global"]
    return dict(found["parameters"])


def given(tmp_path: Path) -> Mapping[str, str]:
    found: Mapping[str, str] = settings(tmp_path)["parameter_overrides"]
    return found


def said(result: Result) -> str:
    return " ".join(result.output.split())


def test_enter_takes_the_cluster_and_no_one_to_notify_and_says_so(init: Init, tmp_path: Path) -> None:
    done = init(typed="\n\n\n")
    assert done.exit_code == 0, done.output
    assert given(tmp_path) == {"Cluster": "app-prod"}
    assert "Warning: no one gets alerts." in said(done)
    assert "Account 111122223333, Region eu-west-2." in said(done)


@pytest.mark.parametrize(("unreserved", "given_value"), [(10, "false"), (146, "false"), (147, None), (None, None)])
def test_an_account_with_few_concurrent_executions_reserves_none(
    unreserved: int | None, given_value: str | None, init: Init, tmp_path: Path
) -> None:
    done = init(*ANSWERS, found=replace(PROD, unreserved=unreserved))
    assert given(tmp_path).get("ReserveConcurrency") == given_value
    assert (f"the account has {unreserved} unreserved" in said(done)) == (given_value == "false")


def test_a_stack_that_has_reserved_its_part_keeps_it(init: Init, tmp_path: Path) -> None:
    init(*ANSWERS, found=replace(PROD, unreserved=100, stack={"Cluster": "app-prod"}))
    assert "ReserveConcurrency" not in given(tmp_path)


def test_what_is_given_as_an_option_is_not_asked(init: Init, tmp_path: Path) -> None:
    done = init(*ANSWERS)
    assert done.exit_code == 0, done.output
    assert given(tmp_path) == {"Cluster": "app-prod", "AlertEmail": "oncall@example.org"}


def test_a_bad_answer_is_refused_with_what_is_accepted_and_asked_again(init: Init, tmp_path: Path) -> None:
    done = init(typed=f"app prod\napp-test\noncall\n\nhttps://hooks.slack.com/x\n{SECRET}\n")
    assert done.exit_code == 0, done.output
    assert given(tmp_path) == {"Cluster": "app-test", "SlackSecretArn": SECRET}
    assert "'app prod' is not a value for Cluster. Use cluster names such as app-prod" in said(done)
    assert "'oncall' is not a value for AlertEmail. Use one email address, or empty." in said(done)
    assert "'https://hooks.slack.com/x' is not a value for SlackSecretArn." in said(done)


def test_a_bad_option_writes_nothing(init: Init, tmp_path: Path) -> None:
    done = init("--cluster", "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod")
    assert done.exit_code == 1
    assert "is not a value for Cluster" in said(done)
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--stack-name", "bad_name!", "is not a stack name for Cronmend. Use up to 50 letters, digits and hyphens"),
        ("--stack-name", "c" * 51, "is not a stack name for Cronmend."),
        ("--region", "London", "'London' is not an AWS Region. Use its code, such as eu-west-2."),
        ("--region", "", "'' is not an AWS Region."),
    ],
)
def test_a_name_that_aws_would_refuse_writes_nothing(
    init: Init, tmp_path: Path, option: str, value: str, reason: str
) -> None:
    done = init(*ANSWERS, option, value)
    assert done.exit_code == 1
    assert reason in said(done)
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1", "eusc-de-east-1", "ap-southeast-7"])
def test_every_form_of_a_region_is_accepted(init: Init, region: str) -> None:
    assert init(*ANSWERS, "--region", region).exit_code == 0


def test_a_cluster_that_is_not_there_is_named(init: Init) -> None:
    done = init("--cluster", "app-prd", "--email", "", "--slack-secret", "")
    assert "eu-west-2 has no cluster 'app-prd' (it has app-prod, app-test)." in said(done)


def test_each_of_several_clusters_is_looked_up(init: Init, tmp_path: Path) -> None:
    done = init("--cluster", "app-prod,app-prd", "--email", "", "--slack-secret", "")
    assert "has no cluster 'app-prd'" in said(done)
    assert "has no cluster 'app-prod" not in said(done)
    assert tomllib.loads((tmp_path / "own/jobs.toml").read_text())["defaults"] == {"cluster": "app-prod"}


def test_every_parameter_is_there_with_its_default(init: Init, tmp_path: Path) -> None:
    """Whoever removes each # deploys the same stack."""
    init(*ANSWERS)
    text = (tmp_path / "own/samconfig.toml").read_text()
    uncommented = re.sub(r'^# (\w+ = ".*")$', r"\1", text.partition("parameter_overrides]")[2], flags=re.MULTILINE)
    known = parameters.by_name(parameters.read(ROOT / "template.yaml"))
    defaults = {name: each.default for name, each in known.items() if each.default is not None}
    answers = {"Cluster": "app-prod", "AlertEmail": "oncall@example.org"}
    assert tomllib.loads(uncommented) == defaults | answers
    assert not [each.problem(each.default) for each in known.values() if each.default and each.problem(each.default)]


def test_the_examples_jobs_reach_no_ones_account(init: Init, tmp_path: Path) -> None:
    init(*ANSWERS)
    build = ["jobs", "build", str(tmp_path / "own/jobs.toml"), "--root", str(tmp_path)]
    done = CliRunner().invoke(app, build)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "functions/cronmend/jobs/jobs.json").read_text() == '{\n  "version": 2,\n  "jobs": {}\n}\n'
    done = CliRunner().invoke(app, ["alert", "check", str(tmp_path / "own/alerts.toml")])
    assert done.exit_code == 0, done.output


def test_a_file_that_exists_is_kept(init: Init, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/jobs.toml").write_text("# mine\n")
    done = init(*ANSWERS)
    assert (tmp_path / "own/jobs.toml").read_text() == "# mine\n"
    assert f"kept: {tmp_path / 'own/jobs.toml'}" in said(done)
    assert f"written: {tmp_path / 'own/alerts.toml'}" in said(done)

    settings_before = (tmp_path / "own/samconfig.toml").read_bytes()
    again = init("--cluster", "app-test")
    assert again.exit_code == 1
    assert "exists. Edit it, or name another directory for a second stack." in said(again)
    assert (tmp_path / "own/samconfig.toml").read_bytes() == settings_before


def test_a_stack_that_exists_keeps_its_parameters(init: Init, tmp_path: Path) -> None:
    """As on another computer: the file is new, and the stack is not."""
    deployed = {
        "Cluster": "app-test",
        "MaxAttempts": "5",
        "LogLevel": "INFO",
        "AlertEmail": "a@example.org",
        "Gone": "1",
    }
    done = init(found=Account("eu-west-2", "1", ("app-prod",), deployed), typed="\n\n\n")
    assert given(tmp_path) == {"Cluster": "app-test", "MaxAttempts": "5", "AlertEmail": "a@example.org"}
    assert "The stack 'cronmend' exists: its parameters are kept." in said(done)
    assert "Email address that gets the alerts [a@example.org]" in said(done)
    assert "Slack's webhook or bot token (Enter for none)" in said(done)


def test_a_second_stack_gets_a_schedule_group_of_its_own_and_another_cluster(init: Init, tmp_path: Path) -> None:
    found = Account("eu-west-2", "1", ("app-prod", "app-test"), taken={"app-prod": "cronmend"})
    init("--stack-name", "cronmend-test", found=found, typed="\n\n\n")
    assert settings(tmp_path)["stack_name"] == "cronmend-test"
    assert given(tmp_path)["Cluster"] == "app-test"
    jobs = tomllib.loads((tmp_path / "own/jobs.toml").read_text())
    assert jobs == {"group": "cronmend-test-jobs", "defaults": {"cluster": "app-test"}, "jobs": {}}


def test_two_stacks_on_one_cluster_are_warned_about(init: Init) -> None:
    found = Account("eu-west-2", "1", ("app-prod",), taken={"app-prod": "cronmend"})
    done = init("--stack-name", "other", *ANSWERS, found=found)
    assert "the stack 'cronmend' also watches app-prod. Both would re-run a failed job." in said(done)


def test_without_the_account_it_still_asks(init: Init, tmp_path: Path) -> None:
    done = init(found=Account(problem="Unable to locate credentials"), typed="app-prod\n\n\nLondon\neu-west-2\n")
    assert done.exit_code == 0, done.output
    assert settings(tmp_path)["region"] == "eu-west-2"
    assert "The account can't be read: Unable to locate credentials. You can answer without it;" in said(done)
    assert "'London' is not an AWS Region." in said(done)


def test_the_reason_why_the_account_cannot_be_read_ends_once(init: Init) -> None:
    done = init(*ANSWERS, "--region", "eu-west-2", found=Account(problem="The token is expired."))
    assert "The account can't be read: The token is expired. You can answer" in said(done)


def test_what_no_template_accepts_is_refused() -> None:
    known = parameters.by_name(parameters.read(ROOT / "template.yaml"))
    for name, value in {"MaxAttempts": "0", "GroupSeconds": "five", "Mode": "on", "SlackAllowed": "U" * 1001}.items():
        assert known[name].problem(value).startswith(f"'{value}' is not a value for {name}. Use ")


def test_the_settings_name_the_stack_to_the_other_commands(init: Init, tmp_path: Path) -> None:
    init("--stack-name", "cronmend-test", "--profile", "prod", *ANSWERS)
    assert options(tmp_path / "own") == "--stack-name cronmend-test --region eu-west-2 --profile prod"
    with pytest.raises(typer.Exit):
        options(tmp_path / "other")


def test_a_directory_without_settings_is_named_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cli.deploying.options", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 1
    assert "Name the directory of the stack: ACCOUNT=…" in done.stderr
    assert "Traceback" not in done.stderr


def test_git_ignores_the_files() -> None:
    asked = ["git", "check-ignore", "account/samconfig.toml", "account/jobs.toml", "account/.aws-sam/build/x"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.stdout.split() == asked[2:]
