"""The promises about schedules: slots without a run, holds, moves and findings. Shares no code with Cronmend."""

from collections.abc import Callable, Iterator, Sequence

from simulation.sight import HOUR, PERIOD, Entry, Sight, Violation, lost, made_up, modes

STARTS_WITHIN = 60.0  # seconds after a slot in which EventBridge Scheduler starts its run
FOUND_WITHIN = 600.0  # seconds from the end of its grace within which a slot without a run is found
AFTER_GAP = 4500.0  # seconds after several lost checks: events have 65 minutes to arrive, slots are told in order
LONGEST_CHECK = 180.0  # seconds that an invocation may take
LONGEST_HOLD = 4 * HOUR  # longer than any chain of deploys in a history holds a schedule
STALE = PERIOD + LONGEST_CHECK  # seconds since a check last read a schedule, at most
FINDING_WITHIN = 2 * HOUR + 2 * PERIOD  # two checks an hour apart


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


def _watched(sight: Sight) -> float:
    """A minute after the first check that wasn't lost: it has read the schedules. Earlier slots don't count."""
    first, cut_off = sight.entries[0]["at"] + PERIOD, lost(sight, "reconcile")
    while any(first <= at < first + PERIOD for at in cut_off):
        first += PERIOD
    return float(first) + STARTS_WITHIN


def _is_plain(sight: Sight, job: str, slot: float, due: float) -> bool:
    """Whether the slot counts: its schedule was left as it was, no one ran the job, and its runs can be recognized."""
    since, mine = slot - STARTS_WITHIN, [each for each in sight.of_kind["schedule"] if each["job"] == job]
    schedule = [sight.state(job, since), *(each["state"] for each in mine if since < each["at"] <= due)]
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


def kept(sight: Sight) -> Iterator[Violation]:
    """11: at the end, each schedule is as people and pipelines left it, and none is held."""
    for job in sight.jobs:
        entries = [each for each in sight.of_kind["schedule"] if each["job"] == job]
        wanted, actual = _replayed(entries), entries[-1]["state"] if entries else None
        if actual is not None and wanted != actual:
            differs = sorted(name for name in actual if actual[name] != wanted.get(name))
            yield Violation(11, "not as it was", job, entries[-1]["at"], f"left changed: {', '.join(differs)}")
        yield from _held_long(sight, job, entries)


def _replayed(entries: Sequence[Entry]) -> Entry:
    """The state with all changes except Cronmend's. A change of one field leaves the others."""
    wanted: Entry = {}
    for earlier, entry in zip([{"state": {}}, *entries], entries, strict=False):
        before, state = earlier["state"] or {}, entry["state"] or {}
        if entry["by"] == "follow":
            wanted["target"] = {**wanted["target"], "TaskDefinitionArn": state["target"]["TaskDefinitionArn"]}
        elif entry["by"] != "cronmend":
            wanted |= {name: value for name, value in state.items() if before.get(name) != value}
    return wanted


def _held_long(sight: Sight, job: str, entries: Sequence[Entry]) -> Iterator[Violation]:
    for number, entry in enumerate(entries):
        on = (each["at"] for each in entries[number:] if (each["state"] or {"enabled": True})["enabled"])
        since, until = entry["at"], next(on, sight.entries[-1]["at"])
        if entry["by"] == "cronmend" and until - since > LONGEST_HOLD + sight.away(since, until):
            yield Violation(11, "held long", job, since, f"held for {(until - since) / HOUR:.1f} hours")


def moves(sight: Sight) -> Iterator[Violation]:
    """11: a schedule is moved to its service's revision after the migration, and back after a rollback. People are told
    of each move once."""
    end, service = sight.entries[-1]["at"], sight.of_kind["service"]
    for job in sight.jobs if sight.of_kind["moved"] else ():
        mine = [each for each in sight.of_kind["moved"] if each["job"] == job]
        for move in mine:
            if move["early"]:
                yield Violation(11, "moved early", job, move["at"], f"revision {move['revision']} {move['early']}")
        told = sum(job in each["jobs"] for each in sight.of_kind["told"])
        if told > len(mine) or told < sum(move["at"] < end - HOUR for move in mine):
            yield Violation(11, "moves told", job, end, f"moved {len(mine)} times, and told of {told} times")
        in_time = service[-1]["at"] < end - 2 * HOUR and modes(sight, end - 2 * HOUR, end) == {"heal"}
        ahead = mine and mine[-1]["revision"] > service[-1]["revision"] and not service[-1]["rolling"]
        if ahead and in_time and sight.state(job, end):
            yield Violation(11, "left moved", job, end, f"no service runs revision {mine[-1]['revision']} any more")


def findings(sight: Sight) -> Iterator[Violation]:
    """13: each finding is true, and is told once: within two hours, or after the next checks if some were lost."""
    flaws, cut_off = sight.of_kind["flaw"], lost(sight, "reconcile", "failure_alert")
    wrote = [each for each in sight.of_kind["wrote"] if each["kind"] == "finding"]
    told = [(each["at"], job, each["incident"].removeprefix("finding-")) for each in wrote for job in each["jobs"]]
    for at, job, kind in told if sight.of_kind["schedule"] else ():
        its = (each for each in flaws if (each["job"], each["kind"]) == (job, kind))
        if not any(each["since"] <= at <= made_up(cut_off, each["at"], each["at"] + STALE) for each in its):
            yield Violation(13, "not true", job, at, f"people were told of {kind}, which isn't true")
    for flaw in (each for each in flaws if each["sure"]):
        since, until, job, kind = flaw["since"], flaw["at"], flaw["job"], flaw["kind"]
        mine = [at for at, *what in told if what == [job, kind] and at <= until]
        due = made_up(cut_off, since, since + FINDING_WITHIN)
        if sum(at >= since for at in mine) > 1:
            yield Violation(13, "told twice", job, since, f"people were told of {kind} more than once")
        if not mine and due + sight.away(since, due) < until:
            yield Violation(13, "not told", job, since, f"{kind} is true, and no one was told of it")


INVARIANTS: Sequence[Callable[[Sight], Iterator[Violation]]] = (found, no_false_alarm, kept, moves, findings)
