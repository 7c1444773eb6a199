"""The budgets for a job's re-runs. Failures of AWS have a budget separate from all other causes. Pure."""

from copy import replace
from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.model import Category
from cronmend.model.incident import Incident, JobState

DAY = timedelta(days=1)


def charged(job_state: JobState, infrastructure: bool, now: datetime) -> JobState:
    """The job's state with one more start in the day's budget for causes of this kind."""
    if infrastructure:
        return replace(job_state, infra_times=(*_of_a_day(job_state.infra_times, now), now))
    return replace(job_state, rerun_times=(*_of_a_day(job_state.rerun_times, now), now))


def used(job_state: JobState, infrastructure: bool, now: datetime) -> int:
    """How many re-runs of the last 24 hours used the budget for such a cause."""
    return len(_of_a_day(job_state.infra_times if infrastructure else job_state.rerun_times, now))


def reruns_for(incident: Incident | None, category: Category) -> int:
    """How many re-runs of an open incident used the budget for such a cause."""
    if incident is None or not incident.is_open:
        return 0
    return incident.infra_reruns if category.traits.of_aws else incident.reruns - incident.infra_reruns


def last_rerun(job_state: JobState) -> datetime | None:
    """When the latest re-run of the open incident for the job's own causes was claimed; None if there was none."""
    incident = job_state.open_incident
    if incident is None or incident.reruns == incident.infra_reruns or not job_state.rerun_times:
        return None
    return job_state.rerun_times[-1]


def _of_a_day(times: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in times if now - at < DAY)


class Budget(Struct, frozen=True):
    per_day: int = 6
    """Re-runs of one job in 24 hours: this many for failures of AWS, and as many for all other causes."""
    per_hour: int = 30
    """Re-runs of all jobs together in any 60 minutes; when it is used, the circuit opens."""
    circuit: timedelta = timedelta(hours=1)
    """How long the circuit stays open."""
