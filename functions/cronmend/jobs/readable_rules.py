"""Whether the runs of a rule's ECS target can be matched to it and re-run. Functions need no more of watched.py."""

from collections.abc import Mapping
from typing import Any, Final

_DEFAULT_BUS: Final = "default"


def unreadable_rule(rule: Mapping[str, Any], target: Mapping[str, Any]) -> str:
    """Why the runs of an ECS target can't be matched to the rule and re-run, as a clause; ``""`` if they can."""
    bus = str(rule.get("EventBusName") or _DEFAULT_BUS).rpartition("/")[2]
    if bus != _DEFAULT_BUS:
        return f"the rule {rule['Name']} is on the event bus {bus}, and Cronmend reads only rules of the default bus"
    part = next((each for each in ("InputTransformer", "InputPath") if each in target), "")
    if part:
        with_part = f"the target {target['Id']} of the rule {rule['Name']} has an {part}"
        return f"{with_part}, so its input depends on the event, and Cronmend can't repeat it"
    return ""
