"""What the jobs' own past shows, which their states keep."""

from dataclasses import dataclass
from datetime import datetime

from cronmend.jobs import run_findings
from cronmend.model.findings import FindingKind, Looked
from cronmend.ports.findings import JobsPast
from cronmend.ports.timetables import Timetables


@dataclass(frozen=True, slots=True)
class RunFindings:
    timetables: Timetables
    past: JobsPast

    @property
    def kinds(self) -> frozenset[FindingKind]:
        return run_findings.KINDS

    def look(self, now: datetime) -> Looked:
        """Of the jobs that have a schedule: what is found about a job ends with its schedule.

        Raises:
            Retryable, Permanent: the ledger can't be read.
        """
        past = self.past.of([each.job for each in self.timetables.all()])
        return Looked(tuple(found for job, runs in past.items() for found in run_findings.of_past(job, runs, now)))
