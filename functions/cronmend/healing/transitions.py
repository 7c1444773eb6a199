"""How a timer, a refused RunTask or the end of a deploy changes an open incident. Pure."""

from copy import replace
from datetime import datetime, timedelta

from cronmend.alerting import outlook, reports
from cronmend.healing import budgets
from cronmend.healing.messages import is_half_done, with_message
from cronmend.model import DeployWindow, ScheduleState
from cronmend.model.claims import Claim
from cronmend.model.incident import Attempt, Change, Incident, JobState, PlannedRerun
from cronmend.model.keys import stable_key
from cronmend.model.report import Message, MessageKind, Report


def released(job_state: JobState) -> Change:
    """Send the held alert at its deadline, and keep a planned re-run."""
    return with_message(Change(job_state), MessageKind.ALERT, outlook.held(_open(job_state)))


def given_up(
    job_state: JobState, no_rerun: str, window: DeployWindow | None = None, schedule: ScheduleState | None = None
) -> Change:
    """Cancel the planned re-run and alert people now.

    Args:
        no_rerun: why no re-run follows, as a clause.
        window: the deploy window now, if that is why; None if it is as it was.
        schedule: what has become of the schedule since the failure; None if it is as it was.
    """
    incident = replace(_open(job_state), planned=None, starting=None, no_rerun=no_rerun)
    diagnosis = replace(incident.diagnosis, window=window or incident.diagnosis.window)
    incident = replace(incident, diagnosis=diagnosis, schedule=schedule or incident.schedule)
    return with_message(Change(replace(job_state, incident=incident)), _kind_of_end(incident))


def _kind_of_end(incident: Incident) -> MessageKind:
    if is_half_done(incident.diagnosis):
        return MessageKind.HALF_DONE
    return MessageKind.GAVE_UP if incident.reruns else MessageKind.ALERT


def deferred(job_state: JobState, no_rerun: str) -> Change:
    """Cancel the planned re-run because something else covers it. The alert stays held until its deadline.

    Args:
        no_rerun: what covers it, as a clause.
    """
    incident = replace(_open(job_state), planned=None, starting=None, no_rerun=no_rerun)
    return Change(replace(job_state, incident=incident))


def shadowed(job_state: JobState, would: str) -> Change:
    """Shadow mode: no guard blocks the re-run, but alert people to what Cronmend would have done."""
    incident = replace(_open(job_state), planned=None, starting=None, no_rerun="the mode is shadow")
    said = f"In mode heal, {would}."
    return with_message(Change(replace(job_state, incident=incident)), MessageKind.ALERT, said)


def refused(job_state: JobState, at: datetime, avoid: tuple[str, ...]) -> Change:
    """Plan the next attempt, because AWS had no capacity for this one and started no task, for certain.

    The re-run is moved from the job's own budget to the budget for failures of AWS.
    """
    incident = _open(job_state)
    if not incident.category.traits.of_aws:
        incident = replace(incident, infra_reruns=incident.infra_reruns + 1)
        job_state = replace(
            job_state,
            rerun_times=job_state.rerun_times[:-1],
            infra_times=(*job_state.infra_times, job_state.rerun_times[-1]),
        )
    planned = PlannedRerun(incident.reruns + 2, at, avoid=avoid, size=incident.size)
    return Change(replace(job_state, incident=replace(incident, planned=planned, starting=None), claim=None))


def unanswered(job_state: JobState, claim: Claim, at: datetime) -> Change | None:
    """Ask AWS for the claimed run again at ``at``; None if another invocation has decided since ``claim`` was read."""
    if job_state.claim != claim:
        return None
    return Change(replace(job_state, claim=replace(claim, rechecks=claim.rechecks + 1, again_at=at)))


def not_started(job_state: JobState, key: str) -> JobState:
    """The job's state after AWS refused the run of this claim: nothing is about to start."""
    return replace(job_state, claim=None) if job_state.claim and job_state.claim.key == key else job_state


def rechecked(job_state: JobState, at: datetime) -> Change:
    """The deploy is still open: check again at ``at``."""
    return _replanned(job_state, at, rechecks=1)


def brought_forward(job_state: JobState, at: datetime) -> Change:
    """The event that the re-run waited for has happened: it is due at ``at``."""
    return _replanned(job_state, at, rechecks=0)


def claimed(job_state: JobState, now: datetime, window: DeployWindow | None = None) -> Change:
    """Claim the planned attempt. An invocation that loses this write starts no run.

    Args:
        window: the present state of the deploy that the attempt waited for; None if it waited for none.
    """
    incident = _open(job_state)
    planned = incident.planned or PlannedRerun(incident.reruns + 2, now)
    key = stable_key(incident.id, planned.attempt)
    attempt = Attempt(
        key,
        job_state.job,
        incident.id,
        planned.attempt,
        now,
        incident.slot,
        avoid=planned.avoid,
        size=planned.size,
        whole_slot=not incident.has_task,
        window=window,
    )
    infrastructure = incident.category.traits.of_aws
    incident = replace(
        incident,
        planned=None,
        reruns=incident.reruns + 1,
        infra_reruns=incident.infra_reruns + infrastructure,
        starting=key,
        no_rerun="",
        size=planned.size,
    )
    job_state = budgets.charged(replace(job_state, claim=Claim(key, now, planned.rechecks)), infrastructure, now)
    return Change(replace(job_state, incident=incident), claim=attempt)


def requested(job_state: JobState, key: str, by: str, now: datetime, slot: str = "") -> Change:
    """Claim a run that a person requests. It is paid from the budgets that its guards check.

    Args:
        slot: the missed slot that it is for; ``""`` for that of the job's open incident.
    """
    incident = job_state.open_incident
    infrastructure = incident is not None and incident.category.traits.of_aws
    job_state = budgets.charged(replace(job_state, claim=Claim(key, now)), infrastructure, now)
    attempt = Attempt(key, job_state.job, "", 1, now, slot or None, by=by, whole_slot=True)
    if incident is None:
        return Change(job_state, claim=attempt)
    attempt = replace(attempt, number=incident.reruns + 2, slot=slot or incident.slot)
    attempt = replace(attempt, whole_slot=bool(slot) or not incident.has_task)
    paid = replace(incident, reruns=incident.reruns + 1, infra_reruns=incident.infra_reruns + infrastructure)
    return Change(replace(job_state, incident=paid), claim=attempt)


def escalated(job_state: JobState, report: Report, route: str, after: timedelta) -> Change:
    """No one has acknowledged the alert in time: notify the second route, once for each alert."""
    incident, news = _open(job_state), f"{MessageKind.ESCALATION.value}-{route}-{report.category.value}"
    if news in incident.notified:
        return Change(job_state)
    message = Message(incident.id, job_state.job, news, reports.of_escalation(report, after), route)
    incident = replace(incident, notified=(*incident.notified, news))
    return Change(replace(job_state, incident=incident), messages=(message,))


def acknowledged(job_state: JobState, by: str) -> Change:
    """Record who acknowledged the incident, which stops its reminders and escalation."""
    incident = replace(_open(job_state), acknowledged_by=by)
    return Change(replace(job_state, incident=incident))


def _replanned(job_state: JobState, at: datetime, rechecks: int) -> Change:
    incident = _open(job_state)
    if incident.planned is None:
        raise ValueError(f"incident {incident.id} has no re-run planned")
    planned = replace(incident.planned, at=at, rechecks=incident.planned.rechecks + rechecks)
    return Change(replace(job_state, incident=replace(incident, planned=planned)))


def _open(job_state: JobState) -> Incident:
    if job_state.incident is None or not job_state.incident.is_open:
        raise ValueError(f"{job_state.job} has no open incident")
    return job_state.incident
