"""The use cases on simulated ports, built as wiring/ does for AWS, and a handler for each function as its app.py."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cronmend.alerting.conversations import Conversation
from cronmend.alerting.routes import Routes
from cronmend.deploys import Bounds
from cronmend.deploys.holds import Which
from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits
from cronmend.incoming import alert_payloads, deploy_events, own_payloads, start_failures, task_events
from cronmend.jobs.policies import Policies
from cronmend.model.report import Message
from cronmend.model.wakeups import HoldTimer, ReleaseTimer, RerunTimer
from cronmend.redact import Redactor
from cronmend.use_cases.alerting.acknowledge import Acknowledgements
from cronmend.use_cases.deploy_facts import Deploys
from cronmend.use_cases.deploy_state import HandleDeployEvent, Watch
from cronmend.use_cases.evidence import EvidenceCollector
from cronmend.use_cases.failure_alert import AlertingPorts, DeliverMessages
from cronmend.use_cases.healing.attempts import Attempts
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.use_cases.healing.failures import Failures, RecordUnreported
from cronmend.use_cases.healing.held_schedules import Holder
from cronmend.use_cases.healing.own_holds import SchedulesWithHolds
from cronmend.use_cases.healing.released_schedules import Releaser
from cronmend.use_cases.healing.requested_run import RunOnRequest
from cronmend.use_cases.healing.run_task import TaskStarter
from cronmend.use_cases.reconcile import Reconcile
from cronmend.use_cases.rerun import HandleTimer
from cronmend.use_cases.start_failure import HandleStartFailure
from cronmend.use_cases.task_state import HandleStoppedTask
from local.memory.alert_lookups import MemoryLookups
from simulation.account import CLUSTER, Account, at
from simulation.account_ports import Definitions, Modes, Schedules, Services
from simulation.channels import Channel as SimulatedChannel
from simulation.channels import Undelivered
from simulation.ecs import Ecs
from simulation.findings import are_known, findings
from simulation.following import Comparison, follower, switched
from simulation.lambdas import Handler, Timers, Wakeups
from simulation.logs import Logs, WatchedLogs
from simulation.seam import Seam
from simulation.searches import Shared, searches
from simulation.stores import Stores
from simulation.witness import Witness

PIPELINE = "site-prod"


@dataclass(frozen=True, slots=True)
class Outside:
    """The parts of the simulated account that the use cases can reach."""

    account: Account
    ecs: Ecs
    timers: Timers
    wakeups: Wakeups
    channels: Mapping[str, SimulatedChannel]
    routes: Routes
    policies: Policies
    which: Which
    witness: Witness
    may_stop: bool
    """Whether the stack allows Cronmend to stop runs."""
    comparison: Comparison


def _alerting(seam: Seam, stores: Stores, outside: Outside) -> AlertingPorts:
    over = seam.over
    return AlertingPorts(
        channel=outside.channels.get,
        outbox=over("ledger", stores.outbox),
        lookups=over("ledger", MemoryLookups(stores.ledger, stores.outbox, stores.conversations)),
        conversations=over("ledger", stores.conversations),
        rate_limit=over("ledger", stores.rate_limit),
        mutes=over("ledger", stores.mutes),
        health=over("ledger", stores.health),
        dead_letters=over("queue", Undelivered(outside.witness)),
        job_states=over("ledger", stores.ledger),
        timers=over("scheduler", outside.timers),
        promises=over("ledger", stores.alerts),
        pause=seam.pause,
    )


class UseCases:
    def __init__(self, seam: Seam, stores: Stores, outside: Outside, now: Callable[[], datetime]) -> None:
        self._now, self._witness = now, outside.witness
        account, over = outside.account, seam.over
        ledger = over("ledger", stores.ledger)
        holds, definitions = over("ledger", stores.holds), over("ecs", Definitions(account))
        schedules = SchedulesWithHolds(over("scheduler", Schedules(account)), holds)
        own = over("scheduler", Schedules(account, rules=False))
        services, notes = over("ecs", Services(account)), over("ledger", stores.notes)
        timers, tasks = over("scheduler", outside.timers), over("ecs", outside.ecs)
        switches = switched(over, stores, account, outside.policies, now)
        modes, policy, limits = over("parameters", Modes(account)), outside.policies.of, Limits()
        deploys = Deploys(definitions, services, notes, Bounds())
        logs = WatchedLogs(over("logs", Logs(outside.ecs)), outside.witness)
        collector = EvidenceCollector(schedules, definitions, logs, deploys)
        situations = SituationCollector(tasks, over("ledger", stores.circuit), modes, policy, limits, Budget())
        starter = TaskStarter(schedules, tasks, policy)
        listed = [job for job, each in outside.policies.jobs.items() if each.hold_in_deploys]
        timetables = over("ledger", stores.timetables)
        holder = Holder(holds, own, timetables, switches, timers, modes, notes, outside.which, listed)
        attempts = Attempts(ledger, schedules, timers, situations, starter)
        self.stopped = HandleStoppedTask(collector, ledger, ledger, timers, situations, self._failed)
        self.due = HandleTimer(ledger, ledger, schedules, deploys, timers, situations, attempts, self._failed)
        self.requested = RunOnRequest(ledger, ledger, schedules, deploys, situations, starter)
        self.released = Releaser((CLUSTER,), holds, ledger, own, switches, timers, limits, policy)
        watch = Watch((CLUSTER,), Bounds(), {PIPELINE: "webapp"})
        self.deploy = HandleDeployEvent(ledger, ledger, notes, services, definitions, timers, watch, holder)
        self.follow = follower(over, stores, account, deploys, outside.policies)
        self._comparison = outside.comparison
        self.comparison = over("lambda", outside.comparison)
        ports = _alerting(seam, stores, outside)
        self.people = Acknowledgements(ledger, ports.mutes)
        self.reconcile = Reconcile(over("ledger", stores.promises), ledger, over("lambda", outside.wakeups))
        shared = Shared(ledger, schedules, situations, outside.wakeups, outside.policies, outside.may_stop)
        self.searches = searches(seam, stores, account, outside.ecs, shared)
        self.findings = findings(seam, stores, account, outside.routes, outside.policies)
        recorder = RecordUnreported(Failures(ledger, ledger, situations), timers)
        self.starts = HandleStartFailure(schedules, definitions, recorder, policy, (CLUSTER,), Redactor())
        self.alert = DeliverMessages.over(ports, outside.routes, policy, timedelta(minutes=5))

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "task_state": self._task_state,
            "start_failed": self._start_failed,
            "deploy_state": self._deploy_state,
            "rerun": self._rerun,
            "rerun_asked": self._rerun,
            "rerun_woken": self._rerun,
            "failure_alert": self._failure_alert,
            "failure_alert_woken": self._failure_alert,
            "reconcile": self._reconcile,
            "person": self._person,
        }

    def _failed(self, error: Exception, job: str) -> None:
        self._witness.saw("unforeseen", job=job, error=f"{type(error).__name__}: {error}")

    def _task_state(self, event: Any, first: float) -> None:
        if task_events.last_status(event) == "STOPPED":
            self.stopped.handle(task_events.stopped_task(event), self._now(), at(first))

    def _deploy_state(self, event: Any, first: float) -> None:
        if event == own_payloads.COMPARE or self.deploy.handle(deploy_events.deploy_event(event), self._now()).may_end:
            self.follow.check(self._now())

    def _rerun(self, event: Any, first: float) -> None:
        if own_payloads.is_run_request(event):
            self.requested.handle(own_payloads.run_request_of(event), self._now())
            return
        match timer := own_payloads.healing_timer(event):
            case HoldTimer():
                self.released.handle(timer, self._now())
            case RerunTimer() | ReleaseTimer():
                self.due.handle(timer, self._now())

    def _failure_alert(self, event: Any, first: float) -> None:
        wakeup = alert_payloads.alert_wakeup(event)
        batch = self.alert.of_batch()
        _, changed = batch.wake(wakeup, self._now())
        batch.refresh(changed, self._now())
        batch.settle(wakeup)

    def _start_failed(self, event: Any, first: float) -> None:
        self.starts.handle(start_failures.start_failure(event), self._now())

    def _reconcile(self, event: Any, first: float) -> None:
        self.reconcile.handle(self._now())
        self.searches.check(self._now)
        for source, error in self.findings.check(self._now()).failed:
            self._witness.saw("unexamined", about=source, error=error)
        self.comparison.pass_on(own_payloads.COMPARE)

    def finds_nothing(self) -> Mapping[str, Callable[[], bool]]:
        return {"reconcile": self._finds_nothing}

    def _finds_nothing(self) -> bool:
        """The schedules are compared even if the call is left out."""
        if not are_known(self.findings.store, self._now()) or not self.searches.finds_nothing(self._now()):
            return False
        self._comparison.pass_on(own_payloads.COMPARE)
        return True

    def _person(self, act: Callable[["UseCases", datetime], None], first: float) -> None:
        act(self, self._now())

    def batch(self, messages: Sequence[Message]) -> int | None:
        """The number of the first message that failed. Errors of one don't stop the others."""
        changed: list[Conversation] = []
        failed: int | None = None
        alert = self.alert.of_batch()
        for number, message in enumerate(messages):
            try:
                changed += alert.deliver(message, self._now())
            except Exception:  # noqa: BLE001 # as the batch processor
                failed = number if failed is None else failed
        alert.refresh(changed, self._now())
        alert.settle()
        return failed
