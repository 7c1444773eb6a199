"""The payloads with which Cronmend triggers its own functions ``rerun`` and ``deploy_state``."""

from collections.abc import Sequence
from typing import Any

from cronmend.deploys.holds import Part
from cronmend.errors import BadEvent, refusing
from cronmend.incoming.envelope import Json, text
from cronmend.incoming.timer_forms import bad_events, time_in, upgraded
from cronmend.model.wakeups import HealingTimer, HoldTimer, ReleaseTimer, RerunTimer, RunRequest

MANUAL = "manual"
"""The kind of a payload with which a person requests a run."""
HEALING_KINDS = frozenset(each.kind for each in (RerunTimer, ReleaseTimer, HoldTimer))


def run_request_payload(run_request: RunRequest) -> dict[str, Any]:
    """The payload that requests a run from ``rerun``."""
    return {
        "kind": MANUAL,
        "job": run_request.job,
        "id": run_request.id,
        "force": run_request.force,
        "by": run_request.by,
        **({"slot": run_request.slot} if run_request.slot else {}),
    }


def is_run_request(payload: Json) -> bool:
    return isinstance(payload, dict) and payload.get("kind") == MANUAL


def run_request_of(payload: Json) -> RunRequest:
    """The request that ``cronmend rerun``, ``cronmend catch-up`` or a click in Slack sent.

    Raises:
        BadEvent: it has no job or no ID.
    """
    with refusing(lambda error: BadEvent(f"not a valid run request: {error}; send one with `cronmend rerun`")):
        by, slot = (str(payload.get(name) or "") for name in ("by", "slot"))
        return RunRequest(text(payload, "job"), text(payload, "id"), payload.get("force") is True, by, slot)


COMPARE = {"kind": "compare"}
"""Has ``deploy_state`` compare the schedules that follow a service with it."""


def is_comparison(payload: Json) -> bool:
    return isinstance(payload, dict) and payload.get("kind") == COMPARE["kind"]


_PART = "part"
PARTS = 4
"""How many invocations continue an event at once: of the five that the template reserves, one is left for others."""


def continued(event: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """A deploy event for the invocations that continue it."""
    parts = [{"number": number, "of": PARTS} for number in range(PARTS)]
    return [event] if _PART in event else [{**event, _PART: part} for part in parts]


def part_of(event: Json) -> Part:
    """Which schedules an invocation with this deploy event handles.

    Raises:
        BadEvent: it is not in the form that :func:`continued` writes.
    """
    if not isinstance(event, dict) or _PART not in event:
        return Part()
    with refusing(lambda error: BadEvent(f"not a valid part of a deploy event: {error}")):
        part = Part(int(event[_PART]["number"]), int(event[_PART]["of"]))
        if part.number not in range(part.of):
            raise ValueError(f"there is no number {part.number} of {part.of}")
        return part


def healing_timer(payload: Json) -> HealingTimer:
    """The timer that triggered ``rerun``.

    Raises:
        BadEvent: it is not in the form that :func:`~cronmend.incoming.timer_forms.payload` writes.
        NewerForm: a newer version of Cronmend wrote it.
    """
    with bad_events():
        found = upgraded(payload)
        job = text(found, "job")
        match found["kind"]:
            case RerunTimer.kind:
                attempt, rechecks = int(found["attempt"]), int(found["rechecks"])
                return RerunTimer(job, text(found, "incident"), attempt, time_in(found), rechecks)
            case ReleaseTimer.kind:
                return ReleaseTimer(job, text(found, "incident"), time_in(found))
            case HoldTimer.kind:
                return HoldTimer(job, text(found, "hold"), time_in(found), int(found["postponed"]))
            case other:
                raise ValueError(f"kind {other!r} is none of {', '.join(sorted(HEALING_KINDS))}")
