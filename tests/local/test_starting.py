"""An error during the account's start has the output of the program that failed."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ministack import app
from ministack.core import lambda_runtime
from ministack.services import lambda_svc, scheduler, sns, sqs
from ministack.services.cloudformation import changesets, handlers

from local import detached, ministack, pollers, sns_delivery, stack_descriptions, timers
from local.aws import ACCOUNT, Clients, Endpoints
from local.emulator import Emulator, EmulatorFailed
from local.lock import holder, take
from local.sam import Sam, SamFailed
from local.web import LoopbackServer, Response
from tests import ROOT

NOWHERE = Endpoints(aws="http://127.0.0.1:9", ecs="http://127.0.0.1:9")


def test_the_emulators_scheduler_still_has_what_fires_timers_without_delay() -> None:
    """Otherwise every timer would be seconds late, without an error."""
    assert isinstance(getattr(scheduler, timers.INTERVAL), int | float)
    assert {timers.INTERVAL, timers.TICK} <= set(getattr(scheduler, timers.LOOP).__code__.co_names)
    assert {timers.STORE, timers.TIME_OF} <= set(getattr(scheduler, timers.TICK).__code__.co_names)


def test_the_emulators_loop_still_calls_the_polls_that_are_replaced() -> None:
    """Otherwise one thread would poll for all functions, and one that waits would hold up the others."""
    assert pollers.POLLERS.keys() <= set(getattr(lambda_svc, pollers.LOOP).__code__.co_names)
    assert pollers.EXECUTE in getattr(lambda_svc, pollers.QUEUES).__code__.co_names
    assert "_receive_messages_for_esm" in getattr(lambda_svc, pollers.QUEUES).__code__.co_names
    assert [name for name in (pollers.LOCK, pollers.QUEUE_OF, pollers.QUEUES_BY_URL) if not hasattr(sqs, name)] == []
    assert hasattr(getattr(sqs, pollers.QUEUES_BY_URL), pollers.ALL)


def test_the_emulators_sns_still_has_what_delivers_emails() -> None:
    """Otherwise no email and no text message would arrive, without an error."""
    assert [name for name in sns_delivery.USED if not hasattr(sns, name)] == []
    publish = inspect.signature(getattr(sns, sns_delivery.FANOUT)).parameters
    assert {"topic_arn", "message", "subject", "message_structure", "message_attributes"} <= publish.keys()


def test_the_emulator_still_describes_stacks_in_the_form_that_is_completed() -> None:
    """Otherwise `sam delete` would fail."""
    assert stack_descriptions.XML in handlers._describe_stacks.__code__.co_names
    (status, root, inner) = list(inspect.signature(getattr(handlers, stack_descriptions.XML)).parameters)[:3]
    assert (status, root, inner) == ("status", "root_tag", "inner")
    assert stack_descriptions.XML in handlers._get_template.__code__.co_names
    assert stack_descriptions.XML in changesets._delete_change_set.__code__.co_names
    assert stack_descriptions.BEFORE in inspect.getsource(handlers._describe_stacks)


def test_the_emulator_still_keeps_its_functions_processes() -> None:
    """Otherwise no function would be killed, without an error."""
    assert isinstance(getattr(lambda_runtime, ministack.WORKERS), dict)
    assert getattr(lambda_runtime.Worker("f", {}, b""), ministack.PROCESS) is None


def test_the_emulators_server_still_uses_the_handler_that_is_set() -> None:
    """Otherwise nothing could be throttled."""
    assert "app" in app.main.__code__.co_names


INTERRUPTED = """
import sys, threading
from pathlib import Path
from local.aws import Endpoints
from local.sam import Sam

start = threading.Timer.start

def interrupted(timer):
    start(timer)
    sys.exit(0)

threading.Timer.start = interrupted
nowhere = Endpoints(aws="http://127.0.0.1:9", ecs="http://127.0.0.1:9")
Sam(nowhere, Path("template.yaml").resolve(), Path(sys.argv[1])).build()
"""


def test_sam_interrupted_as_its_limit_starts_ends_at_once(tmp_path: Path) -> None:
    """Otherwise the process waits for the limit's timer: SIGTERM would take effect five minutes later."""
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, str(tmp_path)], cwd=ROOT, timeout=60, check=False)  # noqa: S603 - written above
    assert done.returncode == 0


def test_an_emulator_that_ends_says_why(tmp_path: Path) -> None:
    with LoopbackServer(lambda _: Response(404)) as other:
        emulator = Emulator(Endpoints(aws=other.url, ecs=other.url), tmp_path)
        with pytest.raises(EmulatorFailed, match=r"already in use[\s\S]*full log: .*emulator\.log"):
            emulator.start()


def test_sam_that_fails_says_why(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {Function: {Type: AWS::Serverless::Function, Properties: {CodeUri: nowhere}}}\n")
    seen: list[str] = []
    with pytest.raises(SamFailed, match=r"`sam build` exited with \d+:\n[\s\S]*Error"):
        Sam(NOWHERE, template, tmp_path / "work", seen.append).build()
    assert seen


def test_the_users_own_account_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUSERSOWN")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://elsewhere.example.org")
    client = Clients(NOWHERE).of("sts")
    assert client.meta.endpoint_url == NOWHERE.aws
    assert client._request_signer._credentials.access_key == ACCOUNT


def test_ports_differ() -> None:
    endpoints = Endpoints.on_free_ports()
    assert endpoints.aws != endpoints.ecs


def test_a_lock_names_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lock"
    assert holder(path) is None
    take(path)
    with pytest.raises(BlockingIOError):
        take(path)
    assert holder(path)


def test_an_account_that_holds_the_lock_without_an_address_is_starting(tmp_path: Path) -> None:
    assert not detached.is_starting(tmp_path)
    lock = take(tmp_path / detached.LOCK)
    try:
        assert detached.is_starting(tmp_path)
    finally:
        os.close(lock)
    assert not detached.is_starting(tmp_path)
