"""Builds the collectors of a re-run's facts: the schedules, the facts for its guards, and the state of the deploy."""

from cronmend.adapters.ecs import EcsRunningTasks, EcsTaskDefinitions
from cronmend.adapters.event_rules import AllSchedules, EventRules
from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.ledger.followings import DynamoMoveLeases
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.timetables import DynamoTimetables
from cronmend.adapters.mode import SsmMode
from cronmend.adapters.schedule_switches import SchedulerSwitches
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.ports.healing import Registry, Services
from cronmend.settings import Settings
from cronmend.use_cases.deploy_facts import Deploys
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.use_cases.healing.leased_switches import LeasedSwitches
from cronmend.use_cases.healing.own_holds import SchedulesWithHolds
from cronmend.wiring import shared


def collector(settings: Settings) -> SituationCollector:
    return SituationCollector(
        tasks=EcsRunningTasks(),
        circuit=DynamoCircuit(settings.ledger_table, settings.record_life),
        modes=SsmMode(settings.mode_parameter),
        policy=shared.policies_of(settings).of,
        limits=settings.limits,
        budget=settings.budget,
    )


def schedules(settings: Settings) -> SchedulesWithHolds:
    """Schedules of EventBridge Scheduler and rules of EventBridge, each with Cronmend's own hold."""
    schedules = SchedulerSchedules(timetables=DynamoTimetables(settings.ledger_table).named)
    return SchedulesWithHolds(AllSchedules(schedules, EventRules()), DynamoHolds(settings.ledger_table))


def switches(settings: Settings) -> LeasedSwitches:
    """Hold and release schedules, but for one that is just being moved."""
    return LeasedSwitches(SchedulerSwitches(), DynamoMoveLeases(settings.ledger_table))


def deploys(
    settings: Settings, definitions: EcsTaskDefinitions, services: Services, registry: Registry | None = None
) -> Deploys:
    notes = DynamoDeployNotes(settings.ledger_table)
    return Deploys(definitions, services, notes, settings.bounds, settings.clusters, registry)
