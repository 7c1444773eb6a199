"""What the commands say of an incident and of a run's plan."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cronmend.model.incident import IncidentState, RunRecord
from cronmend.wording import moment

HELD = "held"
"""The state of an incident whose alert waits though no re-run follows, such as after a person stopped it."""
_PLANS = {"rerun": "re-run", "alert": "alert", "none": "nothing"}


def state_of(incident: Mapping[str, Any]) -> str:
    """Of an incident's document."""
    heals = incident.get("planned") or incident.get("starting")
    state = str(incident["state"])
    return HELD if state == IncidentState.HEALING and not heals else state


def plan_of(run: RunRecord, now: datetime) -> str:
    """What was planned after a run."""
    if run.action == "alert" and run.held_until:
        return f"alert held until {moment(run.held_until, now)}"
    return _PLANS[run.action]
