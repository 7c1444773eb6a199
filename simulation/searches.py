"""What ``reconcile`` searches for: slots without a run, runs without an end. Built as wiring/reconcile.py does."""

from collections.abc import Callable, Sequence
from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cronmend.errors import Retryable
from cronmend.healing.situation import Limits
from cronmend.jobs.overdue import STARTS_WITHIN
from cronmend.jobs.policies import Policies
from cronmend.model import LiveTask, OnOverdue
from cronmend.use_cases.evidence import JobFinder
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.use_cases.healing.failures import Failures
from cronmend.use_cases.healing.own_holds import SchedulesWithHolds
from cronmend.use_cases.reconcile import TOLERANCE
from cronmend.use_cases.reconciling.doubts import Doubts
from cronmend.use_cases.reconciling.look_alikes import LookAlikes
from cronmend.use_cases.reconciling.missed_runs import MissedRuns
from cronmend.use_cases.reconciling.overdue_runs import KEY, OverdueRuns
from cronmend.use_cases.reconciling.silent_runs import SilentRuns
from cronmend.use_cases.reconciling.timetables import TimetableReader
from local.memory.timetables import MemoryRuns
from simulation.account import CLUSTER, Account
from simulation.account_ports import Definitions, ScheduleLists
from simulation.ecs import Ecs, LiveTasks, Task
from simulation.lambdas import Wakeups
from simulation.logs import Logs
from simulation.seam import Seam
from simulation.stores import Stores
from simulation.witness import Witness


@dataclass(frozen=True, slots=True)
class WatchedTasks:
    """Lets the checker know when ECS couldn't be asked: an alarm may then be wrong, and says so."""

    tasks: Any
    witness: Witness

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return self._listed(self.tasks.active, cluster_arn, family)

    def stopped(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return self._listed(self.tasks.stopped, cluster_arn, family)

    def _listed(self, read: Any, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        try:
            found: Sequence[LiveTask] = read(cluster_arn, family)
        except Retryable:
            self.witness.saw("unlisted", family=family)
            raise
        return found


@dataclass(frozen=True, slots=True)
class Searches:
    stores: Stores
    ecs: Ecs
    lists: ScheduleLists
    policies: Policies
    witness: Witness
    slots: MissedRuns
    overdue: OverdueRuns

    def check(self, now: Callable[[], datetime]) -> None:
        """In the order of reconcile's app.py."""
        alive = self.overdue.check(now())
        for what, error in alive.failed:
            self.witness.saw("unwatched", about=what.rsplit("/", 1)[-1], error=error)
        checked = self.slots.check(now())
        for job, error in checked.failed:
            self.witness.saw("unchecked", job=job, error=error)
        for job, slots in checked.missed:
            row = self.stores.timetables.rows[job]
            grace = self.slots.policy(job).grace or timedelta()
            times = {"flexible": 60.0 * row.flexible, "grace": grace.total_seconds()}
            self.witness.saw("missed", job=job, slots=[slot.timestamp() for slot in slots], **times)

    def finds_nothing(self, now: datetime) -> bool:
        """A check that would find nothing due is left out, and is still the latest one."""
        stores = self.stores
        rows = stores.timetables.rows.values()
        if any(not row.unclear and (row.due is None or row.due <= now) for row in rows):
            return False
        if {row.source: row.version for row in rows} != self.lists.versions():
            return False
        if stores.promises.overdue(now - TOLERANCE, 1):
            return False
        if any(self._may_be_overdue(task, now) for task in self.ecs.living.values()):
            return False
        if stores.checks.last:
            stores.checks.write(replace(stores.checks.last, at=now))
        return True

    def _may_be_overdue(self, task: Task, now: datetime) -> bool:
        """One that is on record is looked at again only if it may have to be stopped."""
        policy = self.policies.of(task.job)
        stops = policy.on_overdue is OnOverdue.STOP
        soonest = min(policy.silent_after or STARTS_WITHIN, STARTS_WITHIN)
        is_old = now.timestamp() - task.created > soonest.total_seconds()
        return is_old and (stops or f"{KEY}{task.id}" not in self.stores.ledger.runs)


@dataclass(frozen=True, slots=True)
class Shared:
    """What the searches share with the use cases of other functions."""

    ledger: Any
    schedules: SchedulesWithHolds
    situations: SituationCollector
    wakeups: Wakeups
    policies: Policies
    may_stop: bool


def searches(seam: Seam, stores: Stores, account: Account, ecs: Ecs, shared: Shared) -> Searches:
    over, policy = seam.over, shared.policies.of
    timetables, checks = over("ledger", stores.timetables), over("ledger", stores.checks)
    runs, lists = over("ledger", MemoryRuns(stores.ledger)), ScheduleLists(account)
    tasks = WatchedTasks(over("ecs", ecs), ecs.witness)
    slots = MissedRuns(
        reader=TimetableReader(
            timetables, checks, over("scheduler", lists), LookAlikes(shared.ledger, timetables), policy, (CLUSTER,)
        ),
        timetables=timetables,
        checks=checks,
        runs=runs,
        doubts=Doubts(shared.schedules, runs, tasks, over("ledger", stores.mutes)),
        job_states=shared.ledger,
        wakeups=over("lambda", shared.wakeups),
        policy=policy,
        limits=Limits(),
    )
    overdue = OverdueRuns(
        tasks=over("ecs", LiveTasks(ecs)),
        finder=JobFinder(shared.schedules),
        output=SilentRuns(over("ecs", Definitions(account)), over("logs", Logs(ecs))),
        failures=Failures(shared.ledger, shared.ledger, shared.situations),
        modes=shared.situations.modes,
        policy=policy,
        clusters=(CLUSTER,),
        may_stop=shared.may_stop,
    )
    return Searches(stores, ecs, lists, shared.policies, ecs.witness, slots, overdue)
