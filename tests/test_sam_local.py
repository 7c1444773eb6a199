"""Every sample event, through `sam local invoke` in Lambda's own kind of container, against a local account."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from local import containers
from local.account import LocalAccount
from tests import ROOT
from tests.incoming.test_samples import FUNCTION_OF, WAKING, listed, load, paths

SAM = Path(sys.executable).with_name("sam")
SECONDS = 120

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
        account.deploy({"Cluster": "app-prod"})
        settings = state / "sam-local.json"
        stack.enter_context(containers.Containers(account.endpoints, account.clients, settings))
        put_messages(account)
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "SAM_CLI_TELEMETRY": "0",
            "SETTINGS": str(settings),
        }
    assert not settings.exists()


def put_messages(account: LocalAccount) -> None:
    """Store the messages of the stream's samples in the ledger, where they would be."""
    (table,) = account.clients.dynamodb.list_tables()["TableNames"]
    for path in paths("failure_alert"):
        for record in load(path)["Records"]:
            account.clients.dynamodb.put_item(TableName=table, Item=record["dynamodb"]["NewImage"])


def invoke(function: str, path: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - this project's own SAM
        [SAM, "local", "invoke", function, "-e", f"events/{path}", "--env-vars", environment["SETTINGS"]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_the_short_command_finds_what_the_local_account_writes() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    invoked = config["default"]["local_invoke"]["parameters"]
    assert ROOT / invoked["env_vars"] == containers.SETTINGS
    assert invoked["template_file"].startswith(config["containers"]["build"]["parameters"]["build_dir"])


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
@pytest.mark.parametrize("path", WAKING)
def test_a_sample_is_handled(path: str, environment: Mapping[str, str]) -> None:
    result = answer(invoke(FUNCTION_OF[Path(path).parent.name], path, environment))
    assert isinstance(result, dict)
    assert "errorType" not in result, result


@in_docker
@pytest.mark.parametrize(
    ("path", "function"), [(path, cells[0]) for path, cells in listed() if path.startswith("bad/")]
)
def test_a_bad_sample_is_refused(path: str, function: str, environment: Mapping[str, str]) -> None:
    """Lambda counts it as an error and keeps the event; the message says what to do."""
    result = answer(invoke(function, path, environment))
    assert result["errorType"] in {"BadEvent", "BatchProcessingError"}
    assert result["errorMessage"]
