"""Deploy the template to AWS emulated on this machine, and read it back with the commands."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from cli.jobs.app import jobs_app
from cli.jobs.built_files import POLICIES, TEMPLATE, built_files
from cli.toml_files.source import load
from local import schedules
from local.aws import Clients, Endpoints
from local.emulator import Emulator
from tests import ROOT
from tests.cli.jobs.samples import parsed

pytestmark = pytest.mark.emulator
FILE = ROOT / "jobs.toml"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """An account in which the example's schedules are deployed."""
    at = Endpoints.on_free_ports().aws
    endpoints = Endpoints(aws=at, ecs=at)  # the emulator's own ECS: no task runs here
    with Emulator(endpoints, tmp_path_factory.mktemp("emulator")), pytest.MonkeyPatch.context() as patch:
        for name, value in endpoints.environment().items():
            patch.setenv(name, value)
        _deploy((ROOT / TEMPLATE).read_text(encoding="utf-8"))
        schedules.repair(endpoints, Clients(endpoints))
        yield endpoints


def _deploy(template: str) -> None:
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(StackName="jobs", TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName="jobs", WaiterConfig={"Delay": 1, "MaxAttempts": 60})


@pytest.fixture(autouse=True)
def _in_account(account: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in account.environment().items():
        monkeypatch.setenv(name, value)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(jobs_app, list(arguments))


def test_a_deployment_has_no_differences_until_it_is_changed() -> None:
    assert run("diff", "--file", str(FILE)).exit_code == 0
    assert run("pause", "cronmend-jobs/send-report").exit_code == 0
    changed = run("diff", "--file", str(FILE))
    assert changed.exit_code == 2
    assert changed.stdout == ("cronmend-jobs/send-report: State: 'ENABLED' in the file, 'DISABLED' in the account\n")
    assert run("resume", "cronmend-jobs/send-report").exit_code == 0
    assert run("diff", "--file", str(FILE)).exit_code == 0


def test_the_account_imports_as_the_file_that_it_was_built_from(tmp_path: Path) -> None:
    out = tmp_path / "jobs.toml"
    options = ["--group", "cronmend-jobs", "--policies", str(ROOT / POLICIES), "--out", str(out)]
    assert run("import", *options).exit_code == 0
    assert built_files(load(out))[TEMPLATE] == built_files(load(FILE))[TEMPLATE]
    assert parsed(out.read_text())["jobs"]["publish-scheduled"]["rerun"] == "safe"


def test_a_schedule_created_by_hand_is_reported_and_not_changed() -> None:
    scheduler = boto3.client("scheduler")
    there = scheduler.get_schedule(GroupName="cronmend-jobs", Name="send-report")
    scheduler.create_schedule(
        Name="by-hand",
        GroupName="cronmend-jobs",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=there["Target"],
    )
    try:
        changed = run("diff", "--file", str(FILE))
        assert (
            "cronmend-jobs/by-hand: is in the account but not in the file; Cronmend doesn't change it" in changed.stdout
        )
        assert changed.exit_code == 2
    finally:
        scheduler.delete_schedule(GroupName="cronmend-jobs", Name="by-hand")


def test_a_start_date_that_has_passed_is_refused_as_by_aws() -> None:
    """So a command that writes one back fails here, too."""
    scheduler = boto3.client("scheduler")
    there = scheduler.get_schedule(GroupName="cronmend-jobs", Name="send-report")
    asked = schedules.update_request(there)
    for minutes, refused in ((-6, True), (6, False)):
        dated: Any = {**asked, "StartDate": datetime.now(UTC) + timedelta(minutes=minutes)}
        for call in (scheduler.update_schedule, scheduler.create_schedule):
            name = "send-report" if call == scheduler.update_schedule else f"dated-{minutes}"
            with pytest.raises(ClientError, match="cannot be earlier") if refused else nullcontext():
                call(**{**dated, "Name": name})
    scheduler.delete_schedule(GroupName="cronmend-jobs", Name="dated-6")
    scheduler.update_schedule(**asked)


def test_missing_resources_are_found_before_the_first_slot() -> None:
    result = run("check", str(FILE), "--live")
    assert result.exit_code == 1
    missing = ("webapp has no ACTIVE revision", "app-prod doesn't exist", "subnet-0d0eab1bb38d5ca64 doesn't exist")
    for problem in missing:
        assert problem in result.output
