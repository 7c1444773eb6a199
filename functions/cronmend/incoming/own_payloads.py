"""What Cronmend's own functions and commands send each other: timers and requests for a run, JSON ↔ nouns."""

from datetime import datetime
from typing import Any

from cronmend.errors import BadEvent
from cronmend.incoming.envelope import Json, text
from cronmend.model.wakeups import RunRequest, Timer, TimerKind

MANUAL = "manual"


CANARY = "canary"
"""The kind of a payload by which a person asks ``rerun`` for a run."""


def timer_payload(timer: Timer) -> dict[str, Any]:
    """What ``rerun`` or ``failure_alert`` is woken with."""
    return {
        "kind": timer.kind.value,
        "job": timer.job,
        "incident": timer.incident,
        "attempt": timer.attempt,
        "look": timer.look,
        "at": timer.at.isoformat(),
        "what": timer.what,
    }


def run_request_payload(asked: RunRequest) -> dict[str, Any]:
    """By which ``rerun`` is asked for a run."""
    return {"kind": MANUAL, "job": asked.job, "id": asked.id, "force": asked.force, "by": asked.by}


def is_run_request(payload: Json) -> bool:
    return isinstance(payload, dict) and payload.get("kind") == MANUAL


def is_canary(payload: Json) -> bool:
    return isinstance(payload, dict) and payload.get("kind") == CANARY


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


def timer(payload: Json) -> Timer:
    """The timer that a payload stands for.

    Raises:
        BadEvent: not what :func:`timer_payload` writes.
    """
    try:
        return Timer(
            TimerKind(payload["kind"]),
            text(payload, "job"),
            text(payload, "incident"),
            int(payload["attempt"]),
            datetime.fromisoformat(payload["at"]),
            int(payload["look"]),
            str(payload.get("what", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadEvent(f"no timer of Cronmend: {type(error).__name__} {error}; see events/rerun/") from error
