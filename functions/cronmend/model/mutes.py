"""Mutes: for whose jobs no messages are sent, and until when."""

from collections.abc import Iterable
from datetime import datetime
from fnmatch import fnmatchcase

from msgspec import Struct


class Mute(Struct, frozen=True):
    """No messages for a job, or for all jobs whose names match, until a time."""

    jobs: str
    """A job's ID, or a pattern with ``*``."""
    until: datetime
    by: str
    reason: str = ""
    planned: bool = False
    """Whether the jobs aren't expected to run meanwhile: their slots aren't missed."""
    since: datetime | None = None
    """None in a mute of an earlier version."""

    def covers(self, job: str) -> bool:
        return fnmatchcase(job, self.jobs)

    def covers_slots_of(self, job: str) -> bool:
        """Whether the job isn't expected to run meanwhile."""
        return self.planned and self.covers(job)

    def has(self, slot: datetime) -> bool:
        return (self.since is None or self.since <= slot) and slot < self.until


def latest_end(mutes: Iterable[Mute], job: str) -> datetime | None:
    """The latest end of those that cover the job; None if none does."""
    return max((mute.until for mute in mutes if mute.covers(job)), default=None)
