"""A rule of EventBridge with one of its targets, in the API's shape → a schedule in the shape of GetSchedule."""

from collections.abc import Mapping
from typing import Any

from cronmend.jobs.identity import RULE

RULES = RULE.rstrip("/")
"""In place of a schedule group: the rules of EventBridge, as in the IDs of their jobs."""
_SHARED = ("Name", "Arn", "Description", "ScheduleExpression", "State")
_READ_ONLY = frozenset({"CreatedBy", "Targets", "ManagedBy", "IsEnabled", "State"})
_OF_TARGET = frozenset({"Id", "Rule", "EventBusName"})


def schedule_of_rule(rule: Mapping[str, Any], target: Mapping[str, Any], *, alone: bool) -> dict[str, Any]:
    """
    Args:
        alone: whether it is the rule's only target that starts a task; else the target's ID is part of the name.
    """
    name = str(rule["Name"]) if alone else f"{rule['Name']}-{target.get('Id')}"
    kept = {key: rule.get(key) for key in _SHARED}
    others = {key: value for key, value in rule.items() if key not in _READ_ONLY and key not in kept}
    if others.get("EventBusName") == "default":
        del others["EventBusName"]
    own = {key: value for key, value in target.items() if key not in _OF_TARGET}
    return {**others, **kept, "Name": name, "Target": own}
