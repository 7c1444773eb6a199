"""What the jobs commands take from AWS's answers, without its client."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

type Answer = Mapping[str, Any]
"""AWS's answer, with its own keys."""


@dataclass(frozen=True, slots=True)
class Home:
    """The account and region in which names without an ARN are looked up."""

    account: str
    region: str
    partition: str = "aws"

    def arn(self, service: str, path: str) -> str:
        region = "" if service == "iam" else self.region
        return f"arn:{self.partition}:{service}:{region}:{self.account}:{path}"


def override_of(schedule: Answer) -> Any:
    """The target's input as a value, or its text if it isn't JSON."""
    text = (schedule.get("Target") or {}).get("Input") or "{}"
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
