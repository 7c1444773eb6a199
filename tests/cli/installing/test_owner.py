"""A stack of Terraform or the CDK: only that tool changes it."""

import pytest

from tests.cli.installing.conftest import Command
from tests.cli.installing.fake_account import FakeCloudFormation, change

DEPLOYED = {"Cluster": "app", "Architecture": "arm64", "PolicySource": "published", "ArtifactBucket": "ours"}


def stack(owner: str) -> FakeCloudFormation:
    return FakeCloudFormation(
        "UPDATE_COMPLETE", DEPLOYED | {"ManagedBy": owner}, {"Version": "0.0.9"}, [change("Modify", "Rule", "False")]
    )


@pytest.mark.parametrize(("owner", "tool"), [("terraform", "Terraform"), ("cdk", "the CDK")])
@pytest.mark.parametrize("name", ["upgrade", "remove"])
def test_a_command_that_the_tool_would_undo_is_refused(name: str, owner: str, tool: str, command: Command) -> None:
    fake = stack(owner)
    done = command(fake, name, "--yes")
    assert (done.exit_code, fake.asked, fake.done) == (1, {}, [])
    assert f"is managed by {tool}, which would undo this." in " ".join(done.output.split())


def test_what_a_release_would_change_is_shown_all_the_same(command: Command) -> None:
    fake = stack("terraform")
    done = command(fake, "upgrade", "--dry-run")
    assert (done.exit_code, fake.done) == (0, ["dropped"])
    assert "Rule" in done.stdout
