"""When the promises in the ledger are due. Pure."""

from datetime import datetime, timedelta

from cronmend.healing import after_run
from cronmend.model.incident import Attempt, JobState

STREAM = timedelta(minutes=3)
"""How long the ledger's stream may take to deliver a message; usually a second."""
OFTEN = timedelta(hours=1)
"""A promise that has been failing for longer goes before others only once in this time."""
PERIOD = timedelta(minutes=5)
"""The time between two calls of ``reconcile``."""


def due_of_job(job_state: JobState) -> datetime | None:
    """When something has to happen next in the job's open incident; None if nothing has to."""
    incident = job_state.open_incident
    return min((timer.at for timer in after_run.timers_of(incident)), default=None) if incident else None


def due_of_attempt(attempt: Attempt) -> datetime | None:
    """None for a run that a person requested: starting it later would surprise them."""
    return attempt.claimed_at if attempt.incident and not attempt.task_arn else None


def due_of_message(written: datetime) -> datetime:
    return written + STREAM


def goes_first(due: datetime, now: datetime) -> bool:
    """Whether the promise goes before those that have been failing for hours: there may be more of them than a call can
    handle."""
    overdue = now - due
    return overdue < OFTEN or overdue % OFTEN < PERIOD
