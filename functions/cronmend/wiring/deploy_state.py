"""Builds the use case of ``deploy_state``."""

import os
from collections.abc import Mapping

from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.ecs_services import EcsServiceFamilies
from cronmend.adapters.lambda_calls import LambdaContinuation
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.mode import SsmMode
from cronmend.adapters.schedules import SchedulerSchedules, SchedulerSwitches
from cronmend.errors import Unfinished
from cronmend.settings import Settings
from cronmend.use_cases.deploy_state import HandleDeployEvent, Watch
from cronmend.use_cases.healing.held_schedules import Holder
from cronmend.wiring import shared

__all__ = ["Unfinished", "continuation", "use_case"]


def use_case(env: Mapping[str, str] = os.environ) -> HandleDeployEvent:
    settings = Settings.from_env(env)
    ledger = shared.ledger(settings)
    return HandleDeployEvent(
        job_states=ledger,
        records=ledger,
        notes=DynamoDeployNotes(settings.ledger_table),
        families=EcsServiceFamilies(),
        definitions=EcsTaskDefinitions(),
        timers=shared.healing_timers(settings),
        watch=Watch(settings.clusters, settings.bounds, settings.pipelines, settings.migration_commands),
        holder=_holder(settings),
    )


def continuation(env: Mapping[str, str] = os.environ) -> LambdaContinuation:
    """Lambda sets AWS_LAMBDA_FUNCTION_NAME for each function."""
    return LambdaContinuation(env.get("AWS_LAMBDA_FUNCTION_NAME", ""))


def _holder(settings: Settings) -> Holder:
    return Holder(
        holds=DynamoHolds(settings.ledger_table),
        schedules=SchedulerSchedules(),
        switches=SchedulerSwitches(),
        timers=shared.healing_timers(settings),
        modes=SsmMode(settings.mode_parameter),
        notes=DynamoDeployNotes(settings.ledger_table),
        which=settings.hold,
        listed=[job for job, policy in shared.policies_of(settings).jobs.items() if policy.hold_in_deploys],
    )
