"""What the timetables show, which the search for missed slots keeps: no schedule is read for it."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from cronmend.jobs import schedule_findings
from cronmend.jobs.schedule_findings import Intent
from cronmend.model.findings import FindingKind, Looked
from cronmend.model.timetables import Timetable
from cronmend.ports.timetables import PlannedMutes, Timetables


class ScheduleFindings(Struct, frozen=True):
    timetables: Timetables
    mutes: PlannedMutes
    intent: Intent

    @property
    def kinds(self) -> frozenset[FindingKind]:
        return schedule_findings.KINDS

    def look(self, now: datetime) -> Looked:
        """
        Raises:
            Retryable, Permanent: the ledger can't be read.
        """
        timetables = self.timetables.all()
        planned = self._planned(timetables, now)
        examined = [each for each in timetables if each.job not in planned]
        return Looked(schedule_findings.of_timetables(examined, self.intent, now), planned)

    def _planned(self, timetables: Sequence[Timetable], now: datetime) -> frozenset[str]:
        """The jobs that aren't expected to run now: that their schedules are disabled is no news."""
        forgotten = [each.job for each in timetables if schedule_findings.is_forgotten(each, self.intent, now)]
        mutes = self.mutes.all(now) if forgotten else ()
        return frozenset(job for job in forgotten if any(mute.covers_slots_of(job) for mute in mutes))
