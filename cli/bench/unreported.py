"""Runs that hang and starts that are refused, planted in ordinary life: what is found of them, and what else is."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cli.bench.storm_site import CLUSTER, DEFINITION, Definitions, MemoryTimers, World
from cronmend.healing import order
from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits
from cronmend.jobs.identity import JOB_VARIABLE, SCHEDULER
from cronmend.jobs.overdue import FEWEST
from cronmend.jobs.policies import JobPolicy
from cronmend.model import ContainerOverride, Creation, LiveTask, LogPlace, Policy, StoppedTask, TaskDefinitionRef
from cronmend.model.runs import TaskDefinition
from cronmend.model.start_failures import StartFailure
from cronmend.ports.overdue import Alive
from cronmend.redact import redact
from cronmend.use_cases.evidence import JobFinder
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.use_cases.healing.failures import Failures, RecordUnreported
from cronmend.use_cases.reconciling.overdue_runs import OverdueRuns
from cronmend.use_cases.reconciling.silent_runs import SilentRuns
from cronmend.use_cases.start_failure import HandleStartFailure, key_of
from local.memory.ledger import MemoryLedger

START = datetime(2026, 1, 1, tzinfo=UTC)
PERIOD = timedelta(minutes=5)
JOBS = 20
HANGS = 0.01
"""The share of runs that hang."""
SPREAD = 0.2
"""Of the logarithm of an ordinary run's duration: nine of ten runs are within 39 % of the usual."""
TWICE = 0.1
"""The share of dead letters that are delivered again."""
_KINDS = (
    ("ThrottlingException", "Rate exceeded"),
    ("LimitExceededException", "You've reached the limit on concurrent tasks"),
    ("AccessDeniedException", "User is not authorized to perform: ecs:RunTask"),
    ("InvalidParameterException", "Override for container named app is not a container in the TaskDefinition."),
    ("ClientException", "TaskDefinition is inactive"),
    ("ClusterNotFoundException", "Cluster not found."),
)


@dataclass(frozen=True, slots=True)
class OverdueFigures:
    runs: int
    planted: int
    """Runs that hang, of a job with a max_runtime or with enough runs before."""
    found: int
    false_alarms: int
    slowest_minutes: float
    """From the end of the time that a run may take until it was found, at most."""


@dataclass(frozen=True, slots=True)
class StartFigures:
    starts: int
    planted: int
    found: int
    false_alarms: int
    """Records of slots whose start was not refused, or that have more than one."""


@dataclass(slots=True)
class _Run:
    task: LiveTask
    ends: datetime | None
    """None if it hangs."""
    countable: bool = True
    """Whether Cronmend can know that it takes too long."""


@dataclass
class _Job:
    name: str
    usual: float
    """Seconds."""
    limit: timedelta | None
    every: timedelta

    @property
    def policy(self) -> JobPolicy:
        return JobPolicy(self.name, rerun=Policy.NEVER, max_runtime=self.limit, attempts=0)


@dataclass
class _Tasks:
    active: list[_Run] = field(default_factory=list)

    def alive(self, cluster_arn: str) -> Alive:
        return Alive([each.task for each in self.active])

    def stop(self, task: LiveTask, reason: str) -> None:
        raise NotImplementedError("no job is stopped")


class _NoLogs:
    """No job says how long it may be silent, so no log is read."""

    def get(self, reference: str) -> TaskDefinition:
        raise NotImplementedError("no task definition is read")

    def last_event_at(self, place: LogPlace) -> datetime | None:
        raise NotImplementedError("no log is read")


def overdue(days: int, seed: int) -> OverdueFigures:
    """Play hourly and daily jobs; a run that hangs is stopped by a person an hour after it was found, or next day."""
    chance = random.Random(seed)  # noqa: S311 # a history, not a secret
    jobs = {job.name: job for job in _jobs(chance)}
    ledger, tasks = MemoryLedger(), _Tasks()
    check = OverdueRuns(
        tasks=tasks,
        finder=JobFinder(World(lambda _: ())),
        output=SilentRuns(_NoLogs(), _NoLogs()),
        failures=_failures(ledger, jobs),
        modes=World(lambda _: ()),
        policy=lambda job: jobs[job].policy,
        clusters=(CLUSTER,),
        may_stop=False,
    )
    runs = [run for job in jobs.values() for run in _runs(job, days, chance)]
    coming = sorted(runs, key=lambda each: each.task.created_at or START)
    found: dict[str, datetime] = {}
    now, end = START, START + timedelta(days=days)
    while now < end:
        now += PERIOD
        while coming and (coming[0].task.created_at or START) < now:
            run = coming.pop(0)
            run.countable = bool(jobs[_job(run)].limit) or _known(ledger, _job(run)) >= FEWEST
            tasks.active.append(run)
        for run in [each for each in tasks.active if _is_over(each, found, now)]:
            tasks.active.remove(run)
            _remember(ledger, run)
        failed = check.check(now).failed
        if failed:
            raise RuntimeError(failed[0][1])
        told = (run.task.task_arn for run in tasks.active if _is_told(ledger, run))
        found = dict.fromkeys(told, now) | found
    return _figures(runs, jobs, found, end)


def starts(days: int, seed: int) -> StartFigures:
    """Play hourly slots, of which some are refused and a few of their dead letters come twice."""
    chance = random.Random(seed)  # noqa: S311 # a history, not a secret
    jobs = {job.name: job for job in _jobs(chance)}
    ledger, world = MemoryLedger(), World(lambda _: ())
    handle = HandleStartFailure(
        schedules=world,
        definitions=Definitions(),
        recorder=RecordUnreported(_failures(ledger, jobs), MemoryTimers()),
        policy=lambda job: jobs[job].policy,
        clusters=(CLUSTER,),
        hide=redact,
    )
    planted: set[str] = set()
    slots = [(job, START + timedelta(hours=hour)) for hour in range(days * 24) for job in jobs]
    for job, slot in slots:
        if chance.random() >= HANGS:
            continue
        planted.add(key_of(job, slot))
        code, message = chance.choice(_KINDS)
        failure = StartFailure(job, "", slot, code, message, 0, CLUSTER, TaskDefinitionRef.parse(DEFINITION))
        for _ in range(2 if chance.random() < TWICE else 1):
            handle.handle(failure, slot + timedelta(seconds=chance.randrange(600)))
    return StartFigures(len(slots), len(planted), len(planted & ledger.runs.keys()), len(ledger.runs.keys() - planted))


def _jobs(chance: random.Random) -> Iterator[_Job]:
    """Half of them have a max_runtime, of four times what a run usually takes."""
    for number in range(JOBS):
        usual = chance.choice((8, 40, 200, 900, 2400))
        limit = timedelta(seconds=max(60, 4 * usual)) if number % 2 else None
        yield _Job(f"nightly/job-{number}", usual, limit, timedelta(hours=chance.choice((1, 2, 6))))


def _runs(job: _Job, days: int, chance: random.Random) -> Iterator[_Run]:
    overrides = (ContainerOverride("web", (), {JOB_VARIABLE: job.name}),)
    for number in range(int(timedelta(days=days) / job.every)):
        at = START + number * job.every + timedelta(seconds=chance.random() * 60)
        seconds = job.usual * chance.lognormvariate(0, SPREAD)
        hangs = chance.random() < HANGS
        arn = f"{CLUSTER.replace(':cluster/', ':task/')}/{job.name.rpartition('/')[2]}-{number}"
        task = LiveTask(
            arn,
            CLUSTER,
            TaskDefinitionRef("webapp", 2),
            f"{SCHEDULER}{job.name.rpartition('/')[2]}",
            overrides,
            created_at=at,
            started_at=at,
            last_status="RUNNING",
        )
        yield _Run(task, None if hangs else at + timedelta(seconds=seconds))


def _failures(ledger: MemoryLedger, jobs: dict[str, _Job]) -> Failures:
    world = World(lambda _: ())
    collector = SituationCollector(world, world, world, lambda job: jobs[job].policy, Limits(), Budget())
    return Failures(ledger, ledger, collector)


def _job(run: _Run) -> str:
    return run.task.overrides[0].environment[JOB_VARIABLE]


def _known(ledger: MemoryLedger, job: str) -> int:
    return len(ledger.read(job).history.durations)


def _is_told(ledger: MemoryLedger, run: _Run) -> bool:
    return ledger.run(f"overdue-{run.task.task_arn.rpartition('/')[2]}") is not None


def _is_over(run: _Run, found: dict[str, datetime], now: datetime) -> bool:
    if run.ends:
        return run.ends <= now
    told = found.get(run.task.task_arn)
    return now - (run.task.created_at or START) > timedelta(days=1) or (told is not None and now - told > PERIOD * 12)


def _remember(ledger: MemoryLedger, run: _Run) -> None:
    """A run that ended well; of one that hung, nothing is learned."""
    created = run.task.created_at
    if run.ends is None or created is None:
        return
    state = ledger.read(_job(run))
    task = StoppedTask(
        run.task.task_arn, CLUSTER, run.task.task_definition, DEFINITION, started_at=created, stopped_at=run.ends
    )
    creation = Creation(created, run.task.started_by)
    ledger.job_states[_job(run)] = replace(state, history=order.remembered(state.history, task, creation))


def _figures(runs: Sequence[_Run], jobs: dict[str, _Job], found: dict[str, datetime], end: datetime) -> OverdueFigures:
    """A run that hangs in the last hours may still be within its limit."""
    longest = max(4 * job.usual for job in jobs.values()) + 3600
    old = end - timedelta(seconds=longest)
    hanging = [each for each in runs if each.ends is None and each.countable and (each.task.created_at or START) < old]
    arns = {each.task.task_arn for each in hanging}
    late = [
        (found[each.task.task_arn] - (each.task.created_at or START) - limit).total_seconds() / 60
        for each in hanging
        if (limit := jobs[_job(each)].limit) and each.task.task_arn in found
    ]
    ordinary = {each.task.task_arn for each in runs if each.ends}
    return OverdueFigures(
        len(runs), len(arns), len(arns & found.keys()), len(ordinary & found.keys()), round(max(late, default=0), 1)
    )
