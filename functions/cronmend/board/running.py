"""Which jobs are running, from the tasks that ECS lists. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from cronmend.jobs import identity
from cronmend.model import LiveTask
from cronmend.model.timetables import Timetable


def running(tasks: Iterable[LiveTask], timetables: Iterable[Timetable]) -> Mapping[str, datetime]:
    """Since when each job's latest run has been running. A task that could be of several jobs is left out."""
    known = [each.job for each in timetables]
    found: dict[str, datetime] = {}
    for task in tasks:
        job, since = _job_of(task, known), task.started_at or task.created_at
        if job and since and identity.is_run(task):
            found[job] = max(since, found.get(job, since))
    return found


def _job_of(task: LiveTask, known: Iterable[str]) -> str:
    if likely := identity.likely_job(task):
        return likely
    kept = identity.name_prefix(task)
    named = [job for job in known if kept and identity.is_named(job, kept)]
    return named[0] if len(named) == 1 else ""
