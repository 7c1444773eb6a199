"""``cronmend local up | down | status``: an emulated account that keeps running after the command.

A lock on STATE/lock shows whether one is running. The operating system releases it in any case when its holder ends,
so a reused process number is never mistaken for the account's.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.aws import Endpoints
from local.lock import holder
from local.patience import PATIENCE
from local.root import ROOT

STATE = ROOT / ".local"
FILE = "account.json"
LOCK = "lock"
LOG = "up.log"
BARE = "--bare"
"""Given to the process of an account without Cronmend."""
DOWN_SECONDS = 45

type Progress = Callable[[str], None]


class UpFailed(RuntimeError):
    """The account didn't start; the message has the last lines of its log."""


class DownFailed(RuntimeError):
    """The account didn't stop."""


@dataclass(frozen=True, slots=True)
class Running:
    """A running account, and the variables with which it is reached."""

    pid: int
    environment: Mapping[str, str]
    slack_webhook: str
    messages: str
    """The page of messages."""
    token: str
    """Allows changes through the page's server."""
    log: Path
    bare: bool = False
    """Whether it started without Cronmend."""


def status(state: Path = STATE) -> Running | None:
    """The running account; None if there is none or it is still starting."""
    pid = holder(state / LOCK)
    try:
        description = json.loads((state / FILE).read_text())
    except FileNotFoundError:
        return None
    if pid is None:
        return None
    return Running(
        pid=pid,
        environment=description["environment"],
        slack_webhook=description["slack"]["is a webhook; use a bot token"],
        messages=description["messages"]["url"],
        token=description["messages"]["token"],
        log=state / LOG,
        bare=description["bare"],
    )


def is_starting(state: Path = STATE) -> bool:
    return status(state) is None and holder(state / LOCK) is not None


def endpoints(running: Running) -> Endpoints:
    return Endpoints(running.environment["AWS_ENDPOINT_URL"], running.environment["AWS_ENDPOINT_URL_ECS"])


def up(progress: Progress, state: Path = STATE, *, bare: bool = False) -> tuple[Running, bool]:
    """The running account, and whether this call started it.

    Args:
        bare: start it without Cronmend.

    Raises:
        UpFailed: it ended during its start, or took longer than ``PATIENCE``.
    """
    if running := status(state):
        return running, False
    if pid := holder(state / LOCK):
        raise UpFailed(
            f"Process {pid} is already starting an account. Wait for it, or stop it with `cronmend local down`."
        )
    state.mkdir(parents=True, exist_ok=True)
    (state / FILE).unlink(missing_ok=True)
    with (state / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - this project's own module
            [sys.executable, "-m", "local.daemon", str(state), *([BARE] if bare else [])],
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        running = _wait_until_up(process, state, progress)
    except BaseException:
        _stop(process)
        raise
    # The process keeps running on purpose: this keeps Popen from warning about it.
    process.returncode = 0
    return running, True


def down(state: Path = STATE) -> bool:
    """Stop the account; returns whether there was one.

    Raises:
        DownFailed: it is still running after ``DOWN_SECONDS`` and a SIGKILL.
    """
    pid = holder(state / LOCK)
    if pid is None:
        return False
    _end(pid, signal.SIGTERM)
    if not _gone(state, DOWN_SECONDS):
        # Its children end too: each one watches for its parent's end.
        _end(pid, signal.SIGKILL)
        if not _gone(state, DOWN_SECONDS):
            raise DownFailed(f"Process {pid} doesn't stop. Read its log, '{state / LOG}'.")
    (state / FILE).unlink(missing_ok=True)
    return True


def _wait_until_up(process: "subprocess.Popen[bytes]", state: Path, progress: Progress) -> Running:
    deadline = time.monotonic() + PATIENCE
    shown = 0
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        lines = (state / LOG).read_text(errors="replace").splitlines()
        for line in lines[shown:]:
            progress(line)
        shown = len(lines)
        if running := status(state):
            return running
        if ended:
            raise UpFailed("\n".join(["it ended during its start.", *lines[-15:], f"(full log: {state / LOG})"]))
        time.sleep(0.1)
    raise UpFailed(f"it isn't up after {PATIENCE} seconds. Read its log, '{state / LOG}'.")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(DOWN_SECONDS)
    except subprocess.TimeoutExpired:
        # Its children end too: each one watches for its parent's end.
        process.kill()
        process.wait(DOWN_SECONDS)


def _gone(state: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while holder(state / LOCK) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not holder(state / LOCK)


def _end(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _environment() -> Mapping[str, str]:
    """The user's own, without the variables that would select another AWS account."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
