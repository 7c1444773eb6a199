"""RunTask's answer if it started no task, for certain. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from cronmend.jobs.run_task_answers import Nature, nature_of_failures


class Refusal(Struct, frozen=True):
    """No task was started, for certain. ``passes``: the same request may work later."""

    reason: str
    passes: bool
    instead_of: str = ""
    """The capacity provider to leave out next time; ``""`` if the target allows no other."""


def of(failures: Sequence[Mapping[str, Any]]) -> Refusal:
    """The refusal that the ``failures`` of an answer with HTTP status 200 mean."""
    nature = nature_of_failures([str(each.get("reason") or "") for each in failures])
    words = "; ".join(f"{each.get('reason') or ''} {each.get('detail') or ''}".strip() for each in failures)
    return Refusal(words or "no reason given", nature is Nature.PASSING)


def other_capacity(request: Mapping[str, Any], avoid: Sequence[str]) -> str:
    """The provider to leave out next, if the target's own strategy names another one; else ``""``.

    Spot first, since Spot capacity runs out.
    """
    names = [str(each["capacityProvider"]) for each in request.get("capacityProviderStrategy") or ()]
    left = sorted((name for name in names if name not in avoid), key=lambda name: "SPOT" not in name.upper())
    return left[0] if len(left) > 1 else ""
