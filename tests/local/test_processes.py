"""A child process never outlives its starter, and reports its exit code."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.aws import search_path
from local.processes import GuardedProcess
from tests import ROOT

ENVIRONMENT = {"PATH": search_path()}
FAMILY = "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)
PRINT_AND_WAIT = FAMILY + "print(child.pid, flush=True); child.wait()"


def guarded(code: str, tmp_path: Path, grace: float = 1.0) -> GuardedProcess:
    return GuardedProcess([sys.executable, "-c", code], environment=ENVIRONMENT, directory=tmp_path, grace=grace)


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise SystemExit(0)", 0),
        ("raise SystemExit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137),
    ],
)
def test_exit_code(code: str, expected: int, tmp_path: Path) -> None:
    process = guarded(code, tmp_path)
    assert process.wait(20) == expected
    process.stop()


def test_terminate_stops_child_processes_too(tmp_path: Path) -> None:
    process = guarded(PRINT_AND_WAIT, tmp_path)
    assert process.output
    grandchild = int(process.output.readline())
    process.terminate()
    assert process.wait(20) == 143
    process.stop()
    assert gone(grandchild)


def test_a_process_that_ignores_sigterm_is_killed_after_the_grace_period(tmp_path: Path) -> None:
    process = guarded(STUBBORN, tmp_path, grace=0.2)
    assert process.output
    assert process.output.readline() == b"ready\n"
    process.terminate()
    assert process.wait(20) == 137
    process.stop()


def test_kill_right_after_terminate_is_not_lost(tmp_path: Path) -> None:
    for _ in range(10):
        process = guarded(STUBBORN, tmp_path, grace=30)
        assert process.output
        process.output.readline()
        process.terminate()
        process.kill()
        assert process.wait(10) == 137
        process.stop()


def test_a_killed_parent_leaves_nothing(tmp_path: Path) -> None:
    starter = (
        "import sys; from pathlib import Path; from local.processes import GuardedProcess; "
        f"process = GuardedProcess([sys.executable, '-c', {PRINT_AND_WAIT!r}], "
        f"environment={ENVIRONMENT!r}, directory=Path({str(tmp_path)!r}), grace=0.5); "
        "print(process.output.readline().decode(), flush=True); process.wait()"
    )
    command = [sys.executable, "-c", starter]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:  # noqa: S603 - written above
        assert parent.stdout
        grandchild = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert gone(grandchild)


def test_a_missing_command(tmp_path: Path) -> None:
    process = GuardedProcess(["no-such-command"], environment=ENVIRONMENT, directory=tmp_path)
    assert process.wait(20) == 127
    assert process.output
    assert b"No such file" in process.output.read()
    process.stop()
