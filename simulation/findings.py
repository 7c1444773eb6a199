"""The search for findings, built as wiring/reconcile.py does, but without those about logs and about what runs need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cronmend.alerting.routes import Routes
from cronmend.jobs.policies import Policies
from cronmend.jobs.schedule_findings import Intent
from cronmend.model.incident import JobState
from cronmend.ports.findings import FindingStore
from cronmend.use_cases.reconciling.findings import EVERY, Findings
from cronmend.use_cases.reconciling.foresight import Foresight
from cronmend.use_cases.reconciling.in_use import InUseReader
from cronmend.use_cases.reconciling.run_findings import RunFindings
from cronmend.use_cases.reconciling.schedule_findings import ScheduleFindings
from local.memory.ledger import MemoryLedger
from local.memory.timetables import MemoryRuns
from simulation.account import Account
from simulation.account_ports import Definitions
from simulation.seam import Seam
from simulation.stores import Stores


@dataclass(frozen=True, slots=True)
class StatesOfJobs:
    ledger: MemoryLedger

    def of(self, jobs: Iterable[str]) -> Mapping[str, JobState]:
        known = self.ledger.job_states
        return {job: known[job] for job in jobs if job in known}


def findings(seam: Seam, stores: Stores, account: Account, routes: Routes, policies: Policies) -> Findings:
    over = seam.over
    timetables, states = over("ledger", stores.timetables), over("ledger", StatesOfJobs(stores.ledger))
    in_use = InUseReader(timetables, over("ecs", Definitions(account)))
    return Findings(
        store=over("ledger", stores.findings),
        sources=(
            ScheduleFindings(timetables, over("ledger", stores.mutes), Intent()),
            RunFindings(timetables, states, policies.of),
            Foresight(in_use, states, over("ledger", MemoryRuns(stores.ledger))),
        ),
        routes=routes,
        policy=policies.of,
    )


def are_known(findings: FindingStore, now: datetime) -> bool:
    """Whether the last search was less than an hour ago, so that the next one isn't due."""
    looked_at = findings.read().looked_at
    return looked_at is not None and now - looked_at < EVERY
