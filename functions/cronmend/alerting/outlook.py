"""What happens now: what Cronmend did about an incident and whether a re-run follows, in whole sentences. Pure."""

from datetime import datetime

from cronmend.model import MAY_EXPLAIN, Category, ScheduleState, TaskDefinitionRef, WindowState
from cronmend.model.incident import Incident
from cronmend.model.report import ALERTS, MessageKind
from cronmend.wording import clock, moment, nth_run, sentence, span, times


def of(incident: Incident, kind: MessageKind, said: str) -> str:
    """``said`` and, if someone needs to act, what happens next and when."""
    if kind not in ALERTS and kind is not MessageKind.REMINDER:
        return said
    return " ".join(filter(None, (_before(incident, kind), said, *_next(incident, kind))))


def held(incident: Incident) -> str:
    """Why an alert is sent only now."""
    if incident.reruns or incident.planned or incident.starting:
        return "Cronmend held this alert while it tried to heal the job. The deadline passed before the job recovered."
    return "Cronmend held this alert in case the job recovered without a re-run. It hasn't."


def planned_time(incident: Incident, at: datetime) -> str:
    """When a re-run is planned, with the date if that isn't the day of the latest failure."""
    failed = incident.failed and incident.failed.ended_at
    return moment(at, failed or incident.began_at)


def succeeded(incident: Incident, used: TaskDefinitionRef, at: datetime) -> str:
    """The run that ended the incident: its revision, and when it succeeded."""
    failed = incident.failed and (incident.failed.ended_at or incident.failed.created_at)
    if succeeded_late(incident):
        return f"The run ended at {clock(at)}, on {used}. The schedule continues."
    when = f"at {clock(at)}" + (f", {span(at - failed)} after the failure" if failed else "")
    if not incident.healed_by:
        return f"That run used {used} and ended {when}. The schedule continues."
    given = f" with {incident.size}" if incident.size else ""
    return f"Run {incident.healed_by} succeeded on {used}{given} {when}. The schedule continues."


def succeeded_late(incident: Incident) -> bool:
    """Whether the incident ended because the run that was overdue succeeded."""
    ended = incident.failed is not None and incident.failed.ended_at is not None
    return ended and incident.category is Category.OVERDUE and not incident.is_open


def _before(incident: Incident, kind: MessageKind) -> str:
    if incident.failed and not incident.ran:
        return "No code ran."
    made = incident.reruns if kind is not MessageKind.GAVE_UP else 0
    return f"Cronmend made {times(made, 're-run')}." if made else ""


def _next(incident: Incident, kind: MessageKind) -> tuple[str, ...]:
    if incident.planned:
        run = nth_run(incident.planned.attempt, incident.most_runs)
        if incident.diagnosis.may_end_with_deploy:
            return (sentence(f"{MAY_EXPLAIN[incident.diagnosis.window.state]}: {_after(incident)}"),)
        return (sentence(f"{run} is planned for {planned_time(incident, incident.planned.at)}"),)
    if incident.starting:
        return (sentence(f"{nth_run(incident.reruns + 1, incident.most_runs)} is running"),)
    return (_no_rerun(incident, kind), _schedule(incident, kind))


def _after(incident: Incident) -> str:
    """When the re-run follows that shows whether the deploy explains the failure."""
    if incident.diagnosis.window.state is WindowState.OPEN:
        return "Cronmend runs the job once more when the deploy ends"
    return "Cronmend runs the job once more"


def _no_rerun(incident: Incident, kind: MessageKind) -> str:
    """If Cronmend doesn't know whether a re-run would fail, it doesn't claim so."""
    if kind is MessageKind.GAVE_UP and incident.attempts_used:
        return "Cronmend won't re-run it again in this incident. It can't tell whether a later run would succeed."
    if incident.diagnosis.is_unsure:
        return "Cronmend won't re-run it, because it can't tell whether a later run would succeed."
    again = " again" if incident.reruns else ""
    why = f": {incident.no_rerun}" if incident.no_rerun else ""
    return f"Cronmend won't re-run it{again}{why}."


def _schedule(incident: Incident, kind: MessageKind) -> str:
    if incident.schedule is not ScheduleState.ENABLED:
        return ""
    if kind is MessageKind.HALF_DONE:
        return "The schedule continues, so expect its next runs to fail too."
    if kind is MessageKind.GAVE_UP:
        return "The schedule continues, and a scheduled run that succeeds closes the incident."
    return "The schedule continues."
