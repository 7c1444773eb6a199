"""How timers are written, and how those of earlier versions are read: Scheduler and the ledger may still hold them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cronmend.errors import BadEvent, NewerForm
from cronmend.incoming.envelope import Json

if TYPE_CHECKING:
    from cronmend.model.alert_wakeups import RedriveRequest, Timer

FORM: Final = 1
"""The form that this version writes. A timer without a number has the first form, 0."""
KINDS_OF_0: Final = {"settle": "flush"}
"""Kinds that were renamed, with their names of today."""


def payload(wakeup: "Timer | RedriveRequest") -> dict[str, Any]:
    """What triggers ``rerun`` or ``failure_alert``."""
    values = {spec.name: getattr(wakeup, spec.name) for spec in fields(wakeup)}
    written = {name: each.isoformat() if isinstance(each, datetime) else each for name, each in values.items()}
    return {"form": FORM, "kind": wakeup.kind, **written}


def upgraded(payload: Json) -> Json:
    """A timer's payload in today's form.

    Raises:
        NewerForm: a newer version of Cronmend wrote it.
        KeyError, ValueError: it is no timer.
    """
    if not isinstance(payload, Mapping):
        raise ValueError(f"it is a {type(payload).__name__}, not an object")
    form = int(payload.get("form", 0))
    if form > FORM:
        raise NewerForm(f"the timer {payload.get('kind')} of {payload.get('job')}", form, FORM)
    return payload if form else from_0(payload)


def from_0(old: Json) -> Json:
    """The first form had the same fields for every kind.

    ``incident`` held an incident's id, a hold's or a conversation's, ``look`` counted, and ``what`` held a change, or
    a route and a change.
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
    return datetime.fromisoformat(payload["at"])


@contextmanager
def bad_events() -> Iterator[None]:
    """Raises BadEvent instead of the errors that reading a wrong payload raises."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise BadEvent(f"no timer of Cronmend: {type(error).__name__} {error}; see events/rerun/") from error
