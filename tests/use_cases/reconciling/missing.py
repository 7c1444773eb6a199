"""An account whose schedules may start nothing, with a clock and a check every five minutes."""

from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cronmend.errors import CronmendError
from cronmend.jobs.policies import JobPolicy
from cronmend.model import CatchUp, LiveTask, StoppedTask
from cronmend.model.alert_wakeups import Timer
from cronmend.use_cases.reconciling.doubts import Doubts
from cronmend.use_cases.reconciling.look_alikes import LookAlikes
from cronmend.use_cases.reconciling.missed_runs import Checked, MissedRuns
from cronmend.use_cases.reconciling.timetables import TimetableReader
from local.memory.alerting import MemoryMutes
from local.memory.timetables import MemoryChecks, MemoryLists, MemoryRuns, MemoryTimetables
from tests.samples import CLUSTER, JOB, schedule, stopped
from tests.use_cases.world import World

PERIOD = timedelta(minutes=5)


def at(clock: str, day: int = 6) -> datetime:
    """A time of the week of May 3rd 2026, which is in summer in London, in UTC."""
    return datetime.fromisoformat(f"2026-05-{day:02}T{clock}:00+00:00")


@dataclass
class Missing:
    """``listed`` are the tasks that ECS lists; ``away`` is its answer if it has none."""

    world: World = field(default_factory=World)
    timetables: MemoryTimetables = field(default_factory=MemoryTimetables)
    checks: MemoryChecks = field(default_factory=MemoryChecks)
    mutes: MemoryMutes = field(default_factory=MemoryMutes)
    policy: JobPolicy = field(default_factory=lambda: JobPolicy(grace=timedelta(minutes=5)))
    changed_at: dict[str, datetime] = field(default_factory=dict)
    listed: list[LiveTask] = field(default_factory=list)
    only_stopped: bool = False
    """Whether these have stopped, and their events are still to come."""
    away: CronmendError | None = None
    asked: int = 0
    """How often ECS was asked."""
    woken: list[Timer] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: at("10:32"))
    clusters: tuple[str, ...] = (CLUSTER,)
    time_up: bool = False

    def __post_init__(self) -> None:
        self.lists = MemoryLists(lambda: self.world.schedules.schedules, self.changed_at)
        self.change(expression="cron(0 * * * ? *)", created=at("00:00", 1))
        self.changed_at[JOB] = at("00:00", 1)

    def change(self, job: str = JOB, **changes: Any) -> None:
        known = self.world.schedules.schedules.get(job) or schedule(2, job=job)
        self.world.schedules.schedules[job] = replace(known, **changes)
        self.changed_at[job] = self.now

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        self.asked += 1
        if self.away:
            raise self.away
        return [] if self.only_stopped else self.listed

    def stopped(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        if self.away:
            raise self.away
        return self.listed if self.only_stopped else []

    def wake(self, timer: Timer) -> None:
        self.woken.append(timer)

    def check(self) -> Checked:
        runs, alike = MemoryRuns(self.world.ledger), LookAlikes(self.world.ledger, self.timetables)
        use_case = MissedRuns(
            reader=TimetableReader(self.timetables, self.checks, self.lists, alike, self.of, self.clusters),
            timetables=self.timetables,
            checks=self.checks,
            runs=runs,
            doubts=Doubts(self.world.known_schedules, runs, self, self.mutes),
            job_states=self.world.ledger,
            wakeups=self,
            policy=self.of,
            limits=self.world.limits,
        )
        return use_case.check(self.now, lambda: self.time_up)

    def of(self, job: str) -> JobPolicy:
        return replace(self.policy, job=job)

    def until(self, end: datetime) -> list[datetime]:
        """Checks every five minutes until a time; returns the slots that were missed."""
        found: list[datetime] = []
        while self.now + PERIOD <= end:
            self.now += PERIOD
            result = self.check()
            assert not result.failed
            found += [slot for _, slots in result.missed for slot in slots]
        return found

    def runs(self, clock: str, exit_code: int = 0, seconds: float = 20, **changes: Any) -> None:
        """A run that the schedule started at this time, and that has ended since."""
        created = at(clock) + timedelta(seconds=seconds)
        task = stopped(
            f"run-{clock}-{seconds}",
            exit_code=exit_code,
            **{"created_at": created, "stopped_at": created + timedelta(minutes=1), **changes},
        )
        self.world.stopped.handle(task, task.stopped_at or self.now)

    @property
    def told(self) -> list[str]:
        return [each.report.headline for each in self.world.ledger.messages]


def live(task: StoppedTask) -> LiveTask:
    """The task as ECS lists it."""
    return LiveTask(
        task.task_arn, task.cluster_arn, task.task_definition, task.started_by, task.overrides, task.created_at
    )


CATCHES_UP = JobPolicy(grace=timedelta(minutes=5), catch_up=CatchUp.ONCE)
