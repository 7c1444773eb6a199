"""The live schedules, each with Cronmend's own hold: one with a hold's mark wasn't disabled by its owner."""

from collections.abc import Sequence
from copy import replace
from datetime import datetime

from msgspec import Struct

from cronmend.model import LiveSchedule, Missing
from cronmend.ports.healing import Holds, Schedules


class SchedulesWithHolds(Struct, frozen=True):
    """Reads a hold only for a schedule that is disabled."""

    schedules: Schedules
    holds: Holds

    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule] | Missing:
        found = self.schedules.named(prefix, cluster_arn, since, work)
        return found if isinstance(found, Missing) else tuple(map(self._with_hold, found))

    def get(self, job: str) -> LiveSchedule | Missing:
        found = self.schedules.get(job)
        return found if isinstance(found, Missing) else self._with_hold(found)

    def _with_hold(self, schedule: LiveSchedule) -> LiveSchedule:
        hold = None if schedule.enabled else self.holds.get(schedule.cluster_arn, schedule.job)
        return replace(schedule, held_until=hold.until) if hold and hold.mark in schedule.description else schedule
