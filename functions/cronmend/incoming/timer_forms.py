"""The forms in which timers were written: EventBridge Scheduler and the ledger may hold one of an earlier version."""

from collections.abc import Mapping
from typing import Final

from cronmend.errors import NewerForm
from cronmend.incoming.envelope import Json
from cronmend.model.wakeups import FlushTimer

FORM: Final = 1
"""The form that this version writes. A timer without a number has the first form, 0."""
KINDS_OF_0: Final = {"settle": FlushTimer.kind}
"""Kinds that were renamed, with their names of today."""


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
