"""Builds the use case of ``task_state``."""

import os
from collections.abc import Mapping

from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.ecs_services import EcsServices
from cronmend.adapters.logs import CloudWatchLogs
from cronmend.adapters.recent_services import RecentServices
from cronmend.settings import Settings
from cronmend.telemetry import unforeseen
from cronmend.use_cases.evidence import EvidenceCollector
from cronmend.use_cases.task_state import HandleStoppedTask
from cronmend.use_cases.unforeseen import is_undiagnosed
from cronmend.wiring import shared, situations
from cronmend.wiring.shared import queue

__all__ = ["is_undiagnosed", "queue", "use_case"]


def use_case(env: Mapping[str, str] = os.environ) -> HandleStoppedTask:
    settings = Settings.from_env(env)
    ledger, definitions = shared.ledger(settings), EcsTaskDefinitions()
    deploys = situations.deploys(settings, definitions, RecentServices(EcsServices(clusters=settings.clusters)))
    return HandleStoppedTask(
        collector=EvidenceCollector(situations.schedules(settings), definitions, CloudWatchLogs(), deploys),
        job_states=ledger,
        records=ledger,
        timers=shared.healing_timers(settings),
        situations=situations.collector(settings),
        on_error=unforeseen,
        hide=settings.hide,
    )
