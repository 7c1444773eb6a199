"""Port of the search for runs that are alive for too long."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from cronmend.model import LiveTask, LogPlace, Missing


class Alive(Struct, frozen=True):
    tasks: Sequence[LiveTask]
    complete: bool = True
    """False if the cluster has more tasks than one check reads."""


class LastEvents(Protocol):
    def last_event_at(self, place: LogPlace) -> datetime | Missing | None:
        """When the last line was written; None if the log is empty."""
        ...


class LiveTasks(Protocol):
    def alive(self, cluster_arn: str) -> Alive:
        """The tasks of a cluster that ECS wants to run, whoever started them."""
        ...

    def stop(self, task: LiveTask, reason: str) -> None:
        """Stop a task. One that has stopped meanwhile is left as it is."""
        ...
