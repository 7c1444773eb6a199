"""What lies in the queues of messages that could not be delivered: our own letters, and what AWS puts there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cronmend.incoming.own_payloads import ALERT_KINDS, CANARY, HEALING_KINDS
from cronmend.incoming.timer_forms import KINDS_OF_0


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message of a queue."""

    queue: str
    id: str
    receipt: str
    body: str


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One message of the ledger that one channel did not take."""

    job: str
    incident: str
    change: str
    channel: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unheard:
    """What woke the function, and failed: a timer, or the canary."""

    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unread:
    """A batch of the ledger's stream: of its messages only the time is known."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Strange:
    """Nothing that tells people something."""

    what: str = "nothing that Cronmend wrote"


type Content = Undelivered | Unheard | Unread | Strange


def content_of(body: str) -> Content:
    """What a letter asks for. Lambda's shapes: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html."""
    try:
        found = json.loads(body)
        if "DDBStreamBatchInfo" in found:
            batch = found["DDBStreamBatchInfo"]
            first, last = (batch[f"approximateArrivalOf{which}Record"] for which in ("First", "Last"))
            return Unread(datetime.fromisoformat(first), datetime.fromisoformat(last))
        if "requestPayload" in found:
            return _woken(found["requestPayload"])
        if "kind" in found:
            return _woken(found)
        words = {name: str(found[name]) for name in ("job", "incident", "change", "channel")}
        return Undelivered(**words, reason=str(found.get("reason", "")))
    except (KeyError, TypeError, ValueError):
        return Strange()


def _woken(payload: Mapping[str, Any]) -> Content:
    """What a timer, or the canary's schedule, hands over; those of healing are the rerun function's."""
    kind = KINDS_OF_0.get(payload["kind"], payload["kind"])
    if kind in {CANARY, *ALERT_KINDS}:
        return Unheard(payload)
    return Strange("a timer of the rerun function: invoke that with it") if kind in HEALING_KINDS else Strange()
