"""The use cases with the fakes, built as wiring/ does for AWS."""

from collections.abc import Callable, Iterable, Mapping
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cronmend.deploys import Bounds
from cronmend.deploys.holds import Which
from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.refusal import Refusal
from cronmend.model import Container, Policy, StoppedTask
from cronmend.model.incident import Attempt, Incident, RunRecord
from cronmend.model.wakeups import HealingTimer, HoldTimer, ReleaseTimer, RerunTimer
from cronmend.use_cases.deploy_facts import Deploys
from cronmend.use_cases.deploy_state import HandleDeployEvent, Watch
from cronmend.use_cases.evidence import EvidenceCollector
from cronmend.use_cases.healing.attempts import Attempts
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.use_cases.healing.held_schedules import Holder
from cronmend.use_cases.healing.own_holds import SchedulesWithHolds
from cronmend.use_cases.healing.released_schedules import Releaser
from cronmend.use_cases.healing.requested_run import RunOnRequest
from cronmend.use_cases.healing.run_task import TaskStarter
from cronmend.use_cases.rerun import HandleTimer
from cronmend.use_cases.task_state import HandleStoppedTask
from local.memory.deploys import MemoryCircuit, MemoryDeployNotes, MemoryHolds
from local.memory.ledger import MemoryLedger
from local.memory.timetables import MemoryTimetables
from tests.fakes import (
    NOW,
    FakeDefinitions,
    FakeLogs,
    FakeModes,
    FakeSchedules,
    FakeServices,
    FakeSwitches,
    FakeTasks,
    FakeTimers,
)
from tests.samples import CLUSTER, JOB, RACE_LOG, definition, schedule, service, stopped

NO_ROOM = Refusal("Capacity is unavailable at this time", passes=True)


@dataclass
class World:
    """Release 2 is in the schedule, release 1 in the service: the deploy is open."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    timers: FakeTimers[HealingTimer] = field(default_factory=FakeTimers)
    schedules: FakeSchedules = field(default_factory=lambda: FakeSchedules({JOB: schedule(2)}))
    services: FakeServices = field(default_factory=lambda: FakeServices((service(1),)))
    notes: MemoryDeployNotes = field(default_factory=MemoryDeployNotes)
    tasks: FakeTasks = field(default_factory=FakeTasks)
    logs: FakeLogs = field(default_factory=FakeLogs)
    policy: Policy = Policy.SAFE
    modes: FakeModes = field(default_factory=FakeModes)
    memory_step: bool = False
    deadline: timedelta = timedelta(hours=1)
    expects: Mapping[str, Any] = field(default_factory=dict)
    """Of its log: keys of JobPolicy."""
    limits: Limits = field(default_factory=Limits)
    budget: Budget = field(default_factory=Budget)
    holds: MemoryHolds = field(default_factory=MemoryHolds)
    timetables: MemoryTimetables = field(default_factory=MemoryTimetables)
    which: Which = Which.NONE
    errors: list[tuple[Exception, str]] = field(default_factory=list)
    """Those that no code expected, each with its job."""
    circuit: MemoryCircuit = field(init=False)
    switches: FakeSwitches = field(init=False)

    def __post_init__(self) -> None:
        self.switches = FakeSwitches(self.schedules)
        self.circuit = MemoryCircuit(self.ledger if isinstance(self.ledger, MemoryLedger) else MemoryLedger())

    @property
    def known_schedules(self) -> SchedulesWithHolds:
        return SchedulesWithHolds(self.schedules, self.holds)

    @property
    def definitions(self) -> FakeDefinitions:
        return FakeDefinitions({f"webapp:{revision}": definition(revision) for revision in (1, 2, 3)})

    @property
    def deploys(self) -> Deploys:
        return Deploys(self.definitions, self.services, self.notes, Bounds())

    def of(self, job: str) -> JobPolicy:
        known = JobPolicy(job, rerun=self.policy, container="web", memory_step=self.memory_step, deadline=self.deadline)
        return replace(known, **self.expects)

    @property
    def stopped(self) -> HandleStoppedTask:
        collector = EvidenceCollector(self.known_schedules, self.definitions, self.logs, self.deploys)
        return HandleStoppedTask(
            collector=collector,
            job_states=self.ledger,
            records=self.ledger,
            timers=self.timers,
            situations=self.situations,
            on_error=self.on_error,
        )

    def on_error(self, error: Exception, job: str) -> None:
        self.errors.append((error, job))

    @property
    def due(self) -> HandleTimer:
        return HandleTimer(
            job_states=self.ledger,
            records=self.ledger,
            schedules=self.known_schedules,
            deploys=self.deploys,
            timers=self.timers,
            situations=self.situations,
            attempts=Attempts(self.ledger, self.known_schedules, self.timers, self.situations, self.starter),
            on_error=self.on_error,
        )

    @property
    def requested(self) -> RunOnRequest:
        return RunOnRequest(self.ledger, self.ledger, self.known_schedules, self.deploys, self.situations, self.starter)

    @property
    def starter(self) -> TaskStarter:
        return TaskStarter(self.known_schedules, self.tasks, self.of)

    @property
    def situations(self) -> SituationCollector:
        return SituationCollector(self.tasks, self.circuit, self.modes, self.of, self.limits, self.budget)

    @property
    def deploy(self) -> HandleDeployEvent:
        watch = Watch((CLUSTER,), Bounds(), {"site-prod": "webapp"}, ("upgrade-schema",))
        return HandleDeployEvent(
            self.ledger, self.ledger, self.notes, self.services, self.definitions, self.timers, watch, self.holder
        )

    @property
    def holder(self) -> Holder:
        return Holder(
            holds=self.holds,
            schedules=self.schedules,
            timetables=self.timetables,
            switches=self.switches,
            timers=self.timers,
            modes=self.modes,
            notes=self.notes,
            which=self.which,
            listed=[JOB, "cronmend-jobs/gone"],
        )

    @property
    def release(self) -> Releaser:
        return Releaser(
            (CLUSTER,), self.holds, self.ledger, self.schedules, self.switches, self.timers, self.limits, self.of
        )

    def wakes(self, timer: HealingTimer, at: datetime) -> str:
        """Handle a timer, as functions/rerun/app.py does."""
        match timer:
            case HoldTimer():
                return self.release.handle(timer, at)
            case RerunTimer() | ReleaseTimer():
                return self.due.handle(timer, at)

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


def behaving(port: object, **methods: Callable[..., Any]) -> None:
    """Replace methods of a port, which then behaves as no fake does."""
    for name, method in methods.items():
        setattr(port, name, method)


def out_of_capacity(task_id: str = "a1") -> StoppedTask:
    """A task that never started, for a reason that passes."""
    return stopped(task_id, exit_code=None)


def of_job(job: str, task: StoppedTask) -> StoppedTask:
    """The same end of a run of another job."""
    declared = replace(task.overrides[0], environment={"CRONMEND_JOB": job})
    return replace(task, overrides=(declared,), started_by=f"chronos-schedule/{job.rsplit('/', 1)[-1]}")


def killed(task_id: str = "a1") -> StoppedTask:
    container = Container("web", 137, reason="OutOfMemoryError: Container killed due to memory usage")
    return replace(stopped(task_id), containers=(container,))


def rerun_timer(world: World) -> RerunTimer:
    return max(world.timers.of(RerunTimer), key=lambda timer: (timer.attempt, timer.rechecks))


def unstarted(world: World | None = None) -> World:
    world = world or World()
    world.stopped.handle(out_of_capacity(), NOW)
    return world


__all__ = ["CLUSTER", "NO_ROOM", "World", "behaving", "killed", "of_job", "out_of_capacity", "rerun_timer", "unstarted"]
