"""Read, decide, write; repeated if another invocation wrote in between."""

from collections.abc import Callable
from datetime import datetime

from cronmend.errors import Retryable
from cronmend.model.incident import Change, Commit, JobState
from cronmend.ports.healing import JobStates

TRIES = 5
"""A job has few events, so more collisions than this mean that something is wrong."""


def commit(
    job_states: JobStates,
    job: str,
    now: datetime,
    decide: Callable[[JobState], Change | None],
    known: JobState | None = None,
) -> tuple[Change, Commit]:
    """Write the change that ``decide`` returns for the job's state; None writes nothing.

    Args:
        known: the state as it was read a moment ago; it is read again only if it has changed since.

    Raises:
        Retryable: the state changed each time before the write.
    """
    change, written, _ = commit_and_answer(job_states, job, now, lambda job_state: (decide(job_state), None), known)
    return change, written


def commit_and_answer[T](
    job_states: JobStates,
    job: str,
    now: datetime,
    decide: Callable[[JobState], tuple[Change | None, T]],
    known: JobState | None = None,
) -> tuple[Change, Commit, T]:
    """As :func:`commit`, for a ``decide`` that also returns an answer; returns the answer of the last decision."""
    for _ in range(TRIES):
        job_state, known = known or job_states.read(job), None
        change, answer = decide(job_state)
        if change is None:
            return Change(job_state), Commit.DONE, answer
        if (written := job_states.commit(change, now)) is not Commit.AGAIN:
            return change, written, answer
    raise Retryable(f"the state of {job} changed {TRIES} times while a decision was being written")
