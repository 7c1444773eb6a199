"""Run a command that ends when its starter ends, in any way.

``python guard.py GRACE PEAK COMMAND…``: the starter holds the other end of this process's standard input. When that
end closes (after a clean exit, a crash or ``kill -9``) or on SIGTERM, the command's whole process group gets SIGTERM
and, ``GRACE`` seconds later, SIGKILL; on SIGUSR1 it gets SIGKILL at once. A pipe works the same on Linux and macOS;
PR_SET_PDEATHSIG is Linux only and does not reach grandchildren. When the command has ended, the file descriptor
``PEAK`` gets the most memory that one of its processes used, in MiB. Standard library only, so that
``python -I -S`` starts it in some ten milliseconds.
"""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading

UNITS_PER_MIB = 2**20 if sys.platform == "darwin" else 2**10
"""Of getrusage: bytes on macOS, KiB on Linux."""
HANDLED = {signal.SIGTERM, signal.SIGUSR1, signal.SIGINT}


def main() -> int:
    grace, peak, command = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    # Blocked and waited for in a thread: a handler would run only when waitid returns, which may never happen.
    signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
    try:
        child = subprocess.Popen(  # noqa: S603 - the caller's own command
            command,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=_unblock,  # noqa: PLW1509 - there is no other thread yet
        )
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr, flush=True)  # noqa: T201 - the command's own output
        return 127
    threading.Thread(target=_wait_for_the_starter, daemon=True).start()
    threading.Thread(target=_wait_for_signals, args=(child.pid, grace), daemon=True).start()
    code = _exit_code(child)
    os.write(peak, str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // UNITS_PER_MIB).encode())
    return code


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)


def _wait_for_the_starter() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _wait_for_signals(group: int, grace: float) -> None:
    while True:
        number = signal.sigwait(HANDLED)
        if number == signal.SIGTERM:
            _signal(group, signal.SIGTERM)
            later = threading.Timer(grace, _signal, (group, signal.SIGKILL))
            later.daemon = True
            later.start()
        elif number == signal.SIGUSR1:
            _signal(group, signal.SIGKILL)


def _exit_code(child: subprocess.Popen[bytes]) -> int:
    # The child stays a zombie until its group has ended, so its number can't belong to another process yet.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    _signal(child.pid, signal.SIGKILL)
    code = child.wait()
    return code if code >= 0 else 128 - code


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    # Not sys.exit: the reading thread must not delay the exit.
    code = main()
    sys.stdout.flush()
    os._exit(code)
