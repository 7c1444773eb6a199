"""`make deploy` in the emulated account, by a person who presses nothing but Enter."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.account import LocalAccount
from local.aws import CLUSTER, search_path
from tests import ROOT

pytestmark = pytest.mark.emulator
LIMIT_SECONDS = 300


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAccount]:
    with LocalAccount(tmp_path_factory.mktemp("make-deploy") / "account") as made:
        made.clients.ecs.create_cluster(clusterName=CLUSTER)
        yield made


def make(account: LocalAccount, target: str, own: Path, typed: str = "\n" * 40) -> subprocess.CompletedProcess[str]:
    """Without the download of libraries: the emulator runs functions with this machine's."""
    nothing = own.parent / "no-requirements.txt"
    nothing.write_text("")
    environment = {
        **account.endpoints.environment(),
        "PATH": search_path(),
        "HOME": str(own.parent),
        "LANG": "C.UTF-8",
        "SAM_CLI_POLL_DELAY": "1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    return subprocess.run(  # noqa: S603
        ["/usr/bin/make", target, f"ACCOUNT={own}", f"SAM_BUILD=--manifest {nothing}"],
        cwd=ROOT,
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


def test_nothing_but_enter_gives_a_working_stack_without_the_examples_policies(
    account: LocalAccount, tmp_path: Path
) -> None:
    own = tmp_path / "account"
    tracked = (ROOT / "samconfig.toml").read_bytes()
    done = make(account, "deploy", own)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no one gets alerts" in done.stderr
    assert (ROOT / "samconfig.toml").read_bytes() == tracked

    (stack,) = account.clients.cloudformation.describe_stacks(StackName="cronmend")["Stacks"]
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    assert parameters["Cluster"] == CLUSTER
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    assert "SlackActionUrl" not in outputs
    built = own / ".aws-sam/build/TaskStateFunction/cronmend/jobs/jobs.json"
    assert json.loads(built.read_text())["jobs"] == {}
    answer = account.clients.functions.invoke(FunctionName=outputs["ReconcileFunctionName"], Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
