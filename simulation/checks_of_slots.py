"""The promise about slots for which no run comes: invariant 12. Shares no code with Cronmend.

Of what :mod:`simulation.sight` saw, ``unmet`` is a slot without a run, ``missed`` what reconcile logged, ``noted`` the
latest such slot in an incident; ``unchecked`` is a job that a check left out, ``unlisted`` that ECS couldn't be asked.
"""

from collections.abc import Callable, Iterator, Sequence

from simulation.sight import Entry, Sight, Violation

STARTS_WITHIN = 60.0
"""Seconds after a slot in which EventBridge Scheduler starts its run."""
FOUND_WITHIN = 600.0
"""Seconds after its grace in which a slot without a run is found."""
AFTER_GAP = 4500.0
"""Seconds after several lost checks: events of stopped runs have 65 minutes to arrive, and slots are told in order."""
LONGEST_CHECK = 180.0
"""Seconds that an invocation may take."""
PERIOD = 300.0
"""Between two checks, in seconds; the next one makes up for one that was killed or failed."""


def found(sight: Sight) -> Iterator[Violation]:
    """12: each slot for which no run came is found within its grace and ten minutes."""
    for unmet in sight.of_kind["unmet"]:
        job, slot = unmet["job"], unmet["slot"]
        due = _due(sight, unmet)
        if due > sight.entries[-1]["at"] or slot < _watched(sight) or not _is_plain(sight, job, slot, due):
            continue
        told = [each for each in (*sight.of_kind["missed"], *sight.of_kind["noted"]) if each["job"] == job]
        if not any(each["at"] <= due and _has(each, slot) for each in told):
            yield Violation(12, "not found", job, slot, f"no run came for the slot {slot:.0f}, and none was reported")


def _due(sight: Sight, unmet: Entry) -> float:
    """A lost check is made up for by the next one, and four in a row are an outage of Cronmend."""
    slot, ends = unmet["slot"], lost(sight, "reconcile")
    cut_off = ends + [each["at"] for each in sight.of_kind["unchecked"] if each["job"] == unmet["job"]]
    due = made_up(cut_off, slot, slot + unmet["flexible"] + STARTS_WITHIN + unmet["grace"] + FOUND_WITHIN)
    for start, end in zip(ends, ends[3:], strict=False):
        if end - start < 3 * PERIOD + LONGEST_CHECK and slot - AFTER_GAP <= end <= due:
            due = max(due, made_up(cut_off, end, end + AFTER_GAP))
    return due


def made_up(lost: Sequence[float], since: float, by: float) -> float:
    """By when the checks after the lost ones have done what was due ``by`` then."""
    due, later = 0.0, by
    while due < later:
        due, later = later, by + PERIOD * sum(since < at <= later for at in lost)
    return due


def lost(sight: Sight, *functions: str) -> list[float]:
    ended = (*sight.of_kind["failed"], *sight.of_kind["killed"])
    return sorted(each["at"] for each in ended if each["function"].startswith(functions))


def _watched(sight: Sight) -> float:
    """A minute after the first check that wasn't lost: it has read the schedules. Earlier slots don't count."""
    first, cut_off = sight.entries[0]["at"] + PERIOD, lost(sight, "reconcile")
    while any(first <= at < first + PERIOD for at in cut_off):
        first += PERIOD
    return float(first) + STARTS_WITHIN


def _is_plain(sight: Sight, job: str, slot: float, due: float) -> bool:
    """Whether the slot counts: its schedule was left as it was, nobody ran the job, and its runs can be recognized."""
    schedule = [sight.state(job, at) for at in (slot - STARTS_WITHIN, due)]
    schedule += [each["state"] for each in sight.of_kind["schedule"] if each["job"] == job and slot < each["at"] <= due]
    same = len({(each["enabled"], each.get("expression")) if each else None for each in schedule}) == 1
    runs = (each for each in sight.of_job[job] if slot - STARTS_WITHIN <= each.created <= due)
    kept = [each["kept"] for each in sight.jobs.values()]
    own = all(each.by == "schedule" for each in runs) and kept.count(sight.jobs[job]["kept"]) == 1
    return same and own and (not job.startswith("events-rule/") or _was_seen(sight, job, slot))


def _was_seen(sight: Sight, job: str, slot: float) -> bool:
    """EventBridge doesn't say since when a rule's rate counts: its slots are known after its first run."""
    return any(each.recorded is not None and each.recorded < slot for each in sight.of_job[job])


def _has(missed: Entry, slot: float) -> bool:
    """Whether it reports the slot. A rule's rate is known from a run, up to a minute."""
    return any(abs(each - slot) <= STARTS_WITHIN for each in missed.get("slots") or [missed["slot"]])


def no_false_alarm(sight: Sight) -> Iterator[Violation]:
    """12: no slot is reported that had its run in time, if ECS reported the run's end or could be asked."""
    for missed in sight.of_kind["missed"]:
        for run in sight.of_job[missed["job"]]:
            if any(0 <= missed["at"] - each["at"] < LONGEST_CHECK for each in sight.of_kind["unlisted"]):
                continue
            late = run.created - (run.slot or 0.0)
            in_time = run.by == "schedule" and late <= missed["flexible"] + STARTS_WITHIN + missed["grace"]
            if run.slot and _has(missed, run.slot) and in_time and run.delivered and run.recorded_as in ("", run.job):
                text = f"the slot {run.slot:.0f} is reported, and its run {run.task} came {late:.0f} s after it"
                yield Violation(12, "false alarm", run.job, missed["at"], text)


INVARIANTS: Sequence[Callable[[Sight], Iterator[Violation]]] = (found, no_false_alarm)
