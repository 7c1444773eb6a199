"""Runs that hang and starts that are refused, planted in ordinary life: what is found of them, and what else is."""

import random
from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cli.bench.ordinary_runs import HANGS, START, Job, Run, job_of, ordinary_jobs, runs_of
from cli.bench.storm_site import CLUSTER, DEFINITION, Definitions, MemoryTimers, World
from cronmend.healing import order
from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits
from cronmend.jobs.overdue import FEWEST
from cronmend.model import Creation, LiveTask, LogPlace, StoppedTask, TaskDefinitionRef
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

PERIOD = timedelta(minutes=5)
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


@dataclass
class _Tasks:
    active: list[Run] = field(default_factory=list)

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
    jobs = {job.name: job for job in ordinary_jobs(chance)}
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
    runs = [run for job in jobs.values() for run in runs_of(job, days, chance)]
    coming = sorted(runs, key=lambda each: each.task.created_at or START)
    found: dict[str, datetime] = {}
    now, end = START, START + timedelta(days=days)
    while now < end:
        now += PERIOD
        while coming and (coming[0].task.created_at or START) < now:
            run = coming.pop(0)
            run.countable = bool(jobs[job_of(run)].limit) or _known(ledger, job_of(run)) >= FEWEST
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
    jobs = {job.name: job for job in ordinary_jobs(chance)}
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


def _failures(ledger: MemoryLedger, jobs: dict[str, Job]) -> Failures:
    world = World(lambda _: ())
    collector = SituationCollector(world, world, world, lambda job: jobs[job].policy, Limits(), Budget())
    return Failures(ledger, ledger, collector)


def _known(ledger: MemoryLedger, job: str) -> int:
    return len(ledger.read(job).history.durations)


def _is_told(ledger: MemoryLedger, run: Run) -> bool:
    return ledger.run(f"overdue-{run.task.task_arn.rpartition('/')[2]}") is not None


def _is_over(run: Run, found: dict[str, datetime], now: datetime) -> bool:
    if run.ends:
        return run.ends <= now
    told = found.get(run.task.task_arn)
    return now - (run.task.created_at or START) > timedelta(days=1) or (told is not None and now - told > PERIOD * 12)


def _remember(ledger: MemoryLedger, run: Run) -> None:
    """A run that ended well; of one that hung, nothing is learned."""
    created = run.task.created_at
    if run.ends is None or created is None:
        return
    state = ledger.read(job_of(run))
    task = StoppedTask(
        run.task.task_arn, CLUSTER, run.task.task_definition, DEFINITION, started_at=created, stopped_at=run.ends
    )
    creation = Creation(created, run.task.started_by)
    ledger.job_states[job_of(run)] = replace(state, history=order.remembered(state.history, task, creation))


def _figures(runs: Sequence[Run], jobs: dict[str, Job], found: dict[str, datetime], end: datetime) -> OverdueFigures:
    """A run that hangs in the last hours may still be within its limit."""
    longest = max(4 * job.usual for job in jobs.values()) + 3600
    old = end - timedelta(seconds=longest)
    hanging = [each for each in runs if each.ends is None and each.countable and (each.task.created_at or START) < old]
    arns = {each.task.task_arn for each in hanging}
    late = [
        (found[each.task.task_arn] - (each.task.created_at or START) - limit).total_seconds() / 60
        for each in hanging
        if (limit := jobs[job_of(each)].limit) and each.task.task_arn in found
    ]
    ordinary = {each.task.task_arn for each in runs if each.ends}
    return OverdueFigures(
        len(runs), len(arns), len(arns & found.keys()), len(ordinary & found.keys()), round(max(late, default=0), 1)
    )
