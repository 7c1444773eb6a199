"""What the jobs' own past shows, which their states keep."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from cronmend.jobs import run_findings
from cronmend.jobs.policies import JobPolicy
from cronmend.model.findings import FindingKind, Looked
from cronmend.ports.findings import StatesOfJobs
from cronmend.ports.timetables import Timetables


class RunFindings(Struct, frozen=True):
    timetables: Timetables
    states: StatesOfJobs
    policy: Callable[[str], JobPolicy]

    @property
    def kinds(self) -> frozenset[FindingKind]:
        return run_findings.KINDS

    def look(self, now: datetime) -> Looked:
        """Of the jobs that have a schedule: what is found about a job ends with its schedule.

        Raises:
            Retryable, Permanent: the ledger can't be read.
        """
        states = self.states.of(each.job for each in self.timetables.all())
        found = (
            each
            for job, state in states.items()
            for each in run_findings.of_past(job, state.past, self.policy(job).slo, now)
        )
        return Looked(tuple(found))
