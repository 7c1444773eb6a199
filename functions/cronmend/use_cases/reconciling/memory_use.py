"""Find the jobs whose tasks use more memory each week, until they will run out of it."""

from datetime import datetime
from typing import Final

from msgspec import Struct

from cronmend.jobs import memory_use
from cronmend.jobs.weekly_growth import COMPARED
from cronmend.model import Missing, TaskDefinitionRef
from cronmend.model.findings import FindingKind, Looked
from cronmend.model.timetables import Timetable
from cronmend.ports.findings import Family, MemoryUse
from cronmend.use_cases.reconciling.in_use import InUseReader

HOUR: Final = 8
"""Of the day, in UTC, whose look reads the metrics: they cost money, and what changes within weeks can wait."""
MOST_READ: Final = 100
"""Families that one look reads, those of the next slots first; GetMetricData accepts 500 metrics, two for each."""
_NOTHING: Final = (
    "CloudWatch has no memory metrics of any job: turn on Container Insights, or leave memory out of Foresee."
)


class MemoryOfRuns(Struct, frozen=True):
    in_use: InUseReader
    metrics: MemoryUse | None
    """None if they aren't to be read: what was found before ends."""

    @property
    def kinds(self) -> frozenset[FindingKind]:
        return memory_use.KINDS

    def look(self, now: datetime) -> Looked:
        """
        Raises:
            Retryable, Permanent: the ledger, ECS or CloudWatch can't be read.
        """
        if self.metrics is None:
            return Looked()
        active = [each for each in self.in_use.read(now).active if each.task_definition]
        everyone = frozenset(each.job for each in active)
        if now.hour != HOUR or not active:
            return Looked(unread=everyone)
        families = list(dict.fromkeys(map(_family, active)))[:MOST_READ]
        used = self.metrics.of(families, now - COMPARED, now)
        if isinstance(used, Missing):
            return Looked(unread=everyone, unanswered=(used.reason,))
        found = (memory_use.of_growth(each, used.get(_family(each), ()), now) for each in active)
        unread = frozenset(each.job for each in active if _family(each) not in families)
        return Looked(tuple(filter(None, found)), unread, () if any(used.values()) else (_NOTHING,))


def _family(timetable: Timetable) -> Family:
    return timetable.cluster_arn, TaskDefinitionRef.parse(timetable.task_definition).family
