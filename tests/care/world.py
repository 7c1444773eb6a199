"""The use cases over the fakes, as wiring.py puts them over AWS."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cronmend.care.deploy import DeployCare
from cronmend.care.due import Budget, DueCare
from cronmend.care.gather import Deploys, Gatherer
from cronmend.care.stopped import StoppedCare
from cronmend.deploys import Bounds
from cronmend.model import Container, Mode, Policy, StoppedTask
from cronmend.policies import JobPolicy
from cronmend.records import Attempt, Incident, RunRecord
from cronmend.treat import Limits
from tests.fakes import NOW, FakeDefinitions, FakeLedger, FakeLogs, FakeSchedules, FakeServices, FakeTasks, FakeTimers
from tests.samples import CLUSTER, JOB, RACE_LOG, definition, schedule, service, stopped


@dataclass
class World:
    """Release 2 is in the schedule, release 1 in the service: the deploy is open."""

    ledger: FakeLedger = field(default_factory=FakeLedger)
    timers: FakeTimers = field(default_factory=FakeTimers)
    schedules: FakeSchedules = field(default_factory=lambda: FakeSchedules({JOB: schedule(2)}))
    services: FakeServices = field(default_factory=lambda: FakeServices((service(1),)))
    tasks: FakeTasks = field(default_factory=FakeTasks)
    logs: FakeLogs = field(default_factory=FakeLogs)
    policy: Policy = Policy.SAFE
    mode: Mode = Mode.HEAL
    limits: Limits = field(default_factory=Limits)
    budget: Budget = field(default_factory=Budget)

    @property
    def definitions(self) -> FakeDefinitions:
        return FakeDefinitions({f"webapp:{revision}": definition(revision) for revision in (1, 2, 3)})

    @property
    def deploys(self) -> Deploys:
        return Deploys(self.definitions, self.services, Bounds())

    def of(self, job: str) -> JobPolicy:
        return JobPolicy(job, rerun=self.policy, container="web")

    @property
    def stopped(self) -> StoppedCare:
        gatherer = Gatherer(self.schedules, self.definitions, self.logs, self.deploys)
        return StoppedCare(gatherer, self.ledger, self.ledger, self.timers, self.of, self.mode, self.limits)

    @property
    def due(self) -> DueCare:
        return DueCare(
            books=self.ledger,
            records=self.ledger,
            schedules=self.schedules,
            deploys=self.deploys,
            tasks=self.tasks,
            timers=self.timers,
            policy=self.of,
            mode=self.mode,
            limits=self.limits,
            budget=self.budget,
        )

    @property
    def deploy(self) -> DeployCare:
        return DeployCare(self.ledger, self.ledger, self.services, self.timers)

    def fails(self, task: StoppedTask | None = None, log: tuple[str, ...] = RACE_LOG, at: datetime = NOW) -> RunRecord:
        task = task or stopped()
        self.logs.logs[f"web/web/{task.task_id}"] = log
        return self.stopped.handle(task, at)

    def succeeds(self, task: StoppedTask | None = None, at: datetime = NOW + timedelta(minutes=6)) -> RunRecord:
        task = task or stopped("b2", exit_code=0, created_at=at - timedelta(minutes=1), stopped_at=at)
        return self.stopped.handle(task, at)

    def finish_deploy(self, at: datetime = NOW + timedelta(minutes=5)) -> None:
        self.services.services = (service(2, "COMPLETED", created=at, updated=at),)

    @property
    def incident(self) -> Incident:
        found = self.ledger.read(JOB).incident
        assert found is not None
        return found

    @property
    def told(self) -> list[tuple[str, str]]:
        """Kind and what happens of each message, in order."""
        return [(message.report.kind.value, message.report.what_happens) for message in self.ledger.messages]

    def rerun_of(self, attempt: Attempt, exit_code: int, at: datetime) -> StoppedTask:
        """How the run of a claimed attempt ends."""
        return stopped(
            f"rerun-{attempt.number}",
            exit_code=exit_code,
            started_by=f"cronmend/{attempt.key}",
            created_at=at - timedelta(minutes=1),
            stopped_at=at,
        )

    def attempts(self) -> Iterable[Attempt]:
        return self.ledger.attempts.values()


def out_of_capacity(task_id: str = "a1") -> StoppedTask:
    """A task that never started, for a reason that passes."""
    return stopped(task_id, exit_code=None)


def killed(task_id: str = "a1") -> StoppedTask:
    container = Container("web", 137, reason="OutOfMemoryError: Container killed due to memory usage")
    return replace(stopped(task_id), containers=(container,))


__all__ = ["CLUSTER", "World", "killed", "out_of_capacity"]
