"""When a run has taken too long: by its owner's limit, or by the job's own history. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from msgspec import Struct

from cronmend.jobs.policies import JobPolicy
from cronmend.model import LiveTask
from cronmend.wording import span, times

STARTS_WITHIN: Final = timedelta(minutes=15)
"""A task whose containers start later than this is not just pulling a large image."""
FEWEST: Final = 5
"""With fewer successful runs, nothing is learned."""
LEAST_MORE: Final = timedelta(minutes=15)
"""A run that takes this much longer than usual is worth a look, but not one of a minute that takes two."""
_LONGER: Final = 2
"""Times the longest of them: a job that grows with its data isn't overdue every month."""
_SPREADS: Final = 6
_NORMAL: Final = 1.4826
"""Times the median absolute deviation is the standard deviation of normally distributed values."""
_BEFORE_RUNNING: Final = frozenset({"PROVISIONING", "PENDING", "ACTIVATING"})


class Limit(Struct, frozen=True):
    longest: timedelta
    reason: str
    """Why it is too long, as a clause."""
    learned: bool


class Overdue(Struct, frozen=True):
    """Why a run is overdue, in words that follow a colon."""

    cause: str
    since: timedelta
    """How long it has been running, or starting."""
    limit: Limit | None
    """None if it hasn't started."""
    rule: str


def limit_of(policy: JobPolicy, durations: Sequence[int]) -> Limit | None:
    """The owner's limit, or else one that is learned; None if too little is known.

    Args:
        durations: how long the latest successful runs took, in seconds.
    """
    if policy.max_runtime:
        return Limit(policy.max_runtime, f"its max_runtime is {span(policy.max_runtime)}", learned=False)
    return learned(durations)


def learned(durations: Sequence[int]) -> Limit | None:
    """Above the median by six times the spread, by 15 minutes, and above twice the longest run: the greatest counts.

    The spread is the median absolute deviation. One extreme run changes neither it nor the median.
    """
    if len(durations) < FEWEST:
        return None
    usual, longest = median(durations), max(durations)
    spread = _NORMAL * median(abs(each - usual) for each in durations)
    seconds = max(usual + _SPREADS * spread, usual + LEAST_MORE.total_seconds(), _LONGER * longest)
    took = span(timedelta(seconds=longest))
    reason = f"its last {times(len(durations), 'successful run')} took at most {took}"
    return Limit(timedelta(seconds=seconds), reason, learned=True)


def overdue(task: LiveTask, limit: Limit | None, now: datetime) -> Overdue | None:
    """None if the run may still take its time."""
    if task.started_at is None or task.last_status in _BEFORE_RUNNING:
        return _not_started(task, now)
    ran = now - task.started_at
    if limit is None or ran <= limit.longest:
        return None
    rule = "overdue.learned" if limit.learned else "overdue.limit"
    return Overdue(f"it has been running for {span(ran)}, and {limit.reason}", ran, limit, rule)


def may_be_silent(task: LiveTask, policy: JobPolicy, now: datetime) -> bool:
    """Whether the run is old enough that its log is worth a read."""
    running = task.last_status not in _BEFORE_RUNNING and task.started_at is not None
    return bool(running and policy.silent_after and task.started_at and now - task.started_at > policy.silent_after)


def silent(task: LiveTask, policy: JobPolicy, last_event_at: datetime | None, now: datetime) -> Overdue | None:
    """None if the run has written to its log recently enough.

    Args:
        last_event_at: when it wrote the last line; None if it has written none.
    """
    since = last_event_at or task.started_at
    if since is None or policy.silent_after is None or now - since <= policy.silent_after:
        return None
    limit = Limit(policy.silent_after, f"its silent_after is {span(policy.silent_after)}", learned=False)
    cause = f"it has written nothing to its log for {span(now - since)}, and {limit.reason}"
    return Overdue(cause, now - since, limit, "overdue.silent")


def slow(seconds: int | None, durations: Sequence[int]) -> str:
    """How far a run that succeeded is outside of the job's own history, as a clause; ``""`` if it isn't."""
    limit = learned(durations)
    if seconds is None or limit is None or seconds <= limit.longest.total_seconds():
        return ""
    return f"it took {span(timedelta(seconds=seconds))}, and {limit.reason}"


def _not_started(task: LiveTask, now: datetime) -> Overdue | None:
    waited = now - task.created_at if task.created_at else timedelta()
    if waited <= STARTS_WITHIN:
        return None
    return Overdue(
        f"it has been {task.last_status or 'PENDING'} for {span(waited)} and hasn't started",
        waited,
        None,
        "overdue.not-started",
    )
