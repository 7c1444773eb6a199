"""Success and failure of all tasks that one call started: a re-run is one task, and repeats one of them. Pure."""

from copy import replace
from typing import Final

from cronmend.healing import order
from cronmend.healing.outcome import Outcome
from cronmend.model import Creation
from cronmend.model.incident import Attempt, Incident
from cronmend.model.task_sets import TaskSet

MOST_OVERDUE: Final = 20
"""So many tasks are remembered that were overdue and whose end isn't known."""


def with_failure(incident: Incident, outcome: Outcome) -> Incident:
    """The incident after a task has failed or is overdue. One that is overdue and then fails is counted once."""
    task_id = outcome.task.task_id
    is_counted = task_id in incident.overdue or (incident.failed is not None and incident.failed.task_id == task_id)
    others = tuple(each for each in incident.overdue if each != task_id)
    if outcome.is_alive:
        others = (*others, task_id)[-MOST_OVERDUE:]
    incident = replace(incident, overdue=others)
    if is_counted:
        return incident
    return _with_broken(replace(incident, runs=incident.runs + 1), outcome.creation, of_set=outcome.of_set)


def _with_broken(incident: Incident, creation: Creation, *, of_set: bool) -> Incident:
    """A call for a whole slot starts a set of tasks; a re-run repeats a task that is counted already."""
    known = incident.broken
    if known and order.siblings(known.creation, creation):
        return replace(incident, broken=replace(known, tasks=known.tasks + 1), succeeding=None)
    if known is None or (of_set and creation.at > known.creation.at):
        return replace(incident, broken=TaskSet(creation), succeeding=None)
    return incident


def with_success(incident: Incident, creation: Creation, tasks: int, *, of_set: bool) -> Incident | None:
    """The incident after a task that answers it has succeeded; None if that ends it.

    Args:
        tasks: how many tasks the schedule starts at once.
        of_set: as above. All tasks of a later set have to succeed, or one re-run for each task that failed.
    """
    if of_set:
        return _after_sets_task(incident, creation, tasks)
    left = min(incident.broken.tasks, tasks) - 1 if incident.broken else 0
    return replace(incident, broken=replace(incident.broken, tasks=left)) if left and incident.broken else None


def _after_sets_task(incident: Incident, creation: Creation, tasks: int) -> Incident | None:
    known = incident.succeeding
    if known and order.siblings(known.creation, creation):
        now = replace(known, tasks=known.tasks + 1)
    elif known is None or creation.at > known.creation.at:
        now = TaskSet(creation)
    else:
        return incident
    return None if now.tasks >= tasks else replace(incident, succeeding=now)


def still_open(incident: Incident, tasks: int, *, of_set: bool) -> str:
    """Why a success didn't end the incident, as a clause."""
    if of_set:
        return f"the run succeeded, but not yet all of the {tasks} tasks that its schedule starts at once"
    left = incident.broken.tasks if incident.broken else 0
    return f"the re-run succeeded, but {left} of the tasks that failed with the one it repeated have not been repeated"


def repeats_next(incident: Incident, attempt: Attempt | None) -> bool:
    """Whether another re-run follows one that succeeded: not if a person asked for it, or healing has ended."""
    return attempt is not None and not attempt.by and not incident.no_rerun and incident.planned is None
