"""Run a command so that it ends with whoever started it, however that one ends.

``python guard.py GRACE COMMAND…``: the starter holds the other end of this process's standard input. When that end
closes (a clean exit, a crash and ``kill -9`` alike) or on SIGTERM, the command's whole process group gets SIGTERM and,
``GRACE`` seconds later, SIGKILL. A pipe works the same on Linux and macOS; PR_SET_PDEATHSIG is Linux only and does not
reach grandchildren. Standard library only, so that ``python -I -S`` starts it in some ten milliseconds.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from types import FrameType


def main() -> int:
    grace, command = float(sys.argv[1]), sys.argv[2:]
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)  # noqa: S603 - the caller's own command
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr, flush=True)  # noqa: T201 - the command's own output
        return 127
    ending = threading.Event()
    threading.Thread(target=_wait_for_the_starter, args=(ending,), daemon=True).start()
    threading.Thread(target=_end, args=(child.pid, grace, ending), daemon=True).start()

    def on_signal(_signal: int, _frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return _exit_code(child)


def _wait_for_the_starter(ending: threading.Event) -> None:
    while os.read(0, 1024):
        pass
    ending.set()


def _end(group: int, grace: float, ending: threading.Event) -> None:
    ending.wait()
    _signal(group, signal.SIGTERM)
    threading.Event().wait(grace)
    _signal(group, signal.SIGKILL)


def _exit_code(child: subprocess.Popen[bytes]) -> int:
    # The child stays a zombie until its group is ended: its number can't have been given to another process by then.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    _signal(child.pid, signal.SIGKILL)
    code = child.wait()
    return code if code >= 0 else 128 - code


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    # Not sys.exit: the reading thread must not delay the end.
    code = main()
    sys.stdout.flush()
    os._exit(code)
