"""Builds the use cases of ``task_state``."""

import os
from collections.abc import Mapping

from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.ecs_services import EcsServices
from cronmend.adapters.logs import CloudWatchLogs
from cronmend.adapters.recent_services import RecentServices
from cronmend.adapters.registry import EcrRegistry
from cronmend.diagnosis import rule_files
from cronmend.settings import Settings
from cronmend.telemetry import unforeseen
from cronmend.use_cases.evidence import EvidenceCollector
from cronmend.use_cases.healing.failures import Failures, RecordUnreported
from cronmend.use_cases.start_failure import HandleStartFailure
from cronmend.use_cases.task_state import HandleStoppedTask, may_wait
from cronmend.use_cases.unforeseen import is_undiagnosed
from cronmend.wiring import shared, situations
from cronmend.wiring.shared import Current, queue

__all__ = ["Current", "is_undiagnosed", "may_wait", "queue", "rules", "start_use_case", "use_case"]


def start_use_case(env: Mapping[str, str] = os.environ) -> HandleStartFailure:
    settings = Settings.from_env(env)
    ledger, collector = shared.ledger(settings), situations.collector(settings)
    return HandleStartFailure(
        schedules=situations.schedules(settings),
        definitions=EcsTaskDefinitions(keep=False),
        recorder=RecordUnreported(Failures(ledger, ledger, collector), shared.healing_timers(settings)),
        policy=collector.policy,
        clusters=settings.clusters,
        hide=settings.hide,
    )


def rules() -> None:
    """Compile the patterns that the first diagnosis needs."""
    rule_files.shipped().ready()


def use_case(env: Mapping[str, str] = os.environ) -> HandleStoppedTask:
    settings = Settings.from_env(env)
    ledger, definitions = shared.ledger(settings), EcsTaskDefinitions()
    services = RecentServices(EcsServices(clusters=settings.clusters))
    deploys = situations.deploys(settings, definitions, services, EcrRegistry() if settings.reads_pushes else None)
    return HandleStoppedTask(
        collector=EvidenceCollector(situations.schedules(settings), definitions, CloudWatchLogs(), deploys),
        job_states=ledger,
        records=ledger,
        timers=shared.healing_timers(settings),
        situations=situations.collector(settings),
        on_error=unforeseen,
        hide=settings.hide,
    )
