"""Slots that had no run, in words. Pure."""

from cronmend.model.incident import Incident
from cronmend.wording import clock, moment, times


def are_all(incident: Incident) -> bool:
    """Whether the incident is only about slots that had no run, though nothing held the schedule."""
    return incident.failed is None and incident.missed > 0


def what(incident: Incident) -> str:
    """What the job didn't do: follows its name, or "it"."""
    last = incident.missed_until or incident.began_at
    if incident.missed == 1:
        return f"didn't run at {clock(last)}"
    return f"didn't run {times(incident.missed, 'time')} since {moment(incident.began_at, last)}"


def followed(incident: Incident) -> str:
    """What happened if a run that succeeded followed them before anyone was alerted."""
    return f"{incident.diagnosis.sentence} A later run succeeded, so no one was alerted."
