"""The life of one task: provision, pull, run, stop. Every step is a new version of the task, and is published.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
"""

import queue
import random
import threading
import time
from collections.abc import Callable, Mapping
from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from local.fargate.awslogs import LogStream, log_stream
from local.fargate.container import FLUSH_SECONDS, LONGEST_STOP_TIMEOUT, Process
from local.fargate.errors import StartFailed
from local.fargate.task import Task, TaskContainer

if TYPE_CHECKING:
    from types_boto3_logs.client import CloudWatchLogsClient


@dataclass(frozen=True, slots=True)
class Image:
    """A pulled image: its content's digest and the directory that holds it."""

    digest: str
    directory: Path


class Images(Protocol):
    def pull(self, reference: str) -> Image:
        """The image.

        Raises:
            StartFailed: it can't be pulled; the text is that of ECS.
        """


@dataclass(frozen=True, slots=True)
class Tools:
    """A task's dependencies."""

    images: Images
    logs: "CloudWatchLogsClient"
    on_change: Callable[[Task], None]
    """Called with every version of the task, in order."""
    longest: float = 900.0
    """Seconds after which a task is stopped in any case."""


@dataclass(frozen=True, slots=True)
class _Exited:
    container: str
    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Stop:
    """A request to stop the task."""


class Life:
    """Runs a task in a thread of its own, from :meth:`start` until it has stopped."""

    def __init__(self, task: Task, tools: Tools) -> None:
        self._task = task
        self._tools = tools
        self._lock = threading.RLock()
        self._signals: queue.Queue[_Exited | _Stop] = queue.Queue()
        self._processes: dict[str, Process] = {}
        self._thread = threading.Thread(target=self._run, name=f"task-{task.id}", daemon=True)
        tools.on_change(task)

    @property
    def task(self) -> Task:
        return self._task

    def start(self) -> None:
        self._thread.start()

    def stop(self, code: str, reason: str) -> Task:
        """Request its stop, as StopTask does; returns the task after that."""
        with self._lock:
            if not self._task.stopping:
                self._change(lambda task, now: task.to_be_stopped(code, reason, now).moved(task.status, now))
        self._signals.put(_Stop())
        return self._task

    def date_back(self, age: timedelta) -> bool:
        """Let a running task have been created and started this much earlier; False if it isn't running yet."""
        with self._lock:
            started = self._task.times.started
            if started is None:
                return False
            times = replace(self._task.times, created=self._task.times.created - age, started=started - age)
            self._task = replace(self._task, times=times)
        return True

    def kill(self) -> None:
        """Stop it at once, as if its machine failed."""
        self.stop("ServiceSchedulerInitiated", "the local Fargate is closing")
        for process in tuple(self._processes.values()):
            process.kill()

    def join(self, seconds: float) -> bool:
        """Whether it stops within ``seconds``."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _change(self, change: Callable[[Task, datetime], Task], *, publish: bool = True) -> None:
        with self._lock:
            self._task = change(self._task, datetime.now(UTC))
            if publish:
                self._tools.on_change(self._task)

    def _change_silently(self, change: Callable[[Task, datetime], Task]) -> None:
        """A change that ECS doesn't report in an event of its own."""
        self._change(change, publish=False)

    def _run(self) -> None:
        try:
            self._start()
        except StartFailed as failure:
            self._failed(failure)
        else:
            self._wait_for_end()
        self._end_processes()
        self._deprovision()

    def _start(self) -> None:
        self._change(lambda task, now: task.with_interface("ATTACHED").moved("PENDING", now, connected=now))
        images = self._pull()
        streams = {container.name: self._stream(container) for container in self._task.containers}
        for container in self._task.containers:
            self._processes[container.name] = Process(
                container,
                self._override(container),
                images[container.name].directory,
                streams[container.name],
                int(container.definition.get("memory") or self._task.given("memory")),
                lambda name, code, reason: self._signals.put(_Exited(name, code, reason)),
            )
        self._change(_running)

    def _pull(self) -> Mapping[str, Image]:
        self._change_silently(lambda task, now: replace(task, times=replace(task.times, pull_started=now)))
        try:
            return {container.name: self._pulled(container) for container in self._task.containers}
        finally:
            self._change_silently(lambda task, now: replace(task, times=replace(task.times, pull_stopped=now)))

    def _pulled(self, container: TaskContainer) -> Image:
        try:
            image = self._tools.images.pull(container.definition["image"])
        except StartFailed as failure:
            raise StartFailed(failure.reason, container.name) from failure
        self._change_silently(lambda task, _: task.with_container(container.name, digest=image.digest))
        return image

    def _stream(self, container: TaskContainer) -> LogStream | None:
        stream = log_stream(self._tools.logs, container.definition, self._task.id)
        if stream:
            stream.create()
        return stream

    def _override(self, container: TaskContainer) -> Mapping[str, Any]:
        entries = self._task.overrides["containerOverrides"]
        return next((entry for entry in entries if entry["name"] == container.name), {})

    def _failed(self, failure: StartFailed) -> None:
        self._change_silently(lambda task, now: task.to_be_stopped("TaskFailedToStart", failure.reason, now))
        if failure.container:
            self._change_silently(lambda task, _: task.with_container(failure.container, reason=failure.reason))

    def _wait_for_end(self) -> None:
        deadline = time.monotonic() + self._tools.longest
        while not self._task.stopping:
            signal = self._next_signal(deadline - time.monotonic())
            if isinstance(signal, _Exited):
                self._exited(signal)
            elif signal is None:
                self.stop("UserInitiated", f"the local Fargate stops a task after {self._tools.longest:.0f} seconds")

    def _next_signal(self, seconds: float) -> _Exited | _Stop | None:
        try:
            return self._signals.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def _exited(self, exited: _Exited) -> None:
        ended = {"status": "STOPPED", "exit_code": exited.code, "reason": exited.reason}
        self._change_silently(lambda task, _: task.with_container(exited.container, **ended))
        del self._processes[exited.container]
        essential = next(c.essential for c in self._task.containers if c.name == exited.container)
        if essential or not self._processes:
            self._change_silently(
                lambda task, now: task.to_be_stopped(
                    "EssentialContainerExited", "Essential container in task exited", now
                )
            )

    def _end_processes(self) -> None:
        """Stop the containers that are still running, then report them as stopped."""
        for process in self._processes.values():
            process.terminate()
        deadline = time.monotonic() + LONGEST_STOP_TIMEOUT + FLUSH_SECONDS
        while self._processes and (signal := self._next_signal(deadline - time.monotonic())):
            if isinstance(signal, _Exited):
                self._exited(signal)
        if self._task.times.started:
            self._change(lambda task, now: task.moved(task.status, now, execution_stopped=now))

    def _deprovision(self) -> None:
        self._change(lambda task, now: task.with_containers("STOPPED").moved("DEPROVISIONING", now))
        self._change(lambda task, now: task.with_interface("DELETED").moved("STOPPED", now, stopped=now))


def _running(task: Task, now: datetime) -> Task:
    created = tuple(replace(c, status="RUNNING", runtime_id=_runtime_id(task)) for c in task.containers)
    return replace(task, containers=created).moved("RUNNING", now, started=now)


def _runtime_id(task: Task) -> str:
    return f"{task.id}-{random.randrange(10**10):010d}"  # noqa: S311 - only displayed
