"""What `cronmend what-if` needs of IAM: reads alone, as a policy document."""

from typing import Any, Final

from cli.what_if.logs import PastLogs
from cli.what_if.schedules import ScheduleReader
from cli.what_if.services import ServiceReader
from cli.what_if.trail import CloudTrailReader
from cronmend.adapters.ecs import EcsTaskDefinitions

READERS: Final = (ScheduleReader, CloudTrailReader, EcsTaskDefinitions, PastLogs, ServiceReader)
"""Each declares the actions that it calls."""


def policy() -> dict[str, Any]:
    """Not limited to resources: it is not known before which groups, clusters and services there are."""
    statement = {"Sid": "CronmendWhatIf", "Effect": "Allow", "Action": _actions(), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def remedy(operation: str) -> str:
    """What to do if AWS denied the operation, in sentences."""
    action = next((each for each in _actions() if each.endswith(f":{operation}")), operation)
    return f"AWS denied {action} to your credentials. Allow what `cronmend what-if --permissions` prints."


def _actions() -> list[str]:
    return sorted({action for reader in READERS for action in reader.permissions})
