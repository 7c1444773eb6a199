"""What Cronmend's own functions and commands send each other: timers and requests, JSON ↔ nouns."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any

from cronmend.errors import BadEvent
from cronmend.incoming.envelope import Json, text
from cronmend.incoming.timer_forms import FORM, upgraded
from cronmend.model.wakeups import (
    AlertTimer,
    DeliverTimer,
    EscalateTimer,
    FlushTimer,
    HealingTimer,
    HoldTimer,
    RedriveRequest,
    ReleaseTimer,
    RerunTimer,
    RunRequest,
    Timer,
)

MANUAL = "manual"
"""The kind of a payload by which a person asks ``rerun`` for a run."""
CANARY = "canary"
HEALING_KINDS = frozenset(each.kind for each in (RerunTimer, ReleaseTimer, HoldTimer))
"""Kinds of timers that wake ``rerun``."""
ALERT_KINDS = frozenset(each.kind for each in (DeliverTimer, FlushTimer, EscalateTimer, RedriveRequest))
"""Kinds that wake ``failure_alert``, as they are named today."""


def payload(wakeup: Timer | RedriveRequest) -> dict[str, Any]:
    """What ``rerun`` or ``failure_alert`` is woken with."""
    values = {spec.name: getattr(wakeup, spec.name) for spec in fields(wakeup)}
    written = {name: each.isoformat() if isinstance(each, datetime) else each for name, each in values.items()}
    return {"form": FORM, "kind": wakeup.kind, **written}


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


def healing_timer(payload: Json) -> HealingTimer:
    """The timer that ``rerun`` was woken with.

    Raises:
        BadEvent: not what :func:`payload` writes of such a timer.
        NewerForm: a newer version of Cronmend wrote it.
    """
    with _bad_events():
        found = upgraded(payload)
        job = text(found, "job")
        match found["kind"]:
            case RerunTimer.kind:
                attempt, rechecks = int(found["attempt"]), int(found["rechecks"])
                return RerunTimer(job, text(found, "incident"), attempt, _at(found), rechecks)
            case ReleaseTimer.kind:
                return ReleaseTimer(job, text(found, "incident"), _at(found))
            case HoldTimer.kind:
                return HoldTimer(job, text(found, "hold"), _at(found), int(found["postponed"]))
            case other:
                raise ValueError(f"kind {other!r} is none of {', '.join(sorted(HEALING_KINDS))}")


def alert_wakeup(payload: Json) -> AlertTimer | RedriveRequest:
    """What ``failure_alert`` was woken with, if it was not the ledger's stream.

    Raises:
        BadEvent: not what :func:`payload` writes for it.
        NewerForm: a newer version of Cronmend wrote it.
    """
    with _bad_events():
        found = upgraded(payload)
        job = text(found, "job")
        match found["kind"]:
            case RedriveRequest.kind:
                return RedriveRequest(job, text(found, "incident"), text(found, "change"))
            case DeliverTimer.kind:
                return DeliverTimer(job, text(found, "incident"), text(found, "change"), _at(found))
            case FlushTimer.kind:
                return FlushTimer(job, text(found, "conversation"), _at(found))
            case EscalateTimer.kind:
                incident, route, change = (text(found, name) for name in ("incident", "route", "change"))
                return EscalateTimer(job, incident, route, change, _at(found), int(found["postponed"]))
            case other:
                raise ValueError(f"kind {other!r} is none of {', '.join(sorted(ALERT_KINDS))}")


def _at(payload: Json) -> datetime:
    return datetime.fromisoformat(payload["at"])


@contextmanager
def _bad_events() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise BadEvent(f"no timer of Cronmend: {type(error).__name__} {error}; see events/rerun/") from error
