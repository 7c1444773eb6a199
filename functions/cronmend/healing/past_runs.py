"""How a run that ended or failed changes what its job's state keeps of the latest runs. Pure."""

from collections.abc import Iterable
from copy import replace
from datetime import datetime, timedelta

from cronmend.healing import order
from cronmend.healing.outcome import Outcome
from cronmend.model import Category, WindowState
from cronmend.model.incident import JobState
from cronmend.model.past_runs import PastRun, RunResult

_IN_DEPLOY = frozenset({WindowState.OPEN, WindowState.RECENT, WindowState.STUCK})
_BROKEN = frozenset({RunResult.FAILED, RunResult.MISSED})


def with_outcome(job_state: JobState, outcome: Outcome) -> JobState:
    """The state with this run. A re-run that succeeds heals the run that it repeats; one that fails adds nothing."""
    if outcome.is_alive or not outcome.identity.certain:
        return job_state
    past = job_state.past
    broken = _repeated(job_state, outcome)
    if broken is None:
        return replace(job_state, past=past.with_run(_run(outcome)))
    if outcome.diagnosis.category is not Category.SUCCESS:
        return job_state
    return replace(job_state, past=past.changed(broken, _healed(broken, outcome)))


def with_missed(job_state: JobState, slots: Iterable[datetime]) -> JobState:
    past = job_state.past
    for slot in slots:
        past = past.with_run(PastRun(slot, RunResult.MISSED))
    return replace(job_state, past=past)


def _repeated(job_state: JobState, outcome: Outcome) -> PastRun | None:
    """The run that this one repeats; None if it is the first of its slot, or if that isn't kept any more."""
    incident = job_state.incident
    if outcome.attempt is None or incident is None or outcome.attempt.incident != incident.id:
        return None
    since = incident.began_at.replace(second=0, microsecond=0)
    return next((each for each in reversed(job_state.past.runs) if each.result in _BROKEN and each.at >= since), None)


def _run(outcome: Outcome) -> PastRun:
    at = outcome.task.created_at or outcome.now
    diagnosis = outcome.diagnosis
    in_deploy = diagnosis.category is not Category.SUCCESS and diagnosis.window.state in _IN_DEPLOY
    return PastRun(at, _result(diagnosis.category), order.seconds(outcome.task), in_deploy=in_deploy)


def _result(category: Category) -> RunResult:
    match category:
        case Category.SUCCESS:
            return RunResult.SUCCEEDED
        case Category.CANCELLED:
            return RunResult.STOPPED
        case Category.NEVER_STARTED | Category.MISSED:
            return RunResult.MISSED
        case _:
            return RunResult.FAILED


def _healed(broken: PastRun, outcome: Outcome) -> PastRun:
    ended = outcome.task.stopped_at or outcome.now
    after = int((ended - broken.at) / timedelta(seconds=1))
    return replace(broken, result=RunResult.HEALED, seconds=order.seconds(outcome.task), healed_after=after)
