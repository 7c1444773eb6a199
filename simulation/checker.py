"""Check whether a history's promises were kept, only from what can be observed. Shares no code with Cronmend."""

from collections.abc import Callable, Iterator, Sequence

from simulation import checks_of_reruns, checks_of_schedules, checks_of_starts
from simulation.sight import HOUR, OVER, READING, Entry, Run, Sight, Violation, latest, lost, made_up

SLACK = 1200.0  # seconds that may be added to a deadline: two promises in a row, each found ten minutes late
STORM = 300  # more failures of one function in an hour than a history's few jobs can cause
TOGETHER = 60.0  # seconds within which the tasks that one call started are created
PLANTED = "hunter2"  # part of a secret that failing runs log


def check(entries: Sequence[Entry]) -> list[Violation]:
    """Every broken promise, in order of time."""
    sight = Sight(entries)
    found = [violation for invariant in INVARIANTS for violation in invariant(sight)]
    return sorted(found, key=lambda each: (each.at, each.invariant, each.job))


def ended(sight: Sight) -> Iterator[Violation]:
    """1 and 6: in time, each failed run is followed by a later success or by a message about its job."""
    for run in sight.runs.values():
        if run.failed and run.delivered and run.by != "hand" and run.job in sight.jobs:
            yield from _ended(sight, run)


def _ended(sight: Sight, run: Run) -> Iterator[Violation]:
    stopped, due, end = run.stopped or 0.0, due_by(sight, run), sight.entries[-1]["at"]
    later = [each for each in sight.of_job[run.job] if each.succeeded and each.created > run.created]
    healed = min((each.stopped or end for each in later), default=None)
    if healed is not None and healed <= due:
        return
    since, what = known_since(sight, run), f"run {run.task} failed ({run.cause})"
    known = (sight.notified(run.job, since, end), _kept(sight, run, since))
    notified = min((at for at in known if at is not None), default=None)
    if notified is None and end < due:
        return
    if notified is None and run.recorded is None:
        yield Violation(1, "not recorded", run.job, stopped, f"{what} and left no record")
    elif notified is None and healed is None:
        yield Violation(1, "never notified", run.job, stopped, f"{what}; no one was notified")
    elif notified is None or notified > due:
        when = "never" if notified is None else f"{(notified - stopped) / 60:.0f} min later"
        yield Violation(6, "notified late", run.job, stopped, f"{what}; people were notified {when}")
    elif healed is None and end >= due:
        yield from _in_channels(sight, run, since, end)


def _kept(sight: Sight, run: Run, since: float) -> float | None:
    """When a channel that was away for all of its tries left an undelivered message, whose alarm notifies people."""
    channels, stopped = sight.jobs[run.job]["channels"], run.stopped or since
    found = ((name, at) for name in channels for at in sight.undelivered(run.job, since, name))
    return min((at for name, at in found if sight.away(stopped, at, name)), default=None)


def due_by(sight: Sight, run: Run) -> float:
    """By when people have to know: from the record, since an event may come late, or from the end of a mute."""
    known = run.recorded or run.stopped or 0.0
    due: float = known + (sight.jobs[run.job]["deadline"] if run.recorded_as in ("", run.job) else HOUR) + SLACK
    due += sight.away(run.stopped or known, due + 7200)
    end = sight.muted(run.job, due)
    kept = made_up(lost(sight, "failure_alert"), end, end + SLACK)  # a killed call keeps its lease of five minutes
    return max(due, kept + sight.away(end, end + SLACK + 7200))


def known_since(sight: Sight, run: Run) -> float:
    """Since when messages count: the first failure after the last success on record, or a message that it is over."""
    stopped, mine = run.stopped or 0.0, sight.of_job[run.job]
    known, unsure = run.recorded or stopped, run.recorded_as != run.job  # an unsure success ends nothing sure
    shown = [e for e in mine if e.succeeded and 0 < (e.recorded or 0.0) <= known and (unsure or e.recorded_as == e.job)]
    good = latest(each for each in shown if each.created < run.created and _ends(each, mine, shown))
    since = good.created if good else 0.0
    hung = {each.task: sight.records[key] for each in mine if (key := f"overdue-{each.task}") in sight.records}
    bad = (each for each in mine if (each.failed or each.task in hung) and each.created >= since)
    failures = (hung.get(each.task, each.stopped or 0.0) for each in bad)
    return max(min((at for at in failures if at <= stopped), default=stopped) - 1, sight.over(run.job, stopped))


def _ends(success: Run, mine: Sequence[Run], shown: Sequence[Run]) -> bool:
    """Whether each task of its call succeeded. A re-run is one task, and stands for one that had failed."""
    if success.by != "cronmend":
        return all(each in shown for each in mine if _together(each, success))
    known = [each for each in mine if each.failed and 0 < (each.recorded or 0.0) <= (success.recorded or 0.0)]
    last = latest(each for each in known if each.by == "schedule" and each.created < success.created)
    good = [each for each in mine if each.succeeded and each.by == "cronmend" and each.created <= success.created]
    return last is None or sum(each.created > last.created for each in good) >= sum(_together(e, last) for e in known)


def _together(run: Run, other: Run) -> bool:
    """Whether one call started both."""
    same = (run.started_by, run.slot) == (other.started_by, other.slot)
    return same and abs(run.created - other.created) < TOGETHER


def _in_channels(sight: Sight, run: Run, since: float, end: float) -> Iterator[Violation]:
    """Each channel of the route reports it, or its message is an undelivered one."""
    for channel in sight.jobs[run.job]["channels"]:
        if not sight.undelivered(run.job, since, channel) and sight.notified(run.job, since, end, channel) is None:
            text = f"run {run.task} failed ({run.cause}); {channel} has no message about it, other channels do"
            yield Violation(1, "one channel", run.job, run.stopped or 0.0, text)


def judged(sight: Sight) -> Iterator[Violation]:
    """5: a record shows a success only if the run was one and, if its log could be read, met what its owner expects."""
    for run in sight.runs.values():
        if run.ok not in (None, run.succeeded) and run.recorded_as == run.job:
            yield Violation(5, "wrong record", run.job, run.recorded or 0.0, f"{run.task} ended in {run.cause}")


def news(sight: Sight) -> Iterator[Violation]:
    """13: each finding and each note that was written is seen in each channel, or is left for a person."""
    for entry in (each for each in sight.of_kind["wrote"] if each["kind"] in {"finding", "note"}):
        due, arrived = entry["at"] + 2 * HOUR, set[str]()
        due = max(due, *(sight.muted(job, due) + SLACK for job in sight.jobs))
        for each in (*sight.of_kind["seen"], *sight.of_kind["undelivered"]):
            arrived |= {each.get("channel", "")} if each.get("text", "").startswith(entry["text"]) else set()
        for channel in {name for job in sight.jobs.values() for name in job["channels"]} - arrived:
            if due + sight.away(entry["at"], due) < sight.entries[-1]["at"]:
                yield Violation(13, "not delivered", entry["job"], entry["at"], f"{channel} lacks {entry['text']}")


def secrets(sight: Sight) -> Iterator[Violation]:
    """8: nothing secret is seen."""
    for entry in (each for each in sight.of_kind["seen"] if PLANTED in each.get("text", "")):
        yield Violation(8, "secret seen", entry["jobs"][0], entry["at"], f"{entry['channel']} shows a secret")


def endings(sight: Sight) -> Iterator[Violation]:
    """9: an end follows a success that was created after every recorded failed run."""
    for entry in (each for each in sight.of_kind["wrote"] if each["kind"] in {"healed", "recovered"}):
        job = next((each for each in sight.jobs if sight.means(each, entry["job"])), entry["job"])
        runs = [each for each in sight.of_job[job] if each.recorded is not None and each.recorded <= entry["at"]]
        bad, good = latest(each for each in runs if each.failed), latest(each for each in runs if each.succeeded)
        if entry["job"] != job:
            yield Violation(9, "ambiguous ended", job, entry["at"], f"{entry['job']} is reported as {entry['kind']}")
        elif bad and (good is None or good.created <= bad.created):
            text = f"reported as {entry['kind']}, and {bad.task}, the newest run on record by then, failed"
            yield Violation(9, "false ending", job, entry["at"], text)


def misleading(sight: Sight) -> Iterator[Violation]:
    """9: no message says that a job is healed or recovered if people know that it is broken again."""
    for entry in sight.of_kind["seen"]:
        for job in sight.jobs if entry["stage"] in OVER and not entry.get("update") else ():
            since = sight.broken_since(job, entry["at"]) if sight.is_about(entry, job) else 0.0
            until, channel = entry["at"] - READING, entry["channel"]
            if since and sight.notified(job, since, until, channel) is not None:
                yield Violation(9, "broken again", job, entry["at"], "reported as over, and another incident is open")


def storms(sight: Sight) -> Iterator[Violation]:
    """10: a failed call is retried, and doesn't multiply."""
    for entry in sight.of_kind["failed"]:
        since, function = entry["at"], entry["function"]
        if sum(e["function"] == function and 0 <= e["at"] - since < HOUR for e in sight.of_kind["failed"]) > STORM:
            yield Violation(10, "storm", entry["about"], since, f"{function} failed {STORM} times an hour")
            return


INVARIANTS: Sequence[Callable[[Sight], Iterator[Violation]]] = (
    *(ended, judged, *checks_of_reruns.INVARIANTS, secrets, endings, misleading, news, storms),
    *(*checks_of_schedules.INVARIANTS, *checks_of_starts.INVARIANTS),
)
