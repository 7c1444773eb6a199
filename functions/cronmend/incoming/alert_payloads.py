"""The payloads that trigger ``failure_alert`` besides the stream: timers, a person's request and the canary."""

from cronmend.incoming.envelope import Json, text
from cronmend.incoming.timer_forms import bad_events, time_in, upgraded
from cronmend.model.alert_wakeups import AlertTimer, DeliverTimer, EscalateTimer, FlushTimer, RedriveRequest

CANARY = "canary"
"""The kind of the payload that the canary's schedule sends."""
ALERT_KINDS = frozenset(each.kind for each in (DeliverTimer, FlushTimer, EscalateTimer, RedriveRequest))


def is_canary(payload: Json) -> bool:
    return isinstance(payload, dict) and payload.get("kind") == CANARY


def alert_wakeup(payload: Json) -> AlertTimer | RedriveRequest:
    """The timer or request that triggered ``failure_alert``.

    Raises:
        BadEvent: it is not in the form that :func:`~cronmend.incoming.timer_forms.payload` writes.
        NewerForm: a newer version of Cronmend wrote it.
    """
    if isinstance(payload, dict) and payload.get("kind") == RedriveRequest.kind:
        with bad_events():
            found = upgraded(payload)
            return RedriveRequest(text(found, "job"), text(found, "incident"), text(found, "change"))
    return alert_timer(payload)


def alert_timer(payload: Json) -> AlertTimer:
    """Raises as :func:`alert_wakeup`."""
    with bad_events():
        found = upgraded(payload)
        job = text(found, "job")
        match found["kind"]:
            case DeliverTimer.kind:
                return DeliverTimer(job, text(found, "incident"), text(found, "change"), time_in(found))
            case FlushTimer.kind:
                return FlushTimer(job, text(found, "conversation"), time_in(found))
            case EscalateTimer.kind:
                incident, route, change = (text(found, name) for name in ("incident", "route", "change"))
                return EscalateTimer(job, incident, route, change, time_in(found), int(found["postponed"]))
            case other:
                raise ValueError(f"kind {other!r} is none of {', '.join(sorted(ALERT_KINDS))}")
