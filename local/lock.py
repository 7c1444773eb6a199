"""Lock a directory for one process. The operating system releases the lock when its holder ends, in any way."""

import fcntl
import os
from pathlib import Path


def take(path: Path) -> int:
    """Lock the file, with this process's number in it, until the descriptor is closed or this process ends.

    Raises:
        BlockingIOError: another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A bare descriptor, because Python would close a file object before the process ends.
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise
    os.truncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    return lock


def holder(path: Path) -> int | None:
    """The process that holds the lock; None if none does."""
    try:
        with path.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return int(path.read_text() or 0) or None
    return None
