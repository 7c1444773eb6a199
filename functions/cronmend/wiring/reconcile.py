"""Builds the use cases of ``reconcile``."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from cronmend.adapters.ecs import EcsRunningTasks, EcsTaskDefinitions
from cronmend.adapters.lambda_calls import LambdaContinuation, LambdaWakeups
from cronmend.adapters.ledger.findings import DynamoFindings
from cronmend.adapters.ledger.latest_runs import DynamoLatestRuns
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.promises import DynamoPromises
from cronmend.adapters.ledger.states_of_jobs import DynamoStatesOfJobs
from cronmend.adapters.ledger.timetables import DynamoLastChecks, DynamoRecordedRuns, DynamoTimetables
from cronmend.adapters.live_tasks import EcsLiveTasks
from cronmend.adapters.logs import CloudWatchLogs
from cronmend.adapters.memory_use import CloudWatchMemory
from cronmend.adapters.needs import AwsNeeds
from cronmend.adapters.recent_tasks import RecentTasks
from cronmend.adapters.schedule_lists import AwsScheduleLists
from cronmend.deploys.holds import Which
from cronmend.jobs import definitions
from cronmend.jobs.schedule_findings import Intent
from cronmend.model import Follow
from cronmend.model.needs import NeedKind
from cronmend.settings import Foresee, Settings
from cronmend.use_cases.evidence import JobFinder
from cronmend.use_cases.healing.failures import Failures
from cronmend.use_cases.reconcile import Reconcile
from cronmend.use_cases.reconciling.doubts import Doubts
from cronmend.use_cases.reconciling.findings import Findings
from cronmend.use_cases.reconciling.foresight import Foresight
from cronmend.use_cases.reconciling.in_use import InUseReader
from cronmend.use_cases.reconciling.logs_of_runs import LogsOfRuns
from cronmend.use_cases.reconciling.look_alikes import LookAlikes
from cronmend.use_cases.reconciling.memory_use import MemoryOfRuns
from cronmend.use_cases.reconciling.missed_runs import MissedRuns
from cronmend.use_cases.reconciling.needs import NeedsOfRuns
from cronmend.use_cases.reconciling.overdue_runs import OverdueRuns
from cronmend.use_cases.reconciling.run_findings import RunFindings
from cronmend.use_cases.reconciling.schedule_findings import ScheduleFindings
from cronmend.use_cases.reconciling.silent_runs import SilentRuns
from cronmend.use_cases.reconciling.timetables import TimetableReader
from cronmend.wiring import shared, situations
from cronmend.wiring.shared import Current

__all__ = [
    "Current",
    "comparison",
    "findings_use_case",
    "monthly_use_case",
    "overdue_use_case",
    "slots_use_case",
    "use_case",
]

if TYPE_CHECKING:
    from cronmend.use_cases.reconciling.monthly_reports import MonthlyReports

_NEEDS: Final = {
    Foresee.ROLES: (NeedKind.ROLE,),
    Foresee.SECRETS: (NeedKind.SECRET, NeedKind.PARAMETER, NeedKind.CERTIFICATE),
}


def slots_use_case(env: Mapping[str, str] = os.environ) -> MissedRuns:
    """The search for slots without a run."""
    settings = Settings.from_env(env)
    table, policy = settings.ledger_table, shared.policies_of(settings).of
    timetables, checks, runs = DynamoTimetables(table), DynamoLastChecks(table), DynamoRecordedRuns(table)
    lists, ledger = AwsScheduleLists(settings.clusters), shared.ledger(settings)
    return MissedRuns(
        reader=TimetableReader(timetables, checks, lists, LookAlikes(ledger, timetables), policy, settings.clusters),
        timetables=timetables,
        checks=checks,
        runs=runs,
        doubts=Doubts(situations.schedules(settings), runs, RecentTasks(EcsRunningTasks()), DynamoMutes(table)),
        job_states=ledger,
        wakeups=LambdaWakeups(settings.rerun_function_arn, settings.alert_function_arn),
        policy=policy,
        limits=settings.limits,
    )


def overdue_use_case(env: Mapping[str, str] = os.environ) -> OverdueRuns:
    """The search for runs that are alive for too long."""
    settings = Settings.from_env(env)
    ledger, collector = shared.ledger(settings), situations.collector(settings)
    return OverdueRuns(
        tasks=EcsLiveTasks(),
        finder=JobFinder(situations.schedules(settings)),
        output=SilentRuns(EcsTaskDefinitions(), CloudWatchLogs()),
        failures=Failures(ledger, ledger, collector),
        modes=collector.modes,
        policy=collector.policy,
        clusters=settings.clusters,
        may_stop=settings.stop_overdue,
    )


def findings_use_case(env: Mapping[str, str] = os.environ) -> Findings:
    """The search for what will need a person although no run has failed."""
    settings = Settings.from_env(env)
    table = settings.ledger_table
    timetables, states, policy = DynamoTimetables(table), DynamoStatesOfJobs(table), shared.policies_of(settings).of
    needs = _needs(settings)
    in_use = InUseReader(timetables, EcsTaskDefinitions(keep=False), families=bool(needs))
    return Findings(
        store=DynamoFindings(table, settings.record_life),
        sources=(
            ScheduleFindings(timetables, DynamoMutes(table), _intent(settings)),
            RunFindings(timetables, states, policy),
            LogsOfRuns(in_use, DynamoLatestRuns(table), EcsTaskDefinitions(), CloudWatchLogs(late=()), policy),
            Foresight(in_use, states, DynamoRecordedRuns(table)),
            NeedsOfRuns(in_use, AwsNeeds(needs), needs, settings.image_repositories),
            MemoryOfRuns(in_use, CloudWatchMemory() if Foresee.MEMORY in settings.foresee else None),
        ),
        routes=shared.routes_of(settings),
        policy=policy,
    )


def _needs(settings: Settings) -> frozenset[NeedKind]:
    """What the stack lets Cronmend describe."""
    named = frozenset(kind for each in settings.foresee for kind in _NEEDS.get(each, ()))
    return named | {NeedKind.IMAGE} if settings.image_repositories else named


def _intent(settings: Settings) -> Intent:
    deployed = definitions.read(definitions.PATH.read_text(encoding="utf-8"))
    following = shared.following_policies(settings, settings.follow).of
    return Intent(deployed, lambda job: following(job).follow is not Follow.NONE)


def monthly_use_case(env: Mapping[str, str] = os.environ) -> "MonthlyReports | None":
    """None if no route asks for a report."""
    settings = Settings.from_env(env)
    routes = shared.routes_of(settings)
    if not any(route.monthly_report for route in routes.routes.values()):
        return None
    from cronmend.adapters.ledger.activity import DynamoActivity  # noqa: PLC0415 # only a route that asks needs these
    from cronmend.adapters.ledger.notices import DynamoNotices  # noqa: PLC0415
    from cronmend.adapters.ledger.outbox import DynamoOutbox  # noqa: PLC0415
    from cronmend.use_cases.reconciling.monthly_reports import MonthlyReports  # noqa: PLC0415

    table = settings.ledger_table
    return MonthlyReports(
        past=DynamoActivity(table, "", settings.clusters),
        messages=DynamoOutbox(table),
        notices=DynamoNotices(table, settings.record_life),
        routes=routes,
    )


def comparison(env: Mapping[str, str] = os.environ) -> LambdaContinuation | None:
    """Passes on to ``deploy_state``, the only function that moves schedules; None if the stack lets none follow."""
    settings = Settings.from_env(env)
    return None if settings.follow is Which.NONE else LambdaContinuation(settings.deploy_state_function_arn)


def use_case(env: Mapping[str, str] = os.environ) -> Reconcile:
    settings = Settings.from_env(env)
    return Reconcile(
        promises=DynamoPromises(settings.ledger_table),
        job_states=shared.ledger(settings),
        wakeups=LambdaWakeups(settings.rerun_function_arn, settings.alert_function_arn),
    )
