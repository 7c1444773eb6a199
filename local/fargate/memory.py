"""Measure the memory of a process's descendants, as Fargate does for a container."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
PS = ("ps", "-A", "-o", "pid=,ppid=,rss=")
"""For systems without /proc (macOS). The sizes are in KiB."""

type Row = tuple[int, int, int]
"""Process, its parent, its resident memory in KiB."""


def used(process: int) -> int:
    """MiB of all descendants of a process, without the process itself."""
    rows = list(_from_proc() if PROC.is_dir() else _from_ps())
    family, before = {process}, 0
    while len(family) > before:
        before = len(family)
        family |= {child for child, parent, _ in rows if parent in family}
    return sum(size for each, _, size in rows if each in family and each != process) // 1024


def _from_proc() -> Iterator[Row]:
    """https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; the name in parentheses may contain any character."""
    page = os.sysconf("SC_PAGE_SIZE") // 1024
    for directory in PROC.iterdir():
        if not directory.name.isdecimal():
            continue
        try:
            fields = (directory / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield int(directory.name), int(fields[1]), int(fields[21]) * page


def _from_ps() -> Iterator[Row]:
    listed = subprocess.run(PS, capture_output=True, text=True, check=True, timeout=10).stdout  # noqa: S603 - a constant
    for line in listed.splitlines():
        process, parent, size = line.split()
        yield int(process), int(parent), int(size)
