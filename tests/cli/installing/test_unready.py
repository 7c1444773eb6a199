"""A stack that another change holds: nothing is asked, uploaded or set before it is refused."""

import pytest

from tests.cli.installing.conftest import Command
from tests.cli.installing.fake_account import FakeCloudFormation, FakeS3

DEPLOYED = {
    "Cluster": "app",
    "Architecture": "arm64",
    "PolicySource": "published",
    "ArtifactBucket": "ours",
    "FunctionsKey": "f",
    "SchedulesUrl": "",
    "DeploySchedules": "false",
}
COMMANDS = (["upgrade"], ["upgrade", "--dry-run"], ["remove"], ["jobs", "deploy", "jobs.toml"])


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        ("UPDATE_IN_PROGRESS", "is being changed (UPDATE_IN_PROGRESS). Wait until that has ended, then try again."),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Wait until that has ended"),
        ("DELETE_IN_PROGRESS", "Wait until that has ended"),
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name cronmend"),
    ],
)
def test_a_command_that_changes_it_is_refused(
    words: list[str], status: str, remedy: str, command: Command, s3: FakeS3
) -> None:
    fake = FakeCloudFormation(status, DEPLOYED, {"Version": "0.0.9", "LedgerTable": "l"})
    done = command(fake, *words)
    assert (done.exit_code, fake.asked, fake.done, s3.objects) == (1, {}, [], {})
    assert remedy in " ".join(done.output.split())
