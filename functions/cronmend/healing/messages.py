"""Which message a change of an incident brings, once for each cause. Pure."""

from copy import replace

from cronmend.alerting import reports
from cronmend.model import Diagnosis, WindowState
from cronmend.model.incident import Change, Incident, IncidentState
from cronmend.model.report import Message, MessageKind


def kind_of_alert(incident: Incident) -> MessageKind:
    """The kind of the alert about the incident's latest failure."""
    diagnosis = incident.diagnosis
    if is_half_done(diagnosis):
        return MessageKind.HALF_DONE
    may_pass = diagnosis.category.traits.heals and not diagnosis.lasts
    gave_up = incident.reruns and (may_pass or diagnosis.deploy_may_explain)
    return MessageKind.GAVE_UP if gave_up else MessageKind.ALERT


def is_half_done(diagnosis: Diagnosis) -> bool:
    """Whether the half-done deploy is the cause, not only a possible one."""
    return diagnosis.category.traits.waits_for_deploy and diagnosis.window.state is WindowState.STUCK


def is_reported(incident: Incident) -> bool:
    """Whether people were alerted to the incident's present cause: one that they don't know has an alert of its own."""
    return any(news.partition("-")[2] == incident.category.value for news in incident.notified)


def with_message(change: Change, kind: MessageKind, said: str = "") -> Change:
    """The change with a message added, once per incident and cause; an alert is then no longer held.

    Args:
        said: what happened, in whole sentences; whether a re-run follows is read from the incident.
    """
    incident = change.job_state.incident
    if incident is None:
        raise ValueError(f"{change.job_state.job} has no incident to report")
    if incident.is_open:
        incident = replace(incident, state=IncidentState.ALERTED, held_until=None)
    news = f"{kind.value}-{incident.category.value}"
    if news in incident.notified:
        return replace(change, job_state=replace(change.job_state, incident=incident))
    message = Message(incident.id, incident.job, news, reports.of_incident(incident, kind, said))
    incident = replace(incident, notified=(*incident.notified, news))
    return replace(change, job_state=replace(change.job_state, incident=incident), messages=(*change.messages, message))
