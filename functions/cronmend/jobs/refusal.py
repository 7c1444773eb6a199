"""RunTask's answer if it started no task: HTTP 200 with ``failures``. Pure.

Reasons: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_PASSING = re.compile(r"capacity|^RESOURCE:|^AGENT$|limit on the number of|vCPUs? limit|try again", re.IGNORECASE)
"""Reasons that may not recur later or in another availability zone. All others are faults of the target."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """No task was started, for certain. ``passes``: the same request may work later."""

    reason: str
    passes: bool
    instead_of: str = ""
    """The capacity provider to leave out next time; ``""`` if the target allows no other."""


def of(failures: Sequence[Mapping[str, Any]]) -> Refusal:
    """The refusal that an answer's failures mean. An unknown reason doesn't pass, so people are alerted."""
    reasons = [str(each.get("reason") or "") for each in failures]
    words = "; ".join(f"{each.get('reason') or ''} {each.get('detail') or ''}".strip() for each in failures)
    return Refusal(words or "no reason given", bool(reasons) and all(_PASSING.search(reason) for reason in reasons))


def other_capacity(request: Mapping[str, Any], avoid: Sequence[str]) -> str:
    """The provider to leave out next, if the target's own strategy names another one; else ``""``.

    Spot first, since Spot capacity runs out.
    """
    names = [str(each["capacityProvider"]) for each in request.get("capacityProviderStrategy") or ()]
    left = sorted((name for name in names if name not in avoid), key=lambda name: "SPOT" not in name.upper())
    return left[0] if len(left) > 1 else ""
