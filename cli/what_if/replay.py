"""Play the past through Cronmend's own use cases, as their functions would have been called.

Nothing here decides: diagnosis, deploy window, plan, guards, budgets and incidents are those that run in Lambda.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from cli.what_if.ending import End
from cli.what_if.past import Past
from cli.what_if.reruns import Reruns, Trust
from cli.what_if.runs import PastRun, run_of, runs_of
from cli.what_if.world import (
    Clock,
    Healing,
    PastDefinitions,
    PastSchedules,
    PastServices,
    PastTasks,
    PastTimers,
    ReplayedLogs,
    World,
)
from cronmend.deploys import Bounds, Progress, Release
from cronmend.deploys.holds import Which
from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits
from cronmend.incoming.deploy_events import OneOffTask, ServiceDeployment
from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.model import Category, Missing, StoppedTask
from cronmend.model.incident import Change, Commit, Incident, RunRecord
from cronmend.model.report import ALERTS, Message, MessageKind
from cronmend.model.start_failures import RefusedStart
from cronmend.model.wakeups import HealingTimer, ReleaseTimer, RerunTimer
from cronmend.redact import Redactor
from cronmend.use_cases.deploy_facts import Deploys
from cronmend.use_cases.deploy_state import HandleDeployEvent, Watch
from cronmend.use_cases.evidence import EvidenceCollector
from cronmend.use_cases.healing.attempts import Attempts
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.use_cases.healing.failures import Failures, RecordUnreported
from cronmend.use_cases.healing.held_schedules import Holder
from cronmend.use_cases.healing.run_task import TaskStarter
from cronmend.use_cases.rerun import HandleTimer
from cronmend.use_cases.start_failure import HandleStartFailure
from cronmend.use_cases.task_state import HandleStoppedTask
from local.memory.deploys import MemoryCircuit, MemoryDeployNotes, MemoryHolds
from local.memory.ledger import MemoryLedger
from local.memory.timetables import MemoryTimetables

_AFTER: Final = timedelta(hours=2)
"""How long after the last event the held alerts of the past are played."""


@dataclass
class KeptLedger(MemoryLedger):
    """Also keeps each incident as it was last: a job's state holds only the latest one."""

    incidents: dict[str, Incident] = field(default_factory=dict)

    def commit(self, change: Change, now: datetime) -> Commit:
        answer = super().commit(change, now)
        if answer is Commit.DONE and (incident := change.job_state.incident):
            self.incidents[incident.id] = incident
        return answer


@dataclass(frozen=True, slots=True)
class Played:
    """What Cronmend recorded and sent in the replay."""

    records: Mapping[str, RunRecord]
    """By the ID of the task; of a start that was refused, by the record's own key."""
    incidents: Mapping[str, Incident]
    alerts: tuple[Message, ...]
    """Those that ask a person to act, oldest first."""
    reruns: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    """When re-runs were started, by incident."""
    errors: tuple[str, ...] = ()
    """Failures of Cronmend's own code."""

    def failures_of(self, incident: str) -> Sequence[str]:
        """The keys of the incident's failures that no re-run was, the first one first."""
        found = [each for each in self.records.values() if each.incident == incident and each.attempt == 1]
        failed = [each for each in found if each.category is not Category.SUCCESS]
        return [each.task_id for each in sorted(failed, key=lambda each: each.created_at or each.stopped_at)]


class _NoSwitches:
    """The replay has no pipeline's markers, and only those hold schedules."""

    def hold(self, job: str, mark: str) -> None:
        raise NotImplementedError

    def release(self, job: str, mark: str) -> bool:
        raise NotImplementedError


class Replay:
    def __init__(self, past: Past, policy: JobPolicy, trust: Trust, runs: Sequence[PastRun] | None = None) -> None:
        self.past = past
        self.runs = runs_of(past) if runs is None else runs
        self.clock = Clock()
        self.world = World(past, self.runs, self.clock)
        self.ledger = KeptLedger()
        self.errors: list[str] = []
        self._build(Policies(defaults=policy), trust)

    def play(self) -> Played:
        for run in self.runs:
            if run.ending.end is not End.NOT_KNOWN:
                self.clock.at(run.ended_at, partial(self._ended, run.task))
        names = {each.rpartition("/")[2] for each in self.past.clusters}
        for refused in self.past.trail.refused:
            if refused.cluster.rpartition("/")[2] in names:
                self.clock.at(refused.at, partial(self._refused, refused))
        self._deploys_happen()
        last = max((each.ended_at for each in self.runs), default=self.past.until)
        self.clock.run(max(self.past.until, last) + _AFTER)
        kinds = {*ALERTS, MessageKind.CIRCUIT}
        alerts = tuple(each for each in self.ledger.messages if each.report.kind in kinds)
        reruns: dict[str, tuple[datetime, ...]] = {}
        for each in self.ledger.attempts.values():
            reruns[each.incident] = (*reruns.get(each.incident, ()), each.claimed_at)
        return Played(self.ledger.runs, self.ledger.incidents, alerts, reruns, tuple(self.errors))

    def _build(self, policies: Policies, trust: Trust) -> None:
        world, ledger, clock = self.world, self.ledger, self.clock
        schedules, definitions, services = PastSchedules(world), PastDefinitions(world), PastServices(world)
        notes, timers, running = MemoryDeployNotes(), PastTimers(clock, self._fired), PastTasks(world)
        clusters = self.past.clusters
        deploys = Deploys(definitions, services, notes, Bounds(), clusters)
        collector = EvidenceCollector(schedules, definitions, ReplayedLogs(world), deploys)
        situations = SituationCollector(running, MemoryCircuit(ledger), Healing(), policies.of, Limits(), Budget())
        reruns = Reruns(world, ledger, trust, self._ended)
        attempts = Attempts(ledger, schedules, timers, situations, TaskStarter(schedules, reruns, policies.of))
        self._stopped = HandleStoppedTask(collector, ledger, ledger, timers, situations, self._failed)
        self._timer = HandleTimer(ledger, ledger, schedules, deploys, timers, situations, attempts, self._failed)
        holder = Holder(
            MemoryHolds(), schedules, MemoryTimetables(), _NoSwitches(), timers, Healing(), notes, Which.NONE, ()
        )
        watch = Watch(clusters, Bounds(), {})
        self._deploy = HandleDeployEvent(ledger, ledger, notes, services, definitions, timers, watch, holder)
        recorder = RecordUnreported(Failures(ledger, ledger, situations), timers)
        self._starts = HandleStartFailure(schedules, definitions, recorder, policies.of, clusters, Redactor())

    def _ended(self, task: StoppedTask) -> None:
        self._stopped.handle(task, self.clock.now)

    def _refused(self, refused: RefusedStart) -> None:
        self._starts.handle_refused(refused, self.clock.now)

    def _fired(self, timer: HealingTimer) -> None:
        if isinstance(timer, RerunTimer | ReleaseTimer):
            self._timer.handle(timer, self.clock.now)

    def _failed(self, error: Exception, job: str) -> None:
        self.errors.append(f"{job or 'a run'}: {type(error).__name__}: {error}")

    def _deploys_happen(self) -> None:
        events: list[ServiceDeployment | OneOffTask] = [*self._ended_deployments(), *self._migrations()]
        for event in events:
            self.clock.at(event.at, partial(self._deploy.handle, event, event.at))

    def _ended_deployments(self) -> Iterator[ServiceDeployment]:
        for each in () if isinstance(self.past.services, Missing) else self.past.services:
            for release in each.ends():
                yield _ended_event(each.present.cluster_arn, each.present.name, release)

    def _migrations(self) -> Iterator[OneOffTask]:
        for start in self.past.migrations:
            yield from _migration_events(run_of(start, self.past))


def _ended_event(cluster_arn: str, service: str, release: Release) -> ServiceDeployment:
    prefix, _, cluster = cluster_arn.rpartition(":cluster/")
    name = "SERVICE_DEPLOYMENT_COMPLETED" if release.progress is Progress.DONE else "SERVICE_DEPLOYMENT_FAILED"
    at = release.finished_at or release.created_at
    return ServiceDeployment("", name, f"{prefix}:service/{cluster}/{service}", "", at)


def _migration_events(run: PastRun) -> Sequence[OneOffTask]:
    """Its start and, if its log says how it ended, its end."""
    task = run.task
    commands = {each.name: each.command for each in task.overrides if each.command}

    def event(at: datetime, *, stopped: bool) -> OneOffTask:
        return OneOffTask(
            "",
            task.task_id,
            task.cluster_arn,
            task.task_definition,
            task.task_definition_arn,
            stopped,
            task.containers,
            commands,
            at,
            run.start.at,
        )

    started = event(run.start.at, stopped=False)
    return [started] if run.ending.end is End.NOT_KNOWN else [started, event(run.ended_at, stopped=True)]
