"""Builds the use cases of ``rerun``."""

import os
from collections.abc import Mapping

from cronmend.adapters.ecs import EcsTaskDefinitions, EcsTasks
from cronmend.adapters.ecs_services import EcsServices
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.registry import EcrRegistry
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.settings import Settings
from cronmend.telemetry import unforeseen
from cronmend.use_cases.healing.attempts import Attempts
from cronmend.use_cases.healing.released_schedules import Releaser
from cronmend.use_cases.healing.requested_run import RunOnRequest
from cronmend.use_cases.healing.run_task import TaskStarter
from cronmend.use_cases.rerun import HandleTimer
from cronmend.wiring import shared, situations
from cronmend.wiring.shared import Current, queue

__all__ = ["Current", "hold_use_case", "queue", "request_use_case", "timer_use_case"]


def timer_use_case(env: Mapping[str, str] = os.environ) -> HandleTimer:
    settings = Settings.from_env(env)
    ledger, schedules = shared.ledger(settings), situations.schedules(settings)
    timers = shared.healing_timers(settings)
    collector, registry = situations.collector(settings), EcrRegistry() if settings.reads_pushes else None
    starter = TaskStarter(schedules, EcsTasks(), collector.policy)
    return HandleTimer(
        job_states=ledger,
        records=ledger,
        schedules=schedules,
        deploys=situations.deploys(settings, EcsTaskDefinitions(), EcsServices(clusters=settings.clusters), registry),
        timers=timers,
        situations=collector,
        attempts=Attempts(ledger, schedules, timers, collector, starter),
        on_error=unforeseen,
    )


def request_use_case(env: Mapping[str, str] = os.environ) -> RunOnRequest:
    due = timer_use_case(env)
    return RunOnRequest(due.job_states, due.records, due.schedules, due.deploys, due.situations, due.attempts.starter)


def hold_use_case(env: Mapping[str, str] = os.environ) -> Releaser:
    settings = Settings.from_env(env)
    return Releaser(
        clusters=settings.clusters,
        holds=DynamoHolds(settings.ledger_table),
        job_states=shared.ledger(settings),
        schedules=SchedulerSchedules(),
        switches=situations.switches(settings),
        timers=shared.healing_timers(settings),
        limits=settings.limits,
        policy=shared.policies_of(settings).of,
    )
