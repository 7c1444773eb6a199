"""Start and stop the emulator of AWS (ministack) on a free port of the loopback."""

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from local.aws import ACCOUNT, LOOPBACK, REGION, Endpoints, search_path
from local.patience import PATIENCE
from local.processes import GuardedProcess

HEALTH = "/_ministack/health"
INBOX = "LOCAL_INBOX"
"""The variable with the address that gets emails and text messages; without it they are only logged."""


class EmulatorFailed(RuntimeError):
    """The emulator didn't start; the message has its last output."""


class Emulator:
    """ministack as a child process; its Lambda functions use ``endpoints``.

    Args:
        state: a directory for its log and everything it writes.
        environment: more variables for the emulator and the functions in it.
    """

    def __init__(self, endpoints: Endpoints, state: Path, environment: Mapping[str, str] | None = None) -> None:
        self.endpoints = endpoints
        self.log = state / "emulator.log"
        self._state = state
        self._environment = dict(environment or {})
        self._process: GuardedProcess | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            EmulatorFailed: it ended, or didn't answer within ``PATIENCE``.
        """
        (self._state / "tmp").mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = GuardedProcess(
                [sys.executable, "-m", "local.ministack"],
                environment=self._variables(),
                directory=self._state,
                output=log,
                grace=3,
            )
        try:
            self._wait_until_healthy(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._process:
            self._process.stop()
            self._process = None

    def _wait_until_healthy(self, process: GuardedProcess) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not process.running:
                raise EmulatorFailed(f"The emulator ended during its start:\n{self._last_lines()}")
            if healthy(self.endpoints):
                return
            time.sleep(0.05)
        raise EmulatorFailed(f"The emulator didn't answer within {PATIENCE:.0f} seconds:\n{self._last_lines()}")

    def _last_lines(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-10:]
        return "\n".join([*lines, f"(full log: {self.log})"])

    def _variables(self) -> dict[str, str]:
        """None of the user's own environment: no profile, proxy or credential reaches the functions."""
        return {
            "PATH": search_path(),
            "HOME": str(self._state),
            "TMPDIR": str(self._state / "tmp"),
            "LANG": "C.UTF-8",
            "GATEWAY_PORT": self.endpoints.aws.rsplit(":", 1)[-1],
            "BIND_HOST": LOOPBACK,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "LOG_LEVEL": "WARNING",
            # These services would listen on every interface.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # Tasks run in the local Fargate, never in a container engine of this machine.
            "DOCKER_HOST": "unix:///dev/null",
            "LAMBDA_EXECUTOR": "local",
            **self.endpoints.environment(),
            **self._environment,
        }


def healthy(endpoints: Endpoints) -> bool:
    try:
        with urllib.request.urlopen(endpoints.aws + HEALTH, timeout=30) as answer:  # noqa: S310 - always loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
