"""The order of a job's runs: by creation, whatever the order of their ends and of the events. Pure."""

from copy import replace
from datetime import datetime, timedelta

from cronmend.jobs import identity
from cronmend.model import Creation, FailedTask, History, Plan, Rerun, StoppedTask
from cronmend.model.incident import Incident, IncidentState, JobState

TOGETHER = timedelta(minutes=1)
"""A target with a ``TaskCount`` starts all of its tasks at once. One that starts later is another run."""
DURATIONS = 10
"""How many successful runs are kept to know how long a run usually takes."""


def siblings(a: Creation, b: Creation) -> bool:
    """Tasks that one call started. If an earlier version didn't keep who started a run, its time alone decides."""
    if a.no_task or b.no_task:
        return False
    known = a.started_by and b.started_by and a.started_by != b.started_by
    other_slots = a.slot and b.slot and a.slot != b.slot
    return abs(a.at - b.at) < TOGETHER and not known and not other_slots


def follows(later: Creation, earlier: Creation) -> bool:
    """Whether a run was created after another, and not together with it: only then its success answers a failure.

    A slot that no task was started for is also answered by a run that began a little early.
    """
    if earlier.no_task:
        return later.at >= earlier.at or later.slot == earlier.slot
    return later.at > earlier.at and not siblings(later, earlier)


def closes(incident: Incident, success: Creation) -> bool:
    """Whether a success ends the incident. If a deploy held the slot, no run has failed, and any later one ends it."""
    if incident.failed is None:
        return success.at >= incident.began_at
    return follows(success, incident.failed.creation)


def answered(history: History, failed: Creation, tasks: int = 1) -> bool:
    """Whether a run that was created after the failed one is known to have succeeded.

    Of several tasks that start at once, a re-run for the same slot repeats only one, and not this one for certain.
    """
    success = history.last_success
    if success is None or not follows(success, failed):
        return False
    other_slots = success.slot and failed.slot and success.slot != failed.slot
    return tasks == 1 or bool(other_slots) or not success.started_by.startswith(identity.OWN)


def covered(incident: Incident, creation: Creation, plan: Plan, *, is_alive: bool = False) -> str:
    """Why the incident stays about another run; ``""`` if it is about this one.

    Of the tasks that one call started, one that needs a person decides for all: its alert ends the healing. One that
    is only overdue can't take that over: its own end may want a re-run.
    """
    if incident.failed is None:
        return ""
    if siblings(incident.failed.creation, creation):
        follows, wanted = bool(incident.planned or incident.starting), plan.first(Rerun) is not None
        hangs = is_alive and incident.failed.ended_at is not None
        if (wanted or hangs) and not follows and incident.state is IncidentState.ALERTED:
            return "another task of the same call failed and needs a person: the incident is about that one"
        if follows and not wanted:
            return ""
    if incident.failed.created_at > creation.at:
        return "a run that was created later has failed: the incident is about that one"
    return ""


def remembered(history: History, task: FailedTask, creation: Creation | None) -> History:
    """The history with a success, if no run that was created later has succeeded."""
    if task.stopped_at is None or creation is None or not _is_latest(history, creation):
        return history
    took = seconds(task)
    durations = history.durations if took is None else (*history.durations, took)[-DURATIONS:]
    digest = task.job.image_digest if task.job else ""
    return History(task.stopped_at, task.task_definition.revision, digest, durations, creation)


def seen(job_state: JobState, task: FailedTask) -> JobState:
    """The job's state with this run: it may be the latest that the schedule started, or the claimed one, now over.

    A slot for which the schedule started no task counts as one: its own run won't come any more.
    """
    is_claimed = job_state.claim is not None and task.started_by == f"{identity.OWN}{job_state.claim.key}"
    if is_claimed and isinstance(task, StoppedTask):
        return replace(job_state, claim=None)
    if task.created_at is None or (task.task_arn and not identity.name_prefix(task)):
        return job_state
    return replace(job_state, last_own=max(job_state.last_own or task.created_at, task.created_at))


def last_own(job_state: JobState) -> datetime | None:
    """When the schedule's own latest known run was created. An earlier version kept it only of a failed run."""
    failed = job_state.incident.failed if job_state.incident else None
    if job_state.last_own is None and failed and failed.attempt == 1:
        return failed.created_at
    return job_state.last_own


def seconds(task: FailedTask) -> int | None:
    """How long the run's containers were running; None if they never started."""
    if task.started_at is None or task.stopped_at is None:
        return None
    return max(0, round((task.stopped_at - task.started_at).total_seconds()))


def _is_latest(history: History, creation: Creation) -> bool:
    """An earlier version kept only when a run ended: one that was created after that is later for certain."""
    if history.last_success:
        return creation.at > history.last_success.at
    return history.last_success_at is None or creation.at > history.last_success_at
