"""Ports of the schedules that follow a service."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cronmend.deploys.following import Following
from cronmend.model import TaskDefinitionRef
from cronmend.model.report import Message


class Followings(Protocol):
    """The rows of the schedules that follow a service."""

    def all(self) -> Sequence[Following]: ...

    def put(self, row: Following) -> Following | None:
        """The row as stored; None if another invocation wrote it since its version was read."""
        ...

    def remove(self, row: Following) -> None:
        """Delete the row, unless another invocation wrote it since it was read."""
        ...


class MoveReports(Protocol):
    def tell(self, rows: Sequence[Following], message: Message, now: datetime) -> bool:
        """Write the message about the moves of these rows, and the rows as settled: all of them or, if another
        invocation wrote one since it was read, none; then False."""
        ...


class MoveLeases(Protocol):
    def leased_until(self, job: str, now: datetime) -> datetime | None:
        """Until when an invocation may be moving the schedule; None if none is."""
        ...


class Moves(Protocol):
    def move(self, job: str, before: str, after: str) -> bool:
        """Write another ``TaskDefinitionArn`` into a schedule's target, change nothing else, and read it back.

        False if the target doesn't name ``before``, and is left as it is.

        Raises:
            NotFound: there is no such schedule.
            Retryable: it may or may not have been written.
        """
        ...


class Revisions(Protocol):
    def active(self, family: str) -> Sequence[TaskDefinitionRef]:
        """A family's latest revisions that can be run, the newest first."""
        ...
