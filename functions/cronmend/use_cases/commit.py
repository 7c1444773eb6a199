"""Read, decide, write: again where somebody else wrote in between."""

from collections.abc import Callable
from datetime import datetime

from cronmend.alerting import news
from cronmend.errors import Retryable
from cronmend.model.incident import Change, Commit, JobState
from cronmend.ports.healing import JobStates

TRIES = 5
"""A job's events are few: more collisions than this mean that something is wrong."""


def write(
    job_states: JobStates, job: str, now: datetime, decide: Callable[[JobState], Change | None]
) -> tuple[Change, Commit]:
    """Commit what ``decide`` makes of the job's book; a decision of None writes nothing.

    Raises:
        Retryable: the book kept changing under the decision.
    """
    change, commit, _ = write_and_answer(job_states, job, now, lambda job_state: (decide(job_state), None))
    return change, commit


def write_and_answer[T](
    job_states: JobStates, job: str, now: datetime, decide: Callable[[JobState], tuple[Change | None, T]]
) -> tuple[Change, Commit, T]:
    """As :func:`write`, for a decision with an answer besides: that of the decision that was written."""
    for _ in range(TRIES):
        job_state = job_states.read(job)
        change, answer = decide(job_state)
        if change is None:
            return Change(job_state), Commit.DONE, answer
        change = news.voiced(job_state, change, now)
        if (commit := job_states.commit(change, now)) is not Commit.AGAIN:
            return change, commit, answer
    raise Retryable(f"the book of {job} changed {TRIES} times while a decision was being written")
