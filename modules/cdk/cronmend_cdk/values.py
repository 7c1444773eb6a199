"""Values for the parameters, as CloudFormation takes them."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aws_cdk import Token

from cronmend_cdk.parameters import Parameters

_KNOWN = json.loads(Path(__file__).with_name("limits.json").read_text(encoding="utf-8"))
LONGEST_STACK: int = _KNOWN["longest_stack"]
"""Characters of a stack's name, which is part of the functions' names."""


def passed(parameters: Parameters) -> dict[str, str]:
    """Name of the stack's parameter → text.

    Raises:
        ValueError: CloudFormation would refuse a value. One that is known only at deploy time isn't checked.
    """
    found = dict(_KNOWN["fixed"])
    for field, value in asdict(parameters).items():
        limits = _KNOWN["limits"][field]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if not Token.is_unresolved(value) and not _accepted(limits, text):
            raise ValueError(f"'{text}' is not a value for {field}. Use {limits['allowed']}.")
        found[limits["name"]] = text
    return found


def _accepted(limits: dict[str, Any], text: str) -> bool:
    if "choices" in limits:
        return text in limits["choices"]
    if "least" in limits:
        return text.isdecimal() and limits["least"] <= int(text) <= limits["most"]
    return len(text) <= limits["longest"] and re.fullmatch(limits["pattern"], text) is not None
