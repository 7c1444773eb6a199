"""What is looked at before a run is planned or made: the deploy around it, and the circuit."""

from cronmend.adapters.circuit import DynamoCircuit
from cronmend.adapters.deploys import DynamoDeployNotes
from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.services import EcsServices
from cronmend.care.gather import Deploys
from cronmend.settings import Settings


def circuit(settings: Settings) -> DynamoCircuit:
    return DynamoCircuit(settings.ledger_table, settings.record_life)


def deploys(settings: Settings, definitions: EcsTaskDefinitions) -> Deploys:
    return Deploys(definitions, EcsServices(), DynamoDeployNotes(settings.ledger_table), settings.bounds)
