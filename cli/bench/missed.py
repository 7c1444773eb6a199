"""``cronmend bench missed``: play a year in which slots have no run, and compare what is found with what was missed."""

import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cli.bench.missed_year import GRACE, Job, Run, Year, year
from cronmend.healing import after_run
from cronmend.healing.outcome import Outcome
from cronmend.healing.situation import Limits
from cronmend.jobs.identity import OWN, SCHEDULER
from cronmend.jobs.policies import JobPolicy
from cronmend.model import (
    Category,
    ContainerOverride,
    Diagnosis,
    Identity,
    LiveSchedule,
    LiveTask,
    StoppedTask,
    TaskDefinitionRef,
)
from cronmend.model.alert_wakeups import Timer
from cronmend.model.timetables import Listed, RecordedRun
from cronmend.use_cases.commit import commit
from cronmend.use_cases.reconciling.doubts import Doubts
from cronmend.use_cases.reconciling.look_alikes import LookAlikes
from cronmend.use_cases.reconciling.missed_runs import MissedRuns
from cronmend.use_cases.reconciling.timetables import TimetableReader
from local.memory.alerting import MemoryMutes
from local.memory.ledger import MemoryLedger
from local.memory.timetables import MemoryChecks, MemoryTimetables

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 365
PERIOD = timedelta(minutes=5)
ECS_LISTS = timedelta(hours=1)
"""How long ECS lists a task after its end."""
CLUSTER = "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod"
_DEFINITION = "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:2"


@dataclass(frozen=True, slots=True)
class MissedFigures:
    slots: int
    missed: int
    """Slots for which no run was created in time."""
    found: int
    """How many of them were found."""
    false_alarms: int
    """Slots that were found and had a run, or none was due."""
    slowest_minutes: float
    """From the end of a slot's grace until it was found, at most; outages of Cronmend apart."""
    incidents: int
    messages: int
    checks: int
    seconds: float


@dataclass
class _Account:
    """The schedules, ECS's list of tasks and the recorded runs, as they are at ``now``."""

    year: Year
    now: datetime = START
    schedules: dict[str, tuple[int, LiveSchedule]] = field(default_factory=dict)
    """By job: the number of its definition, and the schedule."""
    recorded: dict[str, list[tuple[datetime, RecordedRun]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jobs = {job.name: job for job in self.year.jobs}
        self.recorded = {name: [] for name in self.jobs}
        self._runs = sorted(((job, run) for job in self.year.jobs for run in job.runs), key=_created)

    def advance(self, now: datetime) -> None:
        self.now = now
        for job in self.year.jobs:
            number = sum(each.since <= now for each in job.definitions) - 1
            if self.schedules.get(job.name, (-1,))[0] != number:
                self.schedules[job.name] = number, _live(job, number)

    def listed(self) -> Sequence[Listed]:
        return [
            Listed(name, str(number), self.jobs[name].definitions[number].since)
            for name, (number, _) in self.schedules.items()
        ]

    def read(self, source: str) -> Sequence[LiveSchedule]:
        return [self.schedules[source][1]]

    def get(self, job: str) -> LiveSchedule:
        return self.schedules[job][1]

    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule]:
        return [each for _, each in self.schedules.values() if each.name.startswith(prefix)]

    def since(self, job: str, at: datetime, *, newest: bool = True) -> Sequence[RecordedRun]:
        runs = self.recorded[job]
        return [run for _, run in runs[bisect_left(runs, at, key=lambda each: each[0]) :]]

    def latest(self, job: str, most: int) -> Sequence[RecordedRun]:
        return [run for _, run in self.recorded[job][-most:]]

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return [_task(job, run) for job, run in self._created_lately() if self.now < run.ends]

    def stopped(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return [_task(job, run) for job, run in self._created_lately() if run.ends <= self.now < run.ends + ECS_LISTS]

    def _created_lately(self) -> Sequence[tuple[Job, Run]]:
        """Of every job: the family's tasks are those of all of them. No run takes half an hour."""
        first, end = (bisect_left(self._runs, at, key=_created) for at in (self.now - 2 * ECS_LISTS, self.now))
        return self._runs[first:end]

    def wake(self, timer: Timer) -> None:
        raise NotImplementedError("no job catches up")


def _created(run: tuple[Job, Run]) -> datetime:
    return run[1].created


def missed(days: int, seed: int, progress: Callable[[int], None], start: datetime = START) -> MissedFigures:
    """Args: progress: takes how many days were played."""
    began = time.perf_counter()
    history = year(start, days, seed)
    account, ledger = _Account(history), MemoryLedger()
    ends = sorted(((run.ends, job, run) for job in history.jobs for run in job.runs), key=lambda each: each[0])
    found: dict[tuple[str, datetime], datetime] = {}
    use_case, at, checks, ended = _use_case(account, ledger), start, 0, 0
    while at < start + timedelta(days=days):
        if not any(begin <= at < end for begin, end in history.outages):
            account.advance(at)
            while ended < len(ends) and ends[ended][0] <= at:
                _record(account, ledger, *ends[ended][1:])
                ended += 1
            result = use_case.check(at)
            if result.failed:
                raise RuntimeError(f"{result.failed[0][0]}: {result.failed[0][1]}")
            for name, slots in result.missed:
                found |= {(name, slot): at for slot in slots if (name, slot) not in found}
            checks += 1
        at += PERIOD
        if (at - start) % timedelta(days=1) < PERIOD:
            progress((at - start).days)
    return _figures(history, ledger, found, at, checks, began)


def _figures(
    history: Year,
    ledger: MemoryLedger,
    found: dict[tuple[str, datetime], datetime],
    end: datetime,
    checks: int,
    began: float,
) -> MissedFigures:
    """Slots of the last half hour are left out: their runs may still come."""
    over = end - timedelta(minutes=30)
    missed = {(job.name, slot) for job in history.jobs for slot in job.missed if slot < over}
    either = {(job.name, slot) for job in history.jobs for slot in (*job.either, *job.missed)}
    grace = {job.name: job.flexible + timedelta(minutes=1) + GRACE for job in history.jobs}
    waits = [
        found[each] - each[1] - grace[each[0]]
        for each in missed & found.keys()
        if not any(
            start - PERIOD <= each[1] + grace[each[0]] + PERIOD < end + timedelta(hours=1)
            for start, end in history.outages
        )
    ]
    return MissedFigures(
        slots=sum(len(job.slots) for job in history.jobs),
        missed=len(missed),
        found=len(missed & found.keys()),
        false_alarms=len(found.keys() - either),
        slowest_minutes=round(max(waits, default=timedelta(0)) / timedelta(minutes=1), 1),
        incidents=len({each.incident for each in ledger.messages}),
        messages=len(ledger.messages),
        checks=checks,
        seconds=round(time.perf_counter() - began, 1),
    )


def _use_case(account: _Account, ledger: MemoryLedger) -> MissedRuns:
    timetables, checks = MemoryTimetables(), MemoryChecks()
    return MissedRuns(
        reader=TimetableReader(timetables, checks, account, LookAlikes(ledger, timetables), _policy, (CLUSTER,)),
        timetables=timetables,
        checks=checks,
        runs=account,
        doubts=Doubts(account, account, account, MemoryMutes()),
        job_states=ledger,
        wakeups=account,
        policy=_policy,
        limits=Limits(),
    )


def _policy(job: str) -> JobPolicy:
    return JobPolicy(job, grace=GRACE)


def _live(job: Job, number: int) -> LiveSchedule:
    definition = job.definitions[number]
    return LiveSchedule(
        job=job.name,
        arn="",
        enabled=definition.enabled,
        expression=definition.expression,
        timezone=job.zone,
        cluster_arn=CLUSTER,
        parameters={"TaskDefinitionArn": _DEFINITION},
        target_input=f'{{"containerOverrides": [{{"name": "web", "command": ["{job.name}"]}}]}}',
        created=START - timedelta(days=1),
        flexible=job.flexible,
    )


def _task(job: Job, run: Run) -> LiveTask:
    slot = {"CRONMEND_SLOT": run.slot.isoformat()} if run.named else {}
    override = ContainerOverride("web", (job.name,), slot)
    arn = f"{CLUSTER.replace(':cluster/', ':task/')}/{job.name}-{run.created.timestamp():.0f}"
    return LiveTask(arn, CLUSTER, TaskDefinitionRef("webapp", 2), _starter(job, run), (override,), run.created)


def _starter(job: Job, run: Run) -> str:
    return f"{OWN}{run.created.timestamp():.0f}" if run.by_hand else f"{SCHEDULER}{job.name.partition('/')[2][:19]}"


def _record(account: _Account, ledger: MemoryLedger, job: Job, run: Run) -> None:
    """The run succeeded, and task_state records it."""
    slot = run.slot.isoformat() if run.named else ""
    account.recorded[job.name].append((run.ends, RecordedRun(run.created, _starter(job, run), slot)))
    task = StoppedTask(
        _task(job, run).task_arn,
        CLUSTER,
        TaskDefinitionRef("webapp", 2),
        _DEFINITION,
        started_by=_starter(job, run),
        created_at=run.created,
        started_at=run.created,
        stopped_at=run.ends,
    )
    who = Identity(job.name, certain=True, reason="", schedule=account.get(job.name))
    outcome = Outcome(task, who, Diagnosis(Category.SUCCESS, "exit_code", "It succeeded."), None, run.ends)
    commit(ledger, job.name, run.ends, lambda job_state: after_run.after_success(job_state, outcome))
    ledger.runs.clear()
