"""RunTask's answer without a task: HTTP 200 with ``failures``. Pure.

Nothing was started then, for certain. Reasons: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_PASSING = re.compile(r"capacity|^RESOURCE:|^AGENT$|limit on the number of|vCPUs? limit|try again", re.IGNORECASE)
"""What a later call, or another availability zone, may not meet again. All else is how the target is written."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """No task was started. ``passes``: the same request may work later."""

    reason: str
    passes: bool
    instead_of: str = ""
    """The capacity provider to leave out next time; empty where the target allows no other."""


def of(failures: Sequence[Mapping[str, Any]]) -> Refusal:
    """What the failures of one answer come to: a reason that nobody knows calls a person."""
    reasons = [str(each.get("reason") or "") for each in failures]
    words = "; ".join(f"{each.get('reason') or ''} {each.get('detail') or ''}".strip() for each in failures)
    return Refusal(words or "no reason given", bool(reasons) and all(_PASSING.search(reason) for reason in reasons))


def other_capacity(request: Mapping[str, Any], avoid: Sequence[str]) -> str:
    """The provider to leave out next, where the target's own strategy names another one; else an empty string.

    Spot goes first: it is the one that runs out.
    """
    names = [str(each["capacityProvider"]) for each in request.get("capacityProviderStrategy") or ()]
    left = sorted((name for name in names if name not in avoid), key=lambda name: "SPOT" not in name.upper())
    return left[0] if len(left) > 1 else ""
