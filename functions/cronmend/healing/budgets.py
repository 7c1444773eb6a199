"""What the re-runs of a job have used up: failures of AWS are counted apart from all other causes. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cronmend.model import Category
from cronmend.model.incident import Incident, JobState

DAY = timedelta(days=1)


def spending(job_state: JobState, infrastructure: bool, now: datetime) -> JobState:
    """The book with one more start in the day's budget for causes of this kind."""
    if infrastructure:
        return replace(job_state, infra_times=(*_of_a_day(job_state.infra_times, now), now))
    return replace(job_state, rerun_times=(*_of_a_day(job_state.rerun_times, now), now))


def spent(job_state: JobState, infrastructure: bool, now: datetime) -> int:
    """Re-runs of the last 24 hours that the budget for such a cause has paid."""
    return len(_of_a_day(job_state.infra_times if infrastructure else job_state.rerun_times, now))


def reruns_for(incident: Incident | None, category: Category) -> int:
    """Re-runs of an open incident that the budget for such a cause has paid."""
    if incident is None or not incident.is_open:
        return 0
    return incident.infra_reruns if category.traits.of_aws else incident.reruns - incident.infra_reruns


def _of_a_day(times: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in times if now - at < DAY)


@dataclass(frozen=True, slots=True)
class Budget:
    per_day: int = 6
    """Re-runs of one job in 24 hours, for failures of AWS and for all other causes each."""
    per_hour: int = 30
    """Re-runs of all jobs together in any 60 minutes; past it the circuit opens."""
    circuit: timedelta = timedelta(hours=1)
    """How long the circuit stays open."""
