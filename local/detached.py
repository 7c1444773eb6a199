"""``cronmend local up | down | status``: an emulated account that stays when the command has ended.

A lock on STATE/lock says whether one runs: the operating system lets go of it however its holder ends, and no process
number is ever taken for another's.
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
from local.sam import ROOT

STATE = ROOT / ".local"
FILE = "account.json"
LOCK = "lock"
LOG = "up.log"
UP_SECONDS = 300
DOWN_SECONDS = 45

type Progress = Callable[[str], None]


class UpFailed(RuntimeError):
    """The account did not come up; the message holds the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Running:
    """An account that answers: where, and what to set to reach it."""

    pid: int
    environment: Mapping[str, str]
    slack_webhook: str
    log: Path


def status(state: Path = STATE) -> Running | None:
    """The account that runs, None where there is none, or it is still coming up."""
    pid = holder(state / LOCK)
    try:
        description = json.loads((state / FILE).read_text())
    except FileNotFoundError:
        return None
    if pid is None:
        return None
    return Running(pid, description["environment"], description["slack"]["is a webhook; use a bot token"], state / LOG)


def endpoints(running: Running) -> Endpoints:
    return Endpoints(running.environment["AWS_ENDPOINT_URL"], running.environment["AWS_ENDPOINT_URL_ECS"])


def up(progress: Progress, state: Path = STATE) -> tuple[Running, bool]:
    """The account that runs, and whether it was started now.

    Raises:
        UpFailed: it ended while it came up, or took longer than ``UP_SECONDS``.
    """
    if running := status(state):
        return running, False
    if pid := holder(state / LOCK):
        raise UpFailed(f"process {pid} is bringing an account up: wait for it, or end it with `cronmend local down`")
    state.mkdir(parents=True, exist_ok=True)
    (state / FILE).unlink(missing_ok=True)
    with (state / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - this project's own module
            [sys.executable, "-m", "local.daemon", str(state)],
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
        process.terminate()
        process.wait(DOWN_SECONDS)
        raise
    # It stays: nobody waits for it here, and Popen need not warn of that.
    process.returncode = 0
    return running, True


def down(state: Path = STATE) -> bool:
    """End the account; returns whether there was one.

    Raises:
        TimeoutError: it is still there after ``DOWN_SECONDS`` and a kill.
    """
    pid = holder(state / LOCK)
    if pid is None:
        return False
    _end(pid, signal.SIGTERM)
    if not _gone(state, DOWN_SECONDS):
        # What it had started ends with it: each child watches for its parent's end.
        _end(pid, signal.SIGKILL)
        if not _gone(state, DOWN_SECONDS):
            raise TimeoutError(f"process {pid} does not end: look at {state / LOG}")
    (state / FILE).unlink(missing_ok=True)
    return True


def _wait_until_up(process: "subprocess.Popen[bytes]", state: Path, progress: Progress) -> Running:
    deadline = time.monotonic() + UP_SECONDS
    told = 0
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        lines = (state / LOG).read_text(errors="replace").splitlines()
        for line in lines[told:]:
            progress(line)
        told = len(lines)
        if running := status(state):
            return running
        if ended:
            raise UpFailed(
                "\n".join(["the account ended while it came up:", *lines[-15:], f"(all of it: {state / LOG})"])
            )
        time.sleep(0.1)
    raise UpFailed(f"the account is not up after {UP_SECONDS} s; its log: {state / LOG}")


def _gone(state: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while holder(state / LOCK) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not holder(state / LOCK)


def _end(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _environment() -> Mapping[str, str]:
    """The user's own, without what would lead to another AWS account."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
