"""How the end of a run changes its job's incident: from the plan to the one conditional write. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from cronmend.alerting import outlook, reports
from cronmend.jobs import identity
from cronmend.model import (
    Alert,
    Container,
    Diagnosis,
    History,
    HoldAlert,
    Identity,
    LogPlace,
    Missing,
    Nothing,
    Plan,
    Policy,
    Rerun,
    ScheduleState,
    StoppedTask,
    WindowState,
)
from cronmend.model.incident import (
    Attempt,
    Change,
    FailedRun,
    Incident,
    IncidentState,
    JobState,
    PlannedRerun,
    RunRecord,
)
from cronmend.model.report import Message, MessageKind
from cronmend.model.wakeups import ReleaseTimer, RerunTimer

DURATIONS = 10
"""How many successful runs are kept to know how long a run usually takes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that ended, with everything known before its job's state is read."""

    task: StoppedTask
    identity: Identity
    diagnosis: Diagnosis
    attempt: Attempt | None
    """The claim of this run, if Cronmend started it."""
    now: datetime
    bound: int = 0
    """The most re-runs that the incident may have for a cause of this kind."""
    log: LogPlace | None = None
    policy: Policy = Policy.UNSTARTED
    by_hand: str = ""
    """A command for a person; ``""`` if the job's schedule can run it."""


def after_success(job_state: JobState, outcome: Outcome) -> Change:
    """A success closes the job's incident, unless the run was created before the incident started."""
    task, incident = outcome.task, job_state.incident
    job_state = replace(job_state, history=_history(job_state.history, task))
    closes = incident is not None and incident.is_open and (task.created_at or outcome.now) >= incident.began_at
    if incident is None or not closes:
        return Change(job_state, _record(outcome, "", Plan((Nothing("the job succeeded"),))))
    state = IncidentState.HEALED if outcome.attempt else IncidentState.RECOVERED
    kind = MessageKind(state.value)
    closed = replace(incident, state=state, planned=None, held_until=None, starting=None, no_rerun="")
    closed = replace(closed, healed_by=outcome.attempt.number if outcome.attempt else 0)
    at = task.stopped_at or outcome.now
    record = _record(outcome, incident.id, Plan((Nothing(f"the job succeeded: the incident is {state.value}"),)))
    return with_message(
        Change(replace(job_state, incident=closed), record), kind, outlook.succeeded(closed, task.task_definition, at)
    )


def after_failure(job_state: JobState, outcome: Outcome, plan: Plan) -> Change:
    """A failure opens an incident or continues it; the plan decides whether an alert is sent or held."""
    if late := _late(job_state.history, outcome.task):
        return Change(job_state, _record(outcome, "", Plan((Nothing(late),))))
    incident = continued(job_state, outcome)
    rerun, hold = plan.first(Rerun), plan.first(HoldAlert)
    planned = PlannedRerun(incident.reruns + 2, rerun.at, size=rerun.size) if rerun else None
    held = hold.until if hold and incident.state is IncidentState.HEALING else None
    alert = plan.first(Alert)
    no_rerun = alert.no_rerun if alert else hold.no_rerun if hold else ""
    incident = replace(incident, planned=planned, held_until=held, no_rerun=no_rerun)
    change = Change(replace(job_state, incident=incident), _record(outcome, incident.id, plan, _timers(incident)))
    return with_message(change, _kind_of_alert(incident, outcome.diagnosis)) if alert else change


def _kind_of_alert(incident: Incident, diagnosis: Diagnosis) -> MessageKind:
    if diagnosis.window.state is WindowState.STUCK:
        return MessageKind.HALF_DONE
    gave_up = incident.reruns and diagnosis.category.traits.heals
    return MessageKind.GAVE_UP if gave_up else MessageKind.ALERT


def timers_of(incident: Incident) -> tuple[RerunTimer | ReleaseTimer, ...]:
    """The timers that the incident needs in its current state."""
    return tuple(_timers(incident))


def _late(history: History, task: StoppedTask) -> str:
    """Events are delivered out of order: a failure opens no incident if a later run has already succeeded."""
    if history.last_success_at and task.stopped_at and history.last_success_at > task.stopped_at:
        return "a later run has already succeeded"
    return ""


def _history(history: History, task: StoppedTask) -> History:
    if task.stopped_at is None or (history.last_success_at and history.last_success_at >= task.stopped_at):
        return history
    took = _seconds(task)
    durations = history.durations if took is None else (*history.durations, took)[-DURATIONS:]
    digest = task.job.image_digest if task.job else ""
    return History(task.stopped_at, task.task_definition.revision, digest, durations)


def _seconds(task: StoppedTask) -> int | None:
    """How long the run's containers were running; None if they never started."""
    if task.started_at is None or task.stopped_at is None:
        return None
    return max(0, round((task.stopped_at - task.started_at).total_seconds()))


def continued(job_state: JobState, outcome: Outcome) -> Incident:
    """The incident that a failure opens or continues."""
    task, diagnosis = outcome.task, replace(outcome.diagnosis, fatal_error=None)
    schedule = outcome.identity.schedule
    incident = job_state.incident
    if incident is None or not incident.is_open:
        incident = Incident(
            id=task.task_id,
            job=outcome.identity.job,
            cluster_arn=task.cluster_arn,
            family=task.task_definition.family,
            began_at=task.created_at or outcome.now,
            state=IncidentState.HEALING,
            diagnosis=diagnosis,
            runs=0,
        )
    return replace(
        incident,
        diagnosis=diagnosis,
        failed=_failed(outcome, job_state.history),
        runs=incident.runs + 1,
        bound=outcome.bound,
        starting=None,
        slot=identity.declared_slot(task) or incident.slot,
        policy=outcome.policy,
        schedule=ScheduleState.UNKNOWN if isinstance(schedule, Missing) else schedule.state,
    )


def _failed(outcome: Outcome, last_good: History) -> FailedRun:
    task = outcome.task
    return FailedRun(
        task_id=task.task_id,
        task_definition=task.task_definition,
        created_at=task.created_at or outcome.now,
        ended_at=task.stopped_at,
        seconds=_seconds(task),
        attempt=outcome.attempt.number if outcome.attempt else 1,
        ran=task.ran,
        container=_container(task),
        log=outcome.log,
        last_good=last_good,
    )


def _container(task: StoppedTask) -> Container:
    """Only its name is known if ECS never placed the task. ECS's reason isn't redacted, so it isn't stored."""
    return replace(task.job, reason="") if task.job else Container(task.job_container)


def _record(outcome: Outcome, incident: str, plan: Plan, timers: Iterable[RerunTimer | ReleaseTimer] = ()) -> RunRecord:
    task, diagnosis = outcome.task, outcome.diagnosis
    return RunRecord(
        task_id=task.task_id,
        job=outcome.identity.job,
        attempt=outcome.attempt.number if outcome.attempt else 1,
        incident=incident,
        category=diagnosis.category,
        rule=diagnosis.rule,
        line=diagnosis.line,
        sentence=diagnosis.sentence,
        window=diagnosis.window,
        action=plan.word,
        reasons=tuple(action.reason for action in plan.actions),
        started_by=task.started_by,
        task_definition=str(task.task_definition),
        stopped_at=task.stopped_at or outcome.now,
        timers=tuple(timers),
        by_hand=outcome.by_hand,
        recorded_at=outcome.now,
    )


def _timers(incident: Incident) -> Iterable[RerunTimer | ReleaseTimer]:
    if planned := incident.planned:
        yield RerunTimer(incident.job, incident.id, planned.attempt, planned.at, planned.rechecks)
    if incident.held_until:
        yield ReleaseTimer(incident.job, incident.id, incident.held_until)


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
