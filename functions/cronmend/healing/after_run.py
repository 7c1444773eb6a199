"""How the end of a run changes its job's incident: from the plan to the one conditional write. Pure."""

from collections.abc import Iterable
from copy import replace

from cronmend.alerting import outlook
from cronmend.healing import failed_run, order, past_runs, task_sets
from cronmend.healing.messages import is_reported, kind_of_alert, with_message
from cronmend.healing.outcome import Outcome
from cronmend.jobs import overdue
from cronmend.model import (
    Alert,
    HoldAlert,
    Missing,
    Nothing,
    Plan,
    Rerun,
    ScheduleState,
    StoppedTask,
)
from cronmend.model.incident import (
    LEAD,
    Change,
    Incident,
    IncidentState,
    JobState,
    PlannedRerun,
    RunRecord,
)
from cronmend.model.report import MessageKind
from cronmend.model.wakeups import ReleaseTimer, RerunTimer


def after_success(job_state: JobState, outcome: Outcome) -> Change:
    """A success closes the job's incident if its run was created after the latest one that failed."""
    task, incident = outcome.task, job_state.incident
    creation = outcome.creation if task.created_at else None
    job_state = past_runs.with_outcome(order.seen(job_state, task), outcome)
    if not outcome.identity.certain:
        return Change(
            job_state, _record(outcome, "", _nothing("the run succeeded, but its job isn't known for certain"))
        )
    slow = overdue.slow(order.seconds(task), job_state.history.durations)
    job_state = replace(job_state, history=order.remembered(job_state.history, task, creation))
    if incident is None or not incident.is_open:
        succeeded = ", but ".join(filter(None, ("the job succeeded", " and ".join(filter(None, (outcome.late, slow))))))
        return Change(job_state, _record(outcome, "", _nothing(succeeded)))
    was_overdue = _is_same_run(incident, outcome)
    if creation is None or not (was_overdue or order.closes(incident, creation)):
        kept = "the run succeeded, but wasn't created after the latest one that failed: the incident stays open"
        return Change(job_state, _record(outcome, "", _nothing(kept)))
    if outcome.failed_since and outcome.failed_since > creation.at:
        kept = "the run succeeded, but a newer one failed that may be of this job: the incident stays open"
        return Change(job_state, _record(outcome, "", _nothing(kept)))
    of_set = outcome.of_set and not was_overdue
    left = task_sets.with_success(incident, creation, outcome.tasks, of_set=of_set)
    return _closed(job_state, incident, outcome) if left is None else _partly_healed(job_state, left, outcome)


def _partly_healed(job_state: JobState, incident: Incident, outcome: Outcome) -> Change:
    """Some of the tasks that start at once are still to succeed, or to be repeated."""
    reason = task_sets.still_open(incident, outcome.tasks, of_set=outcome.of_set)
    timers: tuple[RerunTimer | ReleaseTimer, ...] = ()
    if outcome.attempt and incident.starting == outcome.attempt.key:
        incident = replace(incident, starting=None)
    if task_sets.repeats_next(incident, None if outcome.of_set else outcome.attempt):
        incident = replace(incident, planned=PlannedRerun(incident.reruns + 2, outcome.now + LEAD, size=incident.size))
        timers = timers_of(incident)
    return Change(replace(job_state, incident=incident), _record(outcome, incident.id, _nothing(reason), timers))


def _is_same_run(incident: Incident, outcome: Outcome) -> bool:
    """Whether the incident was about this run already, when it was only overdue."""
    return incident.failed is not None and incident.failed.task_id == outcome.task.task_id


def _closed(job_state: JobState, incident: Incident, outcome: Outcome) -> Change:
    task = outcome.task
    state = IncidentState.HEALED if outcome.attempt else IncidentState.RECOVERED
    closed = replace(incident, state=state, planned=None, held_until=None, starting=None, no_rerun="")
    at = task.stopped_at or outcome.now
    closed = replace(closed, ended_at=at, healed_by=outcome.attempt.number if outcome.attempt else 0)
    if closed.failed and _is_same_run(incident, outcome):
        closed = replace(closed, failed=replace(closed.failed, ended_at=at))
    record = _record(outcome, incident.id, _nothing(f"the job succeeded: the incident is {state.value}"))
    change = Change(replace(job_state, incident=closed), record)
    return with_message(change, MessageKind(state.value), outlook.succeeded(closed, task.task_definition, at))


def after_failure(job_state: JobState, outcome: Outcome, plan: Plan) -> Change:
    """A failure opens an incident or continues it; the plan decides whether an alert is sent or held."""
    job_state = past_runs.with_outcome(order.seen(job_state, outcome.task), outcome)
    if known := _without_plan(job_state, outcome, plan):
        return known
    incident = continued(job_state, outcome)
    rerun, hold = plan.first(Rerun), plan.first(HoldAlert)
    planned = PlannedRerun(incident.reruns + 2, rerun.at, size=rerun.size) if rerun else None
    held = hold.until if hold and not is_reported(incident) else None
    alert = plan.first(Alert)
    no_rerun = alert.no_rerun if alert else hold.no_rerun if hold else ""
    incident = replace(incident, planned=planned, held_until=held, no_rerun=no_rerun)
    change = Change(replace(job_state, incident=incident), _record(outcome, incident.id, plan, _timers(incident)))
    return with_message(change, kind_of_alert(incident)) if alert else change


def _without_plan(job_state: JobState, outcome: Outcome, plan: Plan) -> Change | None:
    """The change if the run leaves the incident's plan as it is; None if the incident is about this run."""
    if reason := outcome.diagnosis.category.traits.silent:
        return _silent(job_state, outcome, reason)
    if not outcome.identity.certain:
        return None
    if not outcome.is_alive and order.answered(job_state.history, outcome.creation, outcome.tasks):
        return Change(job_state, _record(outcome, "", _nothing("a later run has already succeeded")))
    incident = job_state.open_incident
    if incident is None or _is_same_run(incident, outcome):
        return None
    if not (reason := order.covered(incident, outcome.creation, plan, is_alive=outcome.is_alive)):
        return None
    incident = task_sets.with_failure(incident, outcome)
    change = Change(replace(job_state, incident=incident), _record(outcome, incident.id, _nothing(reason)))
    return _also_overdue(job_state, change, outcome, plan) if outcome.is_alive else change


def _also_overdue(before: JobState, change: Change, outcome: Outcome, plan: Plan) -> Change:
    """People are alerted to a run that hangs, too: a re-run has to wait for it. A held alert stays held."""
    alert, kept = plan.first(Alert), change.job_state.incident
    if alert is None or kept is None:
        return change
    about = replace(continued(before, outcome), planned=None, no_rerun=alert.no_rerun)
    told = with_message(Change(replace(before, incident=about)), MessageKind.ALERT)
    notified = told.job_state.incident.notified if told.job_state.incident else ()
    job_state = replace(change.job_state, incident=replace(kept, notified=notified))
    return Change(job_state, _record(outcome, kept.id, plan), told.messages)


def _silent(job_state: JobState, outcome: Outcome, reason: str) -> Change:
    """A person stopped the run. That ends its attempt, but not the incident: the alert stays held by its deadline."""
    incident = job_state.open_incident if outcome.identity.certain else None
    if incident and outcome.attempt and incident.starting == outcome.attempt.key:
        no_rerun = f"run {outcome.attempt.number} was stopped on purpose"
        incident = replace(incident, starting=None, no_rerun=no_rerun)
        job_state = replace(job_state, incident=incident)
    return Change(job_state, _record(outcome, incident.id if incident else "", _nothing(reason)))


def timers_of(incident: Incident) -> tuple[RerunTimer | ReleaseTimer, ...]:
    """The timers that the incident needs in its current state."""
    return tuple(_timers(incident))


def continued(job_state: JobState, outcome: Outcome) -> Incident:
    """The incident that a failure opens or continues."""
    task, diagnosis = outcome.task, replace(outcome.diagnosis, fatal_error=None)
    schedule = outcome.identity.schedule
    incident = job_state.open_incident if outcome.identity.certain else None
    if incident is None:
        incident = Incident(
            id=task.key,
            job=outcome.identity.job,
            cluster_arn=task.cluster_arn,
            family=task.task_definition.family,
            began_at=task.created_at or outcome.now,
            state=IncidentState.HEALING,
            diagnosis=diagnosis,
            runs=0,
            began_with_task=isinstance(task, StoppedTask),
        )
    return replace(
        task_sets.with_failure(incident, outcome),
        diagnosis=diagnosis,
        failed=failed_run.of(task, outcome.creation, outcome.number, outcome.log, job_state.history),
        bound=outcome.bound,
        starting=None,
        slot=outcome.slot or (incident.slot if outcome.attempt else None),
        policy=outcome.policy,
        since=incident.since if outcome.attempt and outcome.attempt.incident else outcome.creation.at,
        schedule=ScheduleState.UNKNOWN if isinstance(schedule, Missing) else schedule.state,
    )


def _nothing(reason: str) -> Plan:
    return Plan((Nothing(reason),))


def _record(outcome: Outcome, incident: str, plan: Plan, timers: Iterable[RerunTimer | ReleaseTimer] = ()) -> RunRecord:
    task, diagnosis = outcome.task, outcome.diagnosis
    return RunRecord(
        task_id=task.key,
        job=outcome.identity.job,
        attempt=outcome.number,
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
        created_at=task.created_at,
        ran=task.ran,
        policy=outcome.policy,
        deploy_may_explain=diagnosis.deploy_may_explain,
        slot=outcome.named_slot,
    )


def _timers(incident: Incident) -> Iterable[RerunTimer | ReleaseTimer]:
    if planned := incident.planned:
        yield RerunTimer(incident.job, incident.id, planned.attempt, planned.at, planned.rechecks)
    if incident.held_until:
        yield ReleaseTimer(incident.job, incident.id, incident.held_until)
