"""Builds the collectors of a re-run's facts: the facts for its guards, and the state of the deploy."""

from cronmend.adapters.ecs import EcsRunningTasks, EcsTaskDefinitions
from cronmend.adapters.ecs_services import EcsServices
from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.mode import SsmMode
from cronmend.settings import Settings
from cronmend.use_cases.evidence import Deploys
from cronmend.use_cases.healing.collector import SituationCollector
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


def deploys(settings: Settings, definitions: EcsTaskDefinitions) -> Deploys:
    return Deploys(definitions, EcsServices(), DynamoDeployNotes(settings.ledger_table), settings.bounds)
