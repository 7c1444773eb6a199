"""Find overdue promises and invoke the functions of their timers: no promise depends on one event or timer."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.deploys.holds import Hold
from cronmend.healing import after_run
from cronmend.healing.due_times import goes_first
from cronmend.model.alert_wakeups import DeliverTimer, Timer
from cronmend.model.incident import Attempt, JobState
from cronmend.model.promises import Promise, PromiseKind
from cronmend.model.report import Message
from cronmend.model.wakeups import RerunTimer
from cronmend.ports.healing import JobStates
from cronmend.ports.promises import Promised, Promises, Wakeups

TOLERANCE = timedelta(minutes=2)
"""How long a timer may be on its way: EventBridge Scheduler fires within a minute, and a function takes a minute."""
LATE = timedelta(minutes=15)
"""A promise that is overdue for longer raises the alarm: two calls in a row didn't help."""
MOST_READ = 1000
"""Promises that one call reads from the index, in one query."""
MOST_WOKEN = 300
"""Promises that one call handles. Each takes about 60 ms, and a call has a minute."""


class Reconciled(Struct, frozen=True):
    overdue: int
    """How many promises were overdue, up to ``MOST_READ``."""
    late: int
    """How many of them were overdue by more than ``LATE``."""
    woken: tuple[Timer, ...] = ()
    settled: tuple[Promise, ...] = ()
    """Promises with nothing left to do."""
    failed: tuple[tuple[Promise, str], ...] = ()
    """Promises that couldn't be handled, each with the error."""
    remaining: int = 0
    """How many are left for the next call."""


class Reconcile(Struct, frozen=True):
    """It decides nothing: an invoked function checks every condition again, as it does after its own timer."""

    promises: Promises
    job_states: JobStates
    wakeups: Wakeups

    def handle(self, now: datetime) -> Reconciled:
        """Have the oldest overdue promises kept; one that fails doesn't stop the others.

        Raises:
            Retryable, Permanent: the ledger can't be queried.
        """
        overdue = self.promises.overdue(now - TOLERANCE, MOST_READ)
        in_order = sorted(overdue, key=lambda each: not goes_first(each.due, now))
        turn = list(_one_message_a_job(in_order))[:MOST_WOKEN]
        woken: list[Timer] = []
        settled: list[Promise] = []
        failed: list[tuple[Promise, str]] = []
        for promise in turn:
            try:
                timers = self._kept(promise, now)
            except Exception as error:  # noqa: BLE001 # an item of any content must not stop the others; it is logged
                failed.append((promise, f"{type(error).__name__}: {error}"))
                continue
            woken += timers or ()
            settled += [promise] if timers == () else []
        late = sum(now - each.due > LATE for each in overdue)
        return Reconciled(
            len(overdue), late, tuple(woken), tuple(settled), tuple(failed), remaining=len(overdue) - len(turn)
        )

    def _kept(self, promise: Promise, now: datetime) -> Sequence[Timer] | None:
        """The timers whose functions were invoked; empty if nothing was left to do, None if it was just kept."""
        promised = self.promises.read(promise)
        if promised is None:
            return None
        job_state = self.job_states.read(promised.job) if isinstance(promised, Attempt) else None
        timers = keepers(promised, job_state, promise.due, now)
        if not timers:
            self.promises.settle(promise)
        for timer in timers:
            self.wakeups.wake(timer)
        return timers


def _one_message_a_job(promises: Iterable[Promise]) -> Iterator[Promise]:
    """The functions run at the same time, so a job's second message could overtake its first: it waits a call."""
    seen: set[str] = set()
    for promise in promises:
        if promise.kind is not PromiseKind.MESSAGE or promise.row[0] not in seen:
            yield promise
        if promise.kind is PromiseKind.MESSAGE:
            seen.add(promise.row[0])


def keepers(promised: Promised, job_state: JobState | None, due: datetime, now: datetime) -> tuple[Timer, ...]:
    """The timers that are overdue; empty if nothing is left to do.

    Args:
        job_state: the current state of an attempt's job; None for all else.
    """
    match promised:
        case JobState():
            incident = promised.open_incident
            return tuple(timer for timer in after_run.timers_of(incident) if timer.at <= now) if incident else ()
        case Attempt():
            return _of_attempt(promised, job_state)
        case Hold():
            return (promised.timer,)
        case Message():
            return (DeliverTimer(promised.job, promised.incident, promised.change, due),)
        case timer:
            return (timer,)


def _of_attempt(attempt: Attempt, job_state: JobState | None) -> tuple[RerunTimer, ...]:
    """None if the attempt was given up, or its incident is over."""
    incident = job_state.open_incident if job_state else None
    is_starting = incident is not None and incident.id == attempt.incident and incident.starting == attempt.key
    if attempt.task_arn or not is_starting:
        return ()
    return (RerunTimer(attempt.job, attempt.incident, attempt.number, attempt.claimed_at),)
