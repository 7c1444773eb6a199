"""The messages that follow an incident after its alert, one for each change. Pure."""

from copy import replace
from datetime import datetime

from cronmend.alerting import reports
from cronmend.model import Category
from cronmend.model.incident import Change, Incident, IncidentState, JobState
from cronmend.model.report import Message, MessageKind, Stage
from cronmend.wording import clock, moment, nth_run, sentence


def with_progress(before: JobState, change: Change, now: datetime) -> Change:
    """The change with a message about what it does to an incident that people have been alerted to.

    A change that has a message already gets no second one.
    """
    incident, known = change.job_state.incident, before.incident
    if incident is None or not incident.is_open or change.messages:
        return change
    if known is None or known.id != incident.id or known.state is not IncidentState.ALERTED:
        return change
    kind, stage, status = _news(known, incident, change, now)
    if not status:
        return change
    report = reports.with_status(reports.of_incident(incident, kind, sentence(status)), stage, status)
    message = Message(incident.id, incident.job, f"{kind.value}-{incident.runs}-{now:%Y%m%dT%H%M%S.%f}", report)
    return replace(change, messages=(message,))


def _news(known: Incident, incident: Incident, change: Change, now: datetime) -> tuple[MessageKind, Stage, str]:
    """The status to send; ``""`` if nothing that people follow has changed, such as a re-run that still waits."""
    if incident.acknowledged_by != known.acknowledged_by:
        return MessageKind.PROGRESS, Stage.ACKNOWLEDGED, f"acknowledged by {incident.acknowledged_by}"
    if incident.runs > known.runs:
        return MessageKind.REMINDER, Stage.FAILED, f"failed {incident.runs} times"
    if incident.failed and incident.missed and not known.missed:
        return MessageKind.PROGRESS, Stage.FAILED, f"also missed its scheduled time {_latest_missed(incident)}"
    if change.claim:
        asked = f", requested by {change.claim.by}" if change.claim.by else ""
        run = nth_run(change.claim.number, incident.most_runs)
        return MessageKind.PROGRESS, Stage.RUNNING, f"{run} started{asked}"
    if incident.planned and known.planned is None:
        run = nth_run(incident.planned.attempt, incident.most_runs)
        return MessageKind.PROGRESS, Stage.PLANNED, f"{run} planned for {moment(incident.planned.at, now)}"
    return MessageKind.PROGRESS, Stage.FAILED, _ended_plan(known, incident, change)


def _latest_missed(incident: Incident) -> str:
    return clock(incident.missed_until) if incident.missed_until else ""


def _ended_plan(known: Incident, incident: Incident, change: Change) -> str:
    """Why the re-run that people were notified of isn't planned or running any more; ``""`` if it still is."""
    run = change.run
    if run and run.attempt > 1 and run.category is Category.CANCELLED:
        return f"{nth_run(run.attempt, incident.most_runs)} was stopped on purpose"
    ended = (known.planned or known.starting) and not (incident.planned or incident.starting)
    return f"no re-run: {incident.no_rerun}" if ended and incident.no_rerun else ""
