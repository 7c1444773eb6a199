"""The promises about starts that are refused and runs that don't end: invariant 12. Shares no code with Cronmend.

``refused`` is a message in a schedule's dead-letter queue, ``running`` a task whose containers have started, and
``unwatched`` a task or cluster that a check left out. The record of an overdue run has ``overdue-`` before its task.
"""

from collections.abc import Callable, Iterator, Sequence

from simulation.checks_of_reruns import modes
from simulation.checks_of_slots import FOUND_WITHIN, LONGEST_CHECK, lost, made_up
from simulation.sight import Run, Sight, Violation

NOT_STARTED = 900.0  # seconds: the limit of a run whose containers haven't started, and of one without a limit
TOLD_WITHIN = 1200.0
"""Seconds after the record; two promises may be overdue."""


def starts(sight: Sight) -> Iterator[Violation]:
    """12: each refused start is recorded at once; after a try that failed, within the queue's next delay."""
    for letter in sight.of_kind["refused"]:
        lost_tries = sight.of_kind["failed"] + sight.of_kind["killed"]
        tries = sum(each["about"].startswith(letter["about"]) for each in lost_tries)
        due = letter["at"] + LONGEST_CHECK * (tries + 1) + sum(min(1800.0, 15.0 * 2**number) for number in range(tries))
        if sight.records.get(letter["task"], sight.entries[-1]["at"]) > due:
            yield Violation(12, "start not found", letter["job"], letter["at"], "a refused start left no record")


def overdue(sight: Sight) -> Iterator[Violation]:
    """12: a run that is alive for too long is found in ten minutes, and stopped if its owner wants that."""
    watched = (each for each in sight.runs.values() if each.by in {"schedule", "cronmend"} and each.job in sight.jobs)
    for run in watched if sight.of_kind["running"] else ():
        job, end = sight.jobs[run.job], run.stopped or sight.entries[-1]["at"]
        limit = job.get("max_runtime")
        if run.cause == "too_long" and not (limit and run.began and limit <= end - run.began and job["stops"]):
            yield Violation(12, "stopped early", run.job, end, f"{run.task} was stopped before its limit, or unasked")
        yield from _found(sight, run, run.created + NOT_STARTED, run.began or end)
        if run.began and limit:
            yield from _found(sight, run, run.began + limit, end)
        found = sight.records.get(f"overdue-{run.task}")
        if found and _is_clear(sight, run, found):
            started = run.began is not None and run.began < found
            if found - ((started and run.began) or run.created) < ((started and limit) or NOT_STARTED):
                yield Violation(12, "not overdue", run.job, found, f"{run.task} is reported as overdue too early")
            yield from _told(sight, run, found)


def _found(sight: Sight, run: Run, at: float, until: float) -> Iterator[Violation]:
    """A run that is overdue from ``at`` on, and is so until then."""
    unwatched = [each["at"] for each in sight.of_kind["unwatched"] if each["about"] in {run.task, "app-prod"}]
    due = made_up([*unwatched, *lost(sight, "reconcile")], at, at + FOUND_WITHIN)
    if until <= due or due >= sight.entries[-1]["at"] or not _is_clear(sight, run, due):
        return
    if sight.records.get(f"overdue-{run.task}", until) > due:
        yield Violation(12, "overdue not found", run.job, at, f"{run.task} was alive, and not reported")
    if run.began and until != run.began and sight.jobs[run.job]["stops"] and modes(sight, at, due) == {"heal"}:
        yield Violation(12, "not stopped", run.job, at, f"{run.task} was not stopped")


def _told(sight: Sight, run: Run, found: float) -> Iterator[Violation]:
    """People know that the job is broken: since its last success, a message has said so. A task of a set is none."""
    ended = [each for each in sight.of_job[run.job] if each.recorded and _is_success(sight, each)]
    since = max([sight.over(run.job, found), *(each.created for each in ended if (each.recorded or 0.0) <= found)])
    mutes = [each["until"] for each in sight.of_kind["muted"] if each["job"] == run.job and each["at"] <= found]
    due = max(found, *mutes, 0.0) + TOLD_WITHIN + sight.away(found, found + 7200)
    due = made_up(lost(sight, "reconcile", "failure_alert"), found, due)
    better = any(found < (each.recorded or 0.0) <= due for each in ended)
    letter = any(sight.undelivered(run.job, found, each) for each in sight.jobs[run.job]["channels"])
    if due < sight.entries[-1]["at"] and not better and not letter and sight.notified(run.job, since, due) is None:
        yield Violation(12, "overdue not told", run.job, found, f"{run.task} is overdue, and no one was notified")


def _is_success(sight: Sight, run: Run) -> bool:
    return all(each.succeeded for each in sight.of_job[run.job] if each.created == run.created)


def _is_clear(sight: Sight, run: Run, due: float) -> bool:
    """Whether it is certain which job it is."""
    job, kept = sight.jobs[run.job], [each["kept"] for each in sight.jobs.values()]
    changes = [each["state"] for each in sight.of_kind["schedule"] if each["job"] == run.job and each["at"] <= due]
    return None not in changes and kept.count(job["kept"]) == 1 and job.get("declares", "") in {"", run.job}


INVARIANTS: Sequence[Callable[[Sight], Iterator[Violation]]] = (starts, overdue)
