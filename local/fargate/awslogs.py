"""The awslogs driver: sends a container's output to CloudWatch Logs line by line."""

import queue
import threading
import time
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from local.fargate.errors import StartFailed

if TYPE_CHECKING:
    from types_boto3_logs.client import CloudWatchLogsClient

MAX_LINE = 16 * 1024
"""Bytes; Docker's logging splits longer lines."""
MAX_BATCH = 500


class LogStream:
    """One container's stream. Lines that CloudWatch Logs rejects are dropped, as in the driver's default mode."""

    def __init__(self, logs: "CloudWatchLogsClient", group: str, name: str) -> None:
        self.group = group
        self.name = name
        self._logs = logs
        self._lines: queue.Queue[tuple[int, str] | None] = queue.Queue(maxsize=20_000)
        self._threads: tuple[threading.Thread, ...] = ()

    def create(self) -> None:
        """Create the stream.

        Raises:
            StartFailed: it can't be created; ECS then doesn't start the task.
        """
        try:
            self._logs.create_log_stream(logGroupName=self.group, logStreamName=self.name)
        except self._logs.exceptions.ResourceAlreadyExistsException:
            return
        except (ClientError, BotoCoreError) as error:
            raise StartFailed(
                "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
                f"failed to create Cloudwatch log stream: {_aws_message(error)}"
            ) from error

    def follow(self, output: IO[bytes]) -> None:
        """Send the lines of ``output`` until it ends; returns at once."""
        reader = threading.Thread(target=self._read, args=(output,), daemon=True)
        writer = threading.Thread(target=self._write, daemon=True)
        self._threads = (reader, writer)
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> None:
        """Wait until all lines are sent, for at most ``seconds``."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _read(self, output: IO[bytes]) -> None:
        while line := output.readline(MAX_LINE):
            self._lines.put((time.time_ns() // 1_000_000, line.decode(errors="replace").rstrip("\r\n")))
        self._lines.put(None)

    def _write(self) -> None:
        while (first := self._lines.get()) is not None:
            batch, ended = self._batch(first)
            self._send(batch)
            if ended:
                return

    def _batch(self, first: tuple[int, str]) -> tuple[list[tuple[int, str]], bool]:
        """``first`` with the lines that followed it, and whether the output has ended."""
        batch = [first]
        while len(batch) < MAX_BATCH:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                break
            if line is None:
                return batch, True
            batch.append(line)
        return batch, False

    def _send(self, batch: list[tuple[int, str]]) -> None:
        # CloudWatch Logs rejects an empty message, so the driver sends a space for an empty line.
        events: Any = [{"timestamp": at, "message": text or " "} for at, text in batch]
        try:
            self._logs.put_log_events(logGroupName=self.group, logStreamName=self.name, logEvents=events)
        except (ClientError, BotoCoreError):
            return


def log_stream(logs: "CloudWatchLogsClient", definition: Mapping[str, Any], task_id: str) -> LogStream | None:
    """The stream of a container definition; None if it has no awslogs configuration."""
    configuration = definition.get("logConfiguration") or {}
    if configuration.get("logDriver") != "awslogs":
        return None
    options = configuration["options"]
    name = f"{options['awslogs-stream-prefix']}/{definition['name']}/{task_id}"
    return LogStream(logs, options["awslogs-group"], name)


def _aws_message(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
    return str(error)
