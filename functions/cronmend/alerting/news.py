"""What people who know of an incident are told as it goes on, each change once. Pure."""

from dataclasses import replace
from datetime import datetime

from cronmend.alerting import reports
from cronmend.model.incident import Change, Incident, IncidentState, JobState
from cronmend.model.report import Message, MessageKind
from cronmend.wording import clock


def voiced(before: JobState, change: Change, now: datetime) -> Change:
    """The change with what it means to people who have been told of the incident."""
    incident = change.job_state.incident
    if incident is None or not incident.is_open:
        return change
    known = before.incident
    if known is None or known.id != incident.id or known.state is not IncidentState.ALERTED or change.messages:
        return change
    kind, status = _news(known, incident, change)
    if not status:
        return change
    report = reports.with_status(reports.of_incident(incident, kind, status), status)
    message = Message(incident.id, incident.job, f"{kind.value}-{incident.runs}-{now:%Y%m%dT%H%M%S.%f}", report)
    return replace(change, messages=(message,))


def _news(known: Incident, incident: Incident, change: Change) -> tuple[MessageKind, str]:
    """What people would want to know; a look at the deploy that changes nothing is no news."""
    if incident.acknowledged_by != known.acknowledged_by:
        return MessageKind.PROGRESS, f"acknowledged by {incident.acknowledged_by}"
    if incident.runs > known.runs:
        return MessageKind.REMINDER, f"failed {incident.runs} times"
    if change.claim:
        asked = f", asked for by {change.claim.by}" if change.claim.by else ""
        return MessageKind.PROGRESS, f"run {change.claim.number} starts{asked}"
    if incident.planned and known.planned is None:
        return MessageKind.PROGRESS, f"run {incident.planned.attempt} planned for {clock(incident.planned.at)}"
    return MessageKind.PROGRESS, ""
