"""What triggers ``rerun``: timers, and a person's request for a run. JSON ↔ nouns."""

from typing import Any

from cronmend.errors import BadEvent
from cronmend.incoming.envelope import Json, text
from cronmend.incoming.timer_forms import bad_events, time_in, upgraded
from cronmend.model.wakeups import HealingTimer, HoldTimer, ReleaseTimer, RerunTimer, RunRequest

MANUAL = "manual"
"""The kind of a payload by which a person asks for a run."""
HEALING_KINDS = frozenset(each.kind for each in (RerunTimer, ReleaseTimer, HoldTimer))


def run_request_payload(asked: RunRequest) -> dict[str, Any]:
    """By which ``rerun`` is asked for a run."""
    return {"kind": MANUAL, "job": asked.job, "id": asked.id, "force": asked.force, "by": asked.by}


def is_run_request(payload: Json) -> bool:
    return isinstance(payload, dict) and payload.get("kind") == MANUAL


def run_request_of(payload: Json) -> RunRequest:
    """What ``cronmend rerun`` asks for.

    Raises:
        BadEvent: it names no job, or carries no id.
    """
    try:
        by = str(payload.get("by") or "")
        return RunRequest(text(payload, "job"), text(payload, "id"), payload.get("force") is True, by)
    except ValueError as error:
        raise BadEvent(f"no wish for a run: {error}; `cronmend rerun` writes them") from error


def healing_timer(payload: Json) -> HealingTimer:
    """The timer that triggered ``rerun``.

    Raises:
        BadEvent: not what :func:`~cronmend.incoming.timer_forms.payload` writes of such a timer.
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
