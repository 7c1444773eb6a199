"""The promises about starts that are refused and runs that don't end: invariant 12. Shares no code with Cronmend."""

from collections.abc import Callable, Iterator, Sequence

from simulation.checks_of_schedules import FOUND_WITHIN, LONGEST_CHECK
from simulation.sight import Run, Sight, Violation, lost, made_up, modes

NOT_STARTED = 900.0  # seconds: the limit of a run whose containers haven't started, and of one without a limit
TOLD_WITHIN = 1200.0  # seconds after the record; two promises may be overdue


def starts(sight: Sight) -> Iterator[Violation]:
    """12: each refused start is recorded at once; after a try that failed, within the queue's next delay."""
    for letter in sight.of_kind["refused"]:
        tries = sum(e["about"].startswith(letter["about"]) for e in sight.of_kind["failed"] + sight.of_kind["killed"])
        due = letter["at"] + LONGEST_CHECK * (tries + 1) + sum(min(1800.0, 15.0 * 2**number) for number in range(tries))
        if sight.records.get(letter["task"], sight.entries[-1]["at"]) > due:
            yield Violation(12, "start not found", letter["job"], letter["at"], "a refused start left no record")


def overdue(sight: Sight) -> Iterator[Violation]:
    """12: a run that is alive or silent for too long is found in ten minutes, and stopped if its owner wants that."""
    watched = (each for each in sight.runs.values() if each.by in {"schedule", "cronmend"} and each.job in sight.jobs)
    for run in watched if sight.of_kind["running"] else ():
        job, end = sight.jobs[run.job], run.stopped or sight.entries[-1]["at"]
        limits = ((run.began, job.get("max_runtime")), (run.silent, job.get("silent_after")))
        late = [since + most for since, most in limits if since and most]
        if run.cause == "too_long" and not (job["stops"] and late and min(late) <= end):
            yield Violation(12, "stopped early", run.job, end, f"{run.task} was stopped before its limit, or unasked")
        for at, until in ((run.created + NOT_STARTED, run.began or end), *((at, end) for at in late)):
            yield from _found(sight, run, at, until)
        found = sight.records.get(f"overdue-{run.task}")
        if found and _is_clear(sight, run, found):
            slow = run.created if run.began is None or run.began >= found else run.began
            if found < min([*late, *([] if job.get("max_runtime") and slow == run.began else [slow + NOT_STARTED])]):
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
    """A message since the job's last success says that it is broken. One task of a set that succeeds is no success."""
    sets = [[each for each in sight.of_job[run.job] if each.created == one.created] for one in sight.of_job[run.job]]
    ended = [(s[0].created, max(e.recorded or float("inf") for e in s)) for s in sets if all(e.succeeded for e in s)]
    since = max([sight.over(run.job, found), *(created for created, recorded in ended if recorded <= found)])
    due = max(found, sight.muted(run.job, found)) + TOLD_WITHIN + sight.away(found, found + 7200)
    due = made_up(lost(sight, "reconcile", "failure_alert"), found, due)
    better = any(found < recorded <= due for _, recorded in ended)
    letter = any(sight.undelivered(run.job, found, each) for each in sight.jobs[run.job]["channels"])
    if due < sight.entries[-1]["at"] and not better and not letter and sight.notified(run.job, since, due) is None:
        yield Violation(12, "overdue not told", run.job, found, f"{run.task} is overdue, and no one was notified")


def _is_clear(sight: Sight, run: Run, due: float) -> bool:
    """Whether it is certain which job it is."""
    job, kept = sight.jobs[run.job], [each["kept"] for each in sight.jobs.values()]
    changes = [each["state"] for each in sight.of_kind["schedule"] if each["job"] == run.job and each["at"] <= due]
    return None not in changes and kept.count(job["kept"]) == 1 and job.get("declares", "") in {"", run.job}


INVARIANTS: Sequence[Callable[[Sight], Iterator[Violation]]] = (starts, overdue)
