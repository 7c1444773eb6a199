"""`cronmend jobs deploy`: the schedules of jobs.toml with the stack of a release, and nothing else of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from typer.testing import Result

from cli.installing.owner import OTHERS
from cli.installing.schedules import placed
from cli.jobs import stacks
from cli.jobs.aws import LiveSchedules
from cli.jobs.differences import api_schedule
from cli.jobs.job import jobs_of
from cli.toml_files.source import load
from tests.cli.installing.conftest import Command
from tests.cli.installing.fake_account import FakeCloudFormation, FakeS3, change, end, resource
from tests.cli.jobs.samples import SMALLEST
from tests.cli.jobs.test_round_trip import Loader

DEPLOYED = {
    "Cluster": "app-prod",
    "ArtifactBucket": "ours",
    "FunctionsKey": "cronmend/0.1.0-0123456789abcdef/functions-arm64.zip",
    "DeploySchedules": "false",
    "SchedulesUrl": "",
}
NESTED, MORE = "arn:aws:cloudformation:…:stack/cronmend-Schedules-1/1", "arn:aws:cloudformation:…:stack/MoreJobs2-1/1"
SCHEDULE, STACK = "AWS::Scheduler::Schedule", "AWS::CloudFormation::Stack"


def stack(**changed: str) -> FakeCloudFormation:
    return FakeCloudFormation(
        "UPDATE_COMPLETE",
        DEPLOYED | changed,
        changes=[change("Modify", "TaskStateRole", "False"), change("Add", "Schedules")],
        then=[[end("UPDATE_COMPLETE")]],
    )


@dataclass
class Account:
    command: Command
    s3: FakeS3
    file: Path

    def deploy(self, cloudformation: FakeCloudFormation, *options: str, typed: str = "") -> Result:
        return self.command(cloudformation, "jobs", "deploy", str(self.file), *options, typed=typed)

    def write(self, names: Sequence[str]) -> None:
        job = SMALLEST[SMALLEST.index("[jobs.") :]
        head = SMALLEST.removesuffix(job)
        self.file.write_text(head + "".join(job.replace("publish-scheduled]", f"{name}]") for name in names))

    @property
    def templates(self) -> Mapping[str, Mapping[str, Any]]:
        """The uploaded templates by their addresses."""
        return {
            f"{self.s3.meta.endpoint_url}/ours/{key}": yaml.load(body, Loader)  # noqa: S506 # derived from SafeLoader
            for key, body in self.s3.objects.items()
        }


@pytest.fixture
def account(command: Command, s3: FakeS3, aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account whose schedules are moto's."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    s3.bucket = 200
    found = Account(command, s3, tmp_path / "jobs.toml")
    found.write(["publish-scheduled"])
    return found


def parameters(fake: FakeCloudFormation) -> dict[str, Any]:
    return {
        each["ParameterKey"]: each.get("ParameterValue", each.get("UsePreviousValue"))
        for each in fake.asked["Parameters"]
    }


def said(result: Result) -> str:
    return " ".join(result.output.split())


def test_it_shows_what_differs_and_what_changes_asks_and_deploys(account: Account) -> None:
    fake = stack()
    done = account.deploy(fake, typed="y\n")
    assert done.exit_code == 0, done.output
    assert "cronmend-jobs/publish-scheduled: is not in the account" in said(done)
    assert "The stack 'cronmend': 2 changes. Deploy this? [y/N]" in said(done)
    assert "Deployed the schedules of 1 job. Next: cronmend jobs publish" in said(done)
    ((url, template),) = account.templates.items()
    assert template["Resources"]["PublishScheduledSchedule"]["Properties"]["Name"] == "publish-scheduled"
    assert parameters(fake) == {
        "Cluster": True,
        "ArtifactBucket": True,
        "FunctionsKey": True,
        "DeploySchedules": "true",
        "SchedulesUrl": url,
    }
    assert fake.asked["UsePreviousTemplate"] is True
    assert (fake.asked["ChangeSetType"], fake.done) == ("UPDATE", ["executed"])


@pytest.mark.parametrize(("options", "typed", "code"), [(["--dry-run"], "", 0), ([], "n\n", 1), ([], "", 1)])
def test_without_a_yes_nothing_changes(options: list[str], typed: str, code: int, account: Account) -> None:
    fake = stack()
    assert account.deploy(fake, *options, typed=typed).exit_code == code
    assert fake.done == ["dropped"]


def test_the_same_file_again_is_up_to_date(account: Account) -> None:
    assert account.deploy(stack(), "--yes").exit_code == 0
    (url,) = account.templates
    fake = stack(DeploySchedules="true", SchedulesUrl=url)
    done = account.deploy(fake, "--yes")
    assert (done.exit_code, fake.asked) == (0, {})
    assert "The stack 'cronmend' has the schedules of the file. The differences were made by hand" in said(done)


def test_schedules_that_were_turned_off_are_deployed_again(account: Account) -> None:
    assert account.deploy(stack(), "--yes").exit_code == 0
    (url,) = account.templates
    fake = stack(DeploySchedules="false", SchedulesUrl=url)
    assert account.deploy(fake, "--yes").exit_code == 0
    assert parameters(fake)["DeploySchedules"] == "true"


def test_a_schedule_that_is_as_the_file_has_it_is_no_difference(account: Account) -> None:
    home = LiveSchedules().home()
    (job,) = jobs_of(load(account.file).tables)
    scheduler = boto3.client("scheduler")
    scheduler.create_schedule_group(Name=job.group)
    live: Any = api_schedule(
        job, home, f"arn:aws:iam::{home.account}:role/r", f"arn:aws:sqs:eu-west-2:{home.account}:q"
    )
    del live["Arn"]
    scheduler.create_schedule(**live)
    scheduler.create_schedule(**live | {"Name": "of-no-stack"})
    fake = stack(DeploySchedules="true")
    fake.resources = {
        "cronmend": [resource("Schedules", STACK, NESTED)],
        NESTED: [resource("PublishScheduledSchedule", SCHEDULE, job.name)],
    }
    assert "cronmend-jobs/" not in account.deploy(fake, "--dry-run").stdout
    scheduler.update_schedule(**live | {"ScheduleExpression": "rate(1 day)"})
    shown = said(account.deploy(fake, "--dry-run"))
    assert "publish-scheduled: ScheduleExpression: 'cron(0 * * * ? *)' in the file, 'rate(1 day)'" in shown


def test_a_job_stays_in_the_nested_stack_that_has_it(account: Account) -> None:
    """Although the first has room: what is deployed decides, as no file of a clone does."""
    account.write(["new", "report"])
    fake = stack(DeploySchedules="true", SchedulesUrl="https://…/old.yaml")
    fake.resources = {
        "cronmend": [resource("Schedules", STACK, NESTED), resource("Ledger", "AWS::DynamoDB::Table", "l")],
        NESTED: [resource("MoreJobs2", STACK, MORE), resource("GoneSchedule", SCHEDULE, "gone")],
        MORE: [resource("ReportSchedule", SCHEDULE, "report"), resource("ReportRole", "AWS::IAM::Role", "r")],
    }
    assert placed(fake, "cronmend") == {"gone": 1, "report": 2}
    assert account.deploy(fake, "--yes").exit_code == 0
    first = account.templates[parameters(fake)["SchedulesUrl"]]["Resources"]
    assert ("NewSchedule" in first, "ReportSchedule" in first) == (True, False)
    assert "ReportSchedule" in account.templates[first["MoreJobs2"]["Properties"]["TemplateURL"]]["Resources"]


def test_a_deleted_nested_stack_has_no_job(account: Account) -> None:
    fake = stack()
    fake.resources = {"cronmend": [resource("Schedules", STACK, NESTED, "DELETE_COMPLETE")]}
    assert placed(fake, "cronmend") == {}


def test_a_stack_in_the_middle_of_an_update_has_resources_without_an_id(account: Account) -> None:
    fake = stack(DeploySchedules="true")
    made = {"LogicalResourceId": "MoreJobs2", "ResourceType": STACK, "ResourceStatus": "CREATE_IN_PROGRESS"}
    fake.resources = {
        "cronmend": [resource("Schedules", STACK, NESTED)],
        NESTED: [made, resource("ReportSchedule", SCHEDULE, "report")],
    }
    assert placed(fake, "cronmend") == {"report": 1}
    fake.resources["cronmend"] = [{**made, "LogicalResourceId": "Schedules"}]
    assert placed(fake, "cronmend") == {}


def test_a_change_set_without_changes_is_up_to_date(account: Account) -> None:
    fake = stack()
    fake.reason = "The submitted information didn't contain changes."
    done = account.deploy(fake, "--yes")
    assert (done.exit_code, fake.done) == (0, ["dropped"]), done.output
    assert "has the schedules of the file." in said(done)


def test_a_change_set_that_fails_says_why(account: Account) -> None:
    fake = stack()
    fake.reason = "Template format error: no such parameter"
    done = account.deploy(fake, "--yes")
    assert (done.exit_code, fake.done) == (1, ["dropped"])
    assert "no such parameter" in said(done)


def test_a_change_that_cloudformation_can_not_foresee_is_shown_first(account: Account) -> None:
    fake = stack()
    fake.changes = [change("Add", "Schedules"), change("Dynamic", "Topic")]
    shown = account.deploy(fake, "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.index("Dynamic") < shown.stdout.index("Add")


def test_more_jobs_than_a_template_takes_are_nested_by_the_address_of_their_own(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacks, "MOST_JOBS", 1)
    account.write(["one", "two"])
    fake = stack()
    assert account.deploy(fake, "--yes").exit_code == 0
    url = parameters(fake)["SchedulesUrl"]
    nested = account.templates[url]["Resources"]["MoreJobs2"]["Properties"]["TemplateURL"]
    assert account.templates.keys() == {url, nested}


def test_another_bucket_can_be_given(account: Account) -> None:
    fake = stack()
    assert account.deploy(fake, "--yes", "--bucket", "mine").exit_code == 0
    assert "/mine/cronmend/schedules/" in parameters(fake)["SchedulesUrl"]


@pytest.mark.parametrize(
    ("gone", "remedy"),
    [("ArtifactBucket", "from a clone. Use `make deploy` there"), ("SchedulesUrl", "Run `cronmend upgrade` first")],
)
def test_a_stack_that_can_not_get_schedules_says_what_to_do(gone: str, remedy: str, account: Account) -> None:
    fake = stack()
    del fake.parameters[gone]
    done = account.deploy(fake, "--yes")
    assert (done.exit_code, fake.asked) == (1, {})
    assert remedy in said(done)


@pytest.mark.parametrize("owner", OTHERS)
def test_a_stack_of_terraform_or_the_cdk_keeps_its_schedules_there(owner: str, account: Account) -> None:
    fake = stack(ManagedBy=owner)
    done = account.deploy(fake, "--yes")
    assert (done.exit_code, fake.asked) == (1, {})
    assert f"is managed by {OTHERS[owner]}, which would undo this. Change it there." in said(done)


def test_a_file_with_a_mistake_deploys_nothing(account: Account) -> None:
    account.file.write_text(SMALLEST.replace("rate", "rat").replace("cron(0", "cron(0 0"), encoding="utf-8")
    fake = stack()
    assert account.deploy(fake, "--yes").exit_code == 1
    assert (fake.asked, account.s3.objects) == ({}, {})
