"""One container of a task: a process in its image's directory, with the environment that ECS would give it."""

import os
import shlex
import shutil
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from local.aws import search_path
from local.fargate import memory
from local.fargate.awslogs import LogStream
from local.fargate.errors import StartFailed
from local.fargate.task import TaskContainer
from local.processes import GuardedProcess

STOP_TIMEOUT = 30
"""Seconds between SIGTERM and SIGKILL if the task definition doesn't set them; ECS's default."""
LONGEST_STOP_TIMEOUT = 120
"""Seconds; Fargate's maximum."""
FLUSH_SECONDS = 10
KILLED = 128 + signal.SIGKILL
OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
PREFIX = "CRONMEND_LOCAL_PREFIX"
"""A variable: words in front of every container's command, such as ``nice``, to make jobs slower or faster."""
SECONDS_BETWEEN_CHECKS = 0.2
"""Of the container's memory."""


class Process:
    """A running container. ``on_exit`` is called once, from another thread, after its output is sent."""

    def __init__(
        self,
        container: TaskContainer,
        override: Mapping[str, Any],
        image: Path,
        stream: LogStream | None,
        limit: int,
        on_exit: Callable[[str, int, str], None],
    ) -> None:
        """
        Args:
            limit: MiB; a container that uses more is killed.
            on_exit: gets the container's name, exit code and, if it was killed for its memory, the reason.
        """
        self._name = container.name
        self._limit = limit
        self._reason = ""
        self._stream = stream
        self._on_exit = on_exit
        self._guarded = GuardedProcess(
            (*shlex.split(os.environ.get(PREFIX, "")), *_checked_command(container, override)),
            environment=environment(container.definition, override),
            directory=image / str(container.definition.get("workingDirectory") or "").lstrip("/"),
            grace=float(container.definition.get("stopTimeout") or STOP_TIMEOUT),
        )
        self._follow()
        threading.Thread(target=self._watch, daemon=True).start()
        threading.Thread(target=self._wait, daemon=True).start()

    def terminate(self) -> None:
        """SIGTERM now, SIGKILL after the container's ``stopTimeout``."""
        self._guarded.terminate()

    def kill(self) -> None:
        self._guarded.kill()

    def _follow(self) -> None:
        if self._guarded.output and self._stream:
            self._stream.follow(self._guarded.output)
        elif self._guarded.output:
            threading.Thread(target=_discard, args=(self._guarded.output,), daemon=True).start()

    def _watch(self) -> None:
        while self._guarded.running:
            if memory.used(self._guarded.pid) > self._limit:
                self._reason = OUT_OF_MEMORY
                self._guarded.kill()
                return
            time.sleep(SECONDS_BETWEEN_CHECKS)

    def _wait(self) -> None:
        code = self._guarded.wait()
        if self._stream:
            self._stream.finish(FLUSH_SECONDS)
        self._guarded.stop()
        if self._guarded.peak > self._limit:
            # It may have used that much between two checks, or the checks came late on a busy machine.
            code, self._reason = KILLED, OUT_OF_MEMORY
        self._on_exit(self._name, code, self._reason)


def command(definition: Mapping[str, Any], override: Mapping[str, Any]) -> Sequence[str]:
    return (*(definition.get("entryPoint") or ()), *(override.get("command") or definition.get("command") or ()))


def environment(definition: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, str]:
    """The variables of the task definition, the override and a Python image; none of this machine's."""
    pairs = [*(definition.get("environment") or ()), *(override.get("environment") or ())]
    return {
        "PATH": search_path(),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        **{pair["name"]: pair["value"] for pair in pairs},
    }


def _checked_command(container: TaskContainer, override: Mapping[str, Any]) -> Sequence[str]:
    words = command(container.definition, override)
    if not words or not shutil.which(words[0], path=search_path()):
        program = words[0] if words else ""
        raise StartFailed(
            "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: "
            "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container "
            f'process: exec: "{program}": executable file not found in $PATH: unknown',
            container.name,
        )
    return words


def _discard(output: IO[bytes]) -> None:
    while output.read(65536):
        pass
