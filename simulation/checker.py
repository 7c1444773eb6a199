"""Whether the promises of a history were kept, from what the world saw of it alone. Shares no code with Cronmend."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from simulation import checks_of_reruns
from simulation.sight import Entry, Run, Sight, Violation, latest

SLACK = 1200.0
"""Seconds that may be added to a deadline: two promises in a row may be overdue, and the reconciler finds each within
ten minutes."""
DEADLINE = 3600.0
"""Of an alert whose job isn't known, in seconds."""
HOUR = 3600.0
STORM = 300
"""More failures of one function in an hour than the few jobs of a history explain."""
LONGEST_HOLD = 4 * 3600.0
"""Longer than any chain of deploys of a history holds a schedule."""
PLANTED = "hunter2"
"""Part of a secret that failing runs log."""


def check(entries: Sequence[Entry]) -> list[Violation]:
    """Every promise that was broken, in the order of time."""
    sight = Sight(entries)
    found = [violation for invariant in INVARIANTS for violation in invariant(sight)]
    return sorted(found, key=lambda each: (each.at, each.invariant, each.job))


def ended(sight: Sight) -> Iterator[Violation]:
    """1 and 6: each failed run ends in a later success in time, or in a message about its job."""
    for run in sight.runs.values():
        if run.failed and run.heard and run.by != "hand" and run.job in sight.jobs:
            yield from _ended(sight, run)


def _ended(sight: Sight, run: Run) -> Iterator[Violation]:
    stopped, due = run.stopped or 0.0, due_by(sight, run)
    end = sight.entries[-1]["at"]
    later = [each for each in sight.of_job[run.job] if each.succeeded and each.created > run.created]
    healed = min((each.stopped or end for each in later), default=None)
    if healed is not None and healed <= due:
        return
    since = known_since(sight, run)
    told = sight.told(run.job, since, end) or _kept(sight, run, since)
    if told is None and end < due:
        return
    if told is None and run.recorded is None:
        yield Violation(1, "not recorded", run.job, stopped, f"run {run.task} failed ({run.cause}) and left no record")
    elif told is None and healed is None:
        yield Violation(1, "never told", run.job, stopped, f"run {run.task} failed ({run.cause}); no one was notified")
    elif told is None or told > due:
        when = "never" if told is None else f"{(told - stopped) / 60:.0f} min later"
        yield Violation(
            6, "told late", run.job, stopped, f"run {run.task} failed ({run.cause}); people were notified {when}"
        )
    elif healed is None:
        yield from _in_channels(sight, run, since, end)


def _kept(sight: Sight, run: Run, since: float) -> float | None:
    """When a channel that was away for all of its tries left a letter, whose alarm notifies people."""
    for entry in sight.of_kind["letter"]:
        channel = entry.get("channel", "")
        tells = entry["at"] > since and channel in sight.jobs[run.job]["channels"] and sight.tells_of(entry, run.job)
        if tells and sight.away(run.stopped or since, entry["at"], channel):
            return float(entry["at"])
    return None


def due_by(sight: Sight, run: Run) -> float:
    """By when people have to know: from the record on, since an event may be delivered late."""
    known = run.recorded or run.stopped or 0.0
    own = run.recorded_as in ("", run.job)
    due: float = known + (sight.jobs[run.job]["deadline"] if own else DEADLINE) + SLACK
    due += sight.away(run.stopped or known, due + 7200)
    mutes = (each["until"] for each in sight.of_kind["muted"] if each["job"] == run.job and each["at"] <= due)
    return max(due, max(mutes, default=0.0) + SLACK)


def known_since(sight: Sight, run: Run) -> float:
    """Since when what people were told counts: since the first failure after the last success that was created before
    the run, or since they were told that it is over. A success of a sibling ends nothing, nor does one that no record
    showed when the run failed: for all that people know, the job is still broken."""
    stopped, mine = run.stopped or 0.0, sight.of_job[run.job]
    known = run.recorded or stopped
    before = (each for each in mine if each.succeeded and each.created < run.created)
    good = latest(each for each in before if each.recorded is not None and each.recorded <= known)
    since = good.created if good else 0.0
    failures = (each.stopped or 0.0 for each in mine if each.failed and each.created >= since)
    return max(min((at for at in failures if at <= stopped), default=stopped) - 1, sight.over(run.job, stopped))


def _in_channels(sight: Sight, run: Run, since: float, end: float) -> Iterator[Violation]:
    """Each channel of the route tells of it, or keeps a letter."""
    for channel in sight.jobs[run.job]["channels"]:
        letters = (each for each in sight.of_kind["letter"] if sight.tells_of(each, run.job))
        kept = any(each.get("channel") == channel and each["at"] > since for each in letters)
        if not kept and sight.told(run.job, since, end, channel) is None:
            text = f"run {run.task} failed ({run.cause}); {channel} has no message about it, other channels do"
            yield Violation(1, "one channel", run.job, run.stopped or 0.0, text)


def secrets(sight: Sight) -> Iterator[Violation]:
    """8: nothing secret is seen."""
    for entry in sight.of_kind["seen"]:
        if PLANTED in entry.get("text", ""):
            yield Violation(8, "secret seen", entry["jobs"][0], entry["at"], f"{entry['channel']} shows a secret")


def endings(sight: Sight) -> Iterator[Violation]:
    """9: an ending follows a success that was created after every failed run on record."""
    for entry in sight.of_kind["wrote"]:
        job = next((each for each in sight.jobs if sight.means(each, entry["job"])), entry["job"])
        if entry["kind"] not in {"healed", "recovered"}:
            continue
        if entry["job"] != job:
            yield Violation(9, "ambiguous ended", job, entry["at"], f"{entry['job']} is reported as {entry['kind']}")
            continue
        runs = [each for each in sight.of_job[job] if each.recorded is not None and each.recorded <= entry["at"]]
        bad, good = latest(each for each in runs if each.failed), latest(each for each in runs if each.succeeded)
        if bad and (good is None or good.created <= bad.created):
            text = f"reported as {entry['kind']}, and {bad.task}, the newest run on record by then, failed"
            yield Violation(9, "false ending", job, entry["at"], text)


def schedules(sight: Sight) -> Iterator[Violation]:
    """11: at the end each schedule is what people and pipelines made of it, and no hold lasts."""
    changes: dict[str, list[Entry]] = {}
    for entry in sight.of_kind["schedule"]:
        changes.setdefault(entry["job"], []).append(entry)
    for job, entries in changes.items():
        wanted, actual = _replayed(entries), entries[-1]["state"]
        if actual is not None and wanted != actual:
            differs = sorted(name for name in actual if actual[name] != wanted.get(name))
            yield Violation(11, "not as it was", job, entries[-1]["at"], f"left changed: {', '.join(differs)}")
        yield from _held_long(sight, job, entries)


def _replayed(entries: Sequence[Entry]) -> dict[str, Any]:
    """The state with the changes of everybody but Cronmend. Who changes one field leaves the others."""
    wanted: dict[str, Any] = {}
    before: dict[str, Any] = {}
    for entry in entries:
        state = entry["state"] or {}
        if entry["by"] != "cronmend":
            wanted |= {name: value for name, value in state.items() if before.get(name) != value}
        before = state
    return wanted


def _held_long(sight: Sight, job: str, entries: Sequence[Entry]) -> Iterator[Violation]:
    since: float | None = None
    for entry in [*entries, {"at": sight.entries[-1]["at"], "by": "end", "state": {"enabled": True}}]:
        enabled = (entry["state"] or {}).get("enabled")
        if since is not None and enabled is not False:
            if entry["at"] - since > LONGEST_HOLD + sight.away(since, entry["at"]):
                yield Violation(11, "held long", job, since, f"held for {(entry['at'] - since) / 3600:.1f} hours")
            since = None
        if entry["by"] == "cronmend" and enabled is False:
            since = entry["at"]


def storms(sight: Sight) -> Iterator[Violation]:
    """10: what fails is tried again, and doesn't multiply."""
    times: dict[str, list[float]] = {}
    for entry in sight.of_kind["failed"]:
        known = times.setdefault(entry["function"], [])
        known.append(entry["at"])
        if len(known) > STORM and known[-1] - known[-STORM] < HOUR:
            text = f"{entry['function']} failed {STORM} times within an hour"
            yield Violation(10, "storm", entry["about"], entry["at"], text)
            return


INVARIANTS: Sequence[Callable[[Sight], Iterator[Violation]]] = (
    ended,
    *checks_of_reruns.INVARIANTS,
    secrets,
    endings,
    schedules,
    storms,
)
