"""What is looked at before a run is planned or made: the deploy around it, and the circuit."""

from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.ecs_services import EcsServices
from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.settings import Settings
from cronmend.use_cases.evidence import Deploys


def circuit(settings: Settings) -> DynamoCircuit:
    return DynamoCircuit(settings.ledger_table, settings.record_life)


def deploys(settings: Settings, definitions: EcsTaskDefinitions) -> Deploys:
    return Deploys(definitions, EcsServices(), DynamoDeployNotes(settings.ledger_table), settings.bounds)
