"""Builds the use case of ``deploy_state``."""

import os
from collections.abc import Mapping

from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.ecs_services import EcsServiceFamilies, EcsServices
from cronmend.adapters.lambda_calls import LambdaContinuation
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.ledger.followings import DynamoFollowings, DynamoMoveReports
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.notices import DynamoNotices
from cronmend.adapters.ledger.timetables import DynamoTimetables
from cronmend.adapters.mode import SsmMode
from cronmend.adapters.schedule_switches import SchedulerSwitches
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.adapters.task_definition_lists import EcsRevisions
from cronmend.deploys.holds import Which
from cronmend.errors import Unfinished
from cronmend.settings import Settings
from cronmend.use_cases.deploy_state import HandleDeployEvent, Watch
from cronmend.use_cases.healing.followed_services import FollowedServices
from cronmend.use_cases.healing.following import FollowServices
from cronmend.use_cases.healing.held_schedules import Holder
from cronmend.use_cases.healing.mover import Mover
from cronmend.wiring import shared, situations
from cronmend.wiring.shared import Current

__all__ = ["Current", "Unfinished", "continuation", "follow_use_case", "use_case"]


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


def follow_use_case(env: Mapping[str, str] = os.environ) -> FollowServices:
    settings = Settings.from_env(env)
    table, followings = settings.ledger_table, DynamoFollowings(settings.ledger_table)
    services = EcsServices(clusters=settings.clusters)
    deploys = situations.deploys(settings, EcsTaskDefinitions(), services)
    return FollowServices(
        followings=followings,
        timetables=DynamoTimetables(table),
        services=FollowedServices(deploys, EcsRevisions(), EcsTaskDefinitions(keep=False)),
        mover=Mover(
            followings=followings,
            schedules=SchedulerSchedules(),
            moves=SchedulerSwitches(),
            holds=DynamoHolds(table),
            notices=DynamoNotices(table, settings.record_life),
            reports=DynamoMoveReports(table, settings.record_life),
        ),
        modes=SsmMode(settings.mode_parameter),
        policy=shared.following_policies(settings, settings.follow).of,
        is_allowed=settings.follow is not Which.NONE,
    )


def continuation(env: Mapping[str, str] = os.environ) -> LambdaContinuation:
    """Lambda sets AWS_LAMBDA_FUNCTION_NAME for each function."""
    return LambdaContinuation(env.get("AWS_LAMBDA_FUNCTION_NAME", ""))


def _holder(settings: Settings) -> Holder:
    return Holder(
        holds=DynamoHolds(settings.ledger_table),
        schedules=SchedulerSchedules(),
        timetables=DynamoTimetables(settings.ledger_table),
        switches=situations.switches(settings),
        timers=shared.healing_timers(settings),
        modes=SsmMode(settings.mode_parameter),
        notes=DynamoDeployNotes(settings.ledger_table),
        which=settings.hold,
        listed=[job for job, policy in shared.policies_of(settings).jobs.items() if policy.hold_in_deploys],
    )
