"""Child processes that never outlive their parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

GUARD = Path(__file__).with_name("guard.py")


class GuardedProcess:
    """A command in a process group of its own; it and everything it started end with this process.

    Args:
        output: gets standard output and error; None makes them available as :attr:`output`.
        grace: seconds between SIGTERM and SIGKILL.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        directory: Path,
        output: IO[bytes] | None = None,
        grace: float = 5.0,
    ) -> None:
        self._grace = grace
        report, reported = os.pipe()
        self._report = os.fdopen(report, "rb")
        self.peak = 0
        """The most memory that one of the command's processes used, in MiB; known after :meth:`stop`."""
        self._guard = subprocess.Popen(  # noqa: S603 - the caller's own command
            [sys.executable, "-I", "-S", str(GUARD), str(grace), str(reported), *command],
            pass_fds=(reported,),
            stdin=subprocess.PIPE,
            stdout=output or subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=directory,
            # Ctrl-C in a terminal reaches only this process, which then stops its children in order.
            start_new_session=True,
        )
        os.close(reported)

    @property
    def output(self) -> IO[bytes] | None:
        return self._guard.stdout

    @property
    def pid(self) -> int:
        """Of the guard process, which is the parent of the command."""
        return self._guard.pid

    @property
    def running(self) -> bool:
        return self._guard.poll() is None

    def terminate(self) -> None:
        """SIGTERM now, SIGKILL after the grace period."""
        if self.running:
            self._guard.terminate()

    def kill(self) -> None:
        """SIGKILL now."""
        if self.running:
            self._guard.send_signal(signal.SIGUSR1)

    def wait(self, seconds: float | None = None) -> int:
        """The exit code; 128 plus the signal's number if a signal ended it.

        Raises:
            TimeoutError: still running after ``seconds``.
        """
        try:
            return self._guard.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"The process is still running after {seconds} seconds.") from error

    def stop(self) -> None:
        """Stop the command and everything it started, and wait for that."""
        self.terminate()
        self.wait(self._grace + 10)
        if not self._report.closed:
            with self._report:
                self.peak = int(self._report.read() or 0)
        for pipe in (self._guard.stdin, self._guard.stdout):
            if pipe:
                pipe.close()
