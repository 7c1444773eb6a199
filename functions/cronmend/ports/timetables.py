"""Ports of the search for slots without a run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cronmend.model import LiveSchedule, LiveTask
from cronmend.model.mutes import Mute
from cronmend.model.timetables import LastCheck, Listed, RecordedRun, Timetable


class Timetables(Protocol):
    """The timetables that the ledger keeps. Two checks at once would write the same, so no write has a condition."""

    def all(self) -> Sequence[Timetable]: ...

    def put(self, timetable: Timetable) -> None: ...

    def remove(self, job: str) -> None: ...


class LastChecks(Protocol):
    def read(self) -> LastCheck | None:
        """None if no check has come to its end."""
        ...

    def write(self, check: LastCheck) -> None: ...


class ScheduleLists(Protocol):
    """The schedules and rules of the account and Region, as AWS lists them."""

    def listed(self) -> Sequence[Listed]:
        """Those that may start a task in a watched cluster."""
        ...

    def read(self, source: str) -> Sequence[LiveSchedule]:
        """The jobs of a schedule or rule in the watched clusters; empty if it has none, or is gone."""
        ...


class RecordedRuns(Protocol):
    """A job's stopped runs in the ledger."""

    def since(self, job: str, at: datetime, *, newest: bool = True) -> Sequence[RecordedRun]:
        """Those that stopped after a time. Without ``newest``, the latest may be left out, which costs half as much."""
        ...

    def latest(self, job: str, most: int) -> Sequence[RecordedRun]: ...


class RecentTasks(Protocol):
    """A family's tasks that ECS lists, no matter who started them."""

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]: ...

    def stopped(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        """Those that stopped within about an hour."""
        ...


class PlannedMutes(Protocol):
    def all(self, now: datetime) -> Sequence[Mute]:
        """Those that end after a time; it may have passed."""
        ...
