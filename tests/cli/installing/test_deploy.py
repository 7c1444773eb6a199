"""`cronmend deploy`: two questions, and what CloudFormation gets."""

from copy import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from cli.installing import release
from tests.cli.installing.conftest import FOUND, Command
from tests.cli.installing.fake_account import FakeCloudFormation, FakeS3, end, event

SECRET = "arn:aws:secretsmanager:eu-west-2:111122223333:secret:slack-a1b2c3"


def good() -> FakeCloudFormation:
    return FakeCloudFormation(then=[[event("RerunQueue", "CREATE_COMPLETE"), end("CREATE_COMPLETE")]])


def parameters(fake: FakeCloudFormation) -> dict[str, Any]:
    found = {each["ParameterKey"]: each["ParameterValue"] for each in fake.asked["Parameters"]}
    del found["FunctionsKey"]
    return found


def said(result: Result) -> str:
    return " ".join(result.output.split())


def test_it_asks_for_two_things_and_for_a_yes(command: Command, s3: FakeS3) -> None:
    fake = good()
    done = command(fake, "deploy", typed="\noncall@example.org\ny\n")
    assert done.exit_code == 0, done.output
    assert parameters(fake) == {
        "PolicySource": "published",
        "Cluster": "app-prod",
        "AlertEmail": "oncall@example.org",
        "ArtifactBucket": "cronmend-111122223333-eu-west-2",
    }
    assert fake.done == ["executed"]
    assert fake.asked["ChangeSetType"] == "CREATE"
    assert "Deployed Cronmend 0.1.0 as stack 'cronmend'." in said(done)
    assert "no one gets alerts" not in said(done)


def test_the_release_is_uploaded_for_the_architecture_and_the_template_is_read_from_there(
    command: Command, s3: FakeS3
) -> None:
    fake = good()
    options = ("--cluster", "app", "--alerts", "", "--parameter", "Architecture=x86_64", "--yes")
    assert command(fake, "deploy", *options).exit_code == 0
    assert s3.made["CreateBucketConfiguration"] == {"LocationConstraint": "eu-west-2"}
    (prefix,) = {key.rsplit("/", 1)[0] for key in s3.objects}
    assert {key.rsplit("/", 1)[1] for key in s3.objects} == {"functions-x86_64.zip", "template.yaml"}
    assert fake.asked["TemplateURL"].endswith(f"/cronmend-111122223333-eu-west-2/{prefix}/template.yaml")
    assert prefix.startswith("cronmend/0.1.0-")
    sent = {each["ParameterKey"]: each["ParameterValue"] for each in fake.asked["Parameters"]}
    assert sent["FunctionsKey"] in s3.objects


def test_a_secret_for_slack_is_an_answer_too(command: Command) -> None:
    fake = good()
    assert command(fake, "deploy", "--cluster", "app", "--alerts", SECRET, "--yes").exit_code == 0
    assert parameters(fake)["SlackSecretArn"] == SECRET
    assert "AlertEmail" not in parameters(fake)


def test_tags_are_those_of_the_stack(command: Command) -> None:
    fake = good()
    command(fake, "deploy", "--tag", "team=web", "--tag", "url=a=b", "--yes")
    assert fake.asked["Tags"] == [{"Key": "team", "Value": "web"}, {"Key": "url", "Value": "a=b"}]


def test_scripts_are_asked_nothing(command: Command) -> None:
    fake = good()
    done = command(fake, "deploy", "--yes")
    assert done.exit_code == 0, done.output
    assert parameters(fake)["Cluster"] == "app-prod"
    assert "Warning: no one gets alerts." in said(done)


def test_a_no_changes_nothing(command: Command, s3: FakeS3) -> None:
    fake = good()
    done = command(fake, "deploy", "--cluster", "app", "--alerts", "", typed="n\n")
    assert (done.exit_code, fake.done, fake.asked, s3.objects, s3.made) == (1, [], {}, {}, {})
    assert "Nothing was changed." in said(done)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--cluster", "a b"), "'a b' is not a value for Cluster."),
        (("--cluster", "a", "--alerts", "nobody"), "'nobody' is not a value for AlertEmail."),
        (("--parameter", "Mod=heal"), "The stack has no parameter 'Mod'."),
        (("--parameter", "Mode=haeal"), "'haeal' is not a value for Mode."),
        (("--parameter", "DeploySchedules=true"), "Deploy them with `cronmend jobs deploy`"),
        (("--stack-name", "1x"), "'1x' is not a stack name"),
    ],
)
def test_what_cloudformation_would_refuse_is_refused_before_anything_is_made(
    options: tuple[str, ...], problem: str, command: Command, s3: FakeS3
) -> None:
    fake = good()
    done = command(fake, "deploy", *options, "--yes")
    assert (done.exit_code, fake.asked, s3.made) == (1, {}, {})
    assert problem in said(done)


def test_a_cluster_that_another_stack_watches_or_no_one_has_is_named_before_the_question(command: Command) -> None:
    found = replace(FOUND, taken={"app-prod": "other"})
    done = command(good(), "deploy", "--cluster", "app-prod,app-old", "--alerts", "", typed="n\n", found=found)
    assert "Warning: the stack 'other' also watches app-prod. Both would re-run a failed job." in said(done)
    assert "Warning: eu-west-2 has no cluster 'app-old'" in said(done)


def test_no_cluster_to_offer_is_an_error_for_a_script(command: Command) -> None:
    done = command(good(), "deploy", "--yes", found=replace(FOUND, clusters=()))
    assert done.exit_code == 1
    assert "is not a value for Cluster" in said(done)


def test_an_account_with_few_concurrent_executions_reserves_none(command: Command) -> None:
    fake = good()
    command(fake, "deploy", "--yes", found=replace(FOUND, unreserved=10))
    assert parameters(fake)["ReserveConcurrency"] == "false"


@pytest.mark.parametrize(
    ("status", "advice"), [("CREATE_COMPLETE", "cronmend upgrade"), ("ROLLBACK_COMPLETE", "cronmend remove")]
)
def test_a_stack_that_exists_is_left_alone(status: str, advice: str, command: Command) -> None:
    fake = FakeCloudFormation(status)
    done = command(fake, "deploy", "--yes", found=replace(FOUND, stack={}))
    assert (done.exit_code, fake.asked) == (1, {})
    assert advice in said(done)


def test_a_stack_that_never_began_is_begun(command: Command) -> None:
    fake = FakeCloudFormation("REVIEW_IN_PROGRESS", then=[[end("CREATE_COMPLETE")]])
    assert command(fake, "deploy", "--yes", found=replace(FOUND, stack={})).exit_code == 0


def test_an_account_that_can_not_be_read_is_not_deployed_to(command: Command) -> None:
    done = command(good(), "deploy", "--yes", found=replace(FOUND, problem="Unable to locate credentials"))
    assert done.exit_code == 1
    assert "Unable to locate credentials" in said(done)


def test_a_bucket_of_another_account_is_refused(command: Command, s3: FakeS3) -> None:
    s3.bucket = 403
    done = command(good(), "deploy", "--yes")
    assert (done.exit_code, s3.objects) == (1, {})
    assert "belongs to another account" in said(done)


def test_a_bucket_of_yours_is_used_and_what_it_has_is_not_uploaded_again(command: Command, s3: FakeS3) -> None:
    s3.bucket = 200
    fake = good()
    assert command(fake, "deploy", "--yes", "--bucket", "ours").exit_code == 0
    assert command(good(), "deploy", "--yes", "--bucket", "ours").exit_code == 0
    assert (s3.made, parameters(fake)["ArtifactBucket"]) == ({}, "ours")


def test_a_package_without_functions_says_what_to_do(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "PLACE", tmp_path / "none")
    done = command(good(), "deploy", "--yes")
    assert done.exit_code == 1
    assert "Install a release's wheel; in a clone, use `make deploy`." in said(done)
