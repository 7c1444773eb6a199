"""Every sample event in Lambda's own kind of container, by SAM, against a local account and its past."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local import containers, past_of_samples
from local.account import LocalAccount
from local.outcomes import differences
from local.processes import GuardedProcess
from local.samples import Sample, samples
from tests import ROOT

SAM = Path(sys.executable).with_name("sam")
SECONDS = 120
INVOKED = [sample for sample in samples() if sample.function]
ONE_OF_EACH = list({sample.function: sample for sample in reversed(INVOKED) if sample.folder != "bad"}.values())

in_docker = pytest.mark.docker


def need_docker() -> None:
    """Skips the test if no Docker engine answers."""
    command = shutil.which("docker")
    if not command:
        pytest.skip("needs a Docker engine, and there is no docker command here")
    asked = [command, "info", "--format", "{{.ServerVersion}}"]
    answer = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    if answer.returncode:
        pytest.skip(f"needs a Docker engine, and none answers here: {answer.stderr.strip()}")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """A local account open to containers, and the variables that `sam` runs with."""
    need_docker()
    state = tmp_path_factory.mktemp("account")
    containers.build()
    with ExitStack() as stack:
        account = stack.enter_context(LocalAccount(state / "account"))
        secret = {"SlackSecretArn": account.slack_secret()}
        past_of_samples.deploy(account, {"Cluster": "app-prod", **secret, **account.slack_buttons()})
        settings = state / "sam-local.json"
        stack.enter_context(containers.Containers(account.endpoints, account.clients, settings))
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "SAM_CLI_TELEMETRY": "0",
            "SETTINGS": str(settings),
        }
    assert not settings.exists()


@pytest.fixture(scope="module")
def functions(environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of `sam local start-lambda`: each function keeps its container, so that an event takes no second."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(SAM), "local", "start-lambda", "--port", str(port), "--env-vars", environment["SETTINGS"]]
    with (tmp_path_factory.mktemp("sam") / "start-lambda.log").open("wb") as log:
        process = GuardedProcess(command, environment=environment, directory=ROOT, output=log, grace=30)
        try:
            wait_for(port)
            once = Config(read_timeout=SECONDS, retries={"total_max_attempts": 1})
            yield boto3.client("lambda", endpoint_url=f"http://127.0.0.1:{port}", config=once)
        finally:
            process.stop()


def wait_for(port: int) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError(f"sam local start-lambda doesn't listen on port {port} after {SECONDS} s")


def test_the_short_command_finds_what_the_local_account_writes() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    invoked = config["default"]["local_invoke"]["parameters"]
    assert ROOT / invoked["env_vars"] == containers.SETTINGS
    assert invoked["template_file"].startswith(config["containers"]["build"]["parameters"]["build_dir"])
    assert config["default"]["local_start_lambda"]["parameters"] == {**invoked, "warm_containers": "LAZY"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a second address of the loopback by itself")
def test_a_forwarder_hands_both_directions_on_to_the_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with containers.Forwarder("127.0.0.2", port), socket.create_connection(("127.0.0.2", port)) as caller:
            answering, _ = server.accept()
            with answering:
                caller.sendall(b"question")
                caller.shutdown(socket.SHUT_WR)
                assert answering.makefile("rb").read() == b"question"
                answering.sendall(b"answer")
            assert caller.makefile("rb").read() == b"answer"


def test_an_interface_that_is_not_there_has_no_address() -> None:
    assert containers.address_of("no-such-bridge") == ""


@in_docker
@pytest.mark.parametrize("sample", INVOKED, ids=lambda each: each.path)
def test_what_comes_of_a_sample_is_as_the_table_says(sample: Sample, functions: Any) -> None:
    raw = functions.invoke(FunctionName=sample.function, Payload=json.dumps(sample.event()).encode())["Payload"].read()
    answer = json.loads(raw)
    assert differences(sample, answer) == [], answer


@in_docker
@pytest.mark.parametrize("sample", ONE_OF_EACH, ids=lambda each: each.path)
def test_the_command_of_the_guide_prints_the_log_for_people_and_the_answer_last(
    sample: Sample, environment: Mapping[str, str]
) -> None:
    command = [str(SAM), "local", "invoke", sample.function, "-e", f"events/{sample.path}"]
    done = subprocess.run(  # noqa: S603 - this project's own SAM
        [*command, "--env-vars", environment["SETTINGS"]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "errorType" not in json.loads(done.stdout.strip().splitlines()[-1])
    assert '"level"' not in done.stderr + done.stdout
