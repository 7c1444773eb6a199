"""The forms of stored timers: EventBridge Scheduler and the ledger may hold timers of an earlier version."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import asdict

from cronmend.errors import BadEvent, NewerForm, refusing
from cronmend.incoming.envelope import Json, aware

if TYPE_CHECKING:
    from cronmend.model.alert_wakeups import RedriveRequest, Timer

FORM: Final = 1
"""The form that this version writes. A timer without a number has the first form, 0."""
KINDS_OF_0: Final = {"settle": "flush"}
"""Kinds that were renamed, with their current names."""


def payload(wakeup: "Timer | RedriveRequest") -> dict[str, Any]:
    """The payload that triggers ``rerun`` or ``failure_alert``."""
    values = asdict(wakeup).items()
    written = {name: each.isoformat() if isinstance(each, datetime) else each for name, each in values}
    return {"form": FORM, "kind": wakeup.kind, **written}


def overdue_payload(timer: "Timer") -> dict[str, Any]:
    """The payload with which ``reconcile`` triggers the function of a timer that is overdue."""
    return {**payload(timer), "overdue": True}


def is_overdue(payload: Json) -> bool:
    return isinstance(payload, Mapping) and payload.get("overdue") is True


def upgraded(payload: Json) -> Json:
    """A timer's payload in the current form.

    Raises:
        NewerForm: a newer version of Cronmend wrote it.
        KeyError, ValueError: it is not a timer.
    """
    if not isinstance(payload, Mapping):
        raise ValueError(f"it is a {type(payload).__name__}, not an object")
    form = int(payload.get("form", 0))
    if form > FORM:
        raise NewerForm(f"the timer {payload.get('kind')} of {payload.get('job')}", form, FORM)
    return payload if form else from_0(payload)


def from_0(old: Json) -> Json:
    """Convert the first form, which had the same fields for every kind.

    ``incident`` held the ID of an incident, a hold or a conversation. ``look`` was a counter. ``what`` held a change,
    or a route and a change.
    """
    kind = old["kind"]
    about, what, look = old["incident"], old.get("what", ""), old["look"]
    own: Json
    match kind:
        case "rerun":
            own = {"incident": about, "attempt": old["attempt"], "rechecks": look}
        case "hold":
            own = {"hold": about, "postponed": look}
        case "settle":
            own = {"conversation": about}
        case "escalate":
            route, _, change = what.partition("/")
            own = {"incident": about, "route": route, "change": change, "postponed": look}
        case "deliver" | "redrive":
            own = {"incident": about, "change": what}
        case _:
            own = {"incident": about}
    return {"kind": KINDS_OF_0.get(kind, kind), "job": old["job"], "at": old["at"], **own}


def time_in(payload: Json) -> datetime:
    return aware(payload["at"])


@contextmanager
def bad_events() -> Iterator[None]:
    """Raise BadEvent instead of the errors from reading a wrong payload."""
    with refusing(lambda error: BadEvent(f"not a valid timer: {type(error).__name__} {error}; see events/rerun/")):
        yield
