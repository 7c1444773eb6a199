"""How useful a history's re-runs and messages were, counted from what can be observed."""

from collections import Counter
from collections.abc import Sequence

from simulation.reasons import why_false, why_missed
from simulation.sight import Entry, Run, Sight, latest


def figures(entries: Sequence[Entry]) -> Counter[str]:
    """healed: failed runs whose next success was a re-run; false_heals: re-runs after a cause that doesn't pass;
    missed_heals: passing causes of jobs that may be re-run, with neither a re-run nor a success within an hour. The
    last two are counted by reason, too: ``missed_heals: the mode wasn't heal``."""
    sight = Sight(entries)
    found: Counter[str] = Counter(messages=len(sight.of_kind["seen"]))
    for run in sight.runs.values():
        if run.failed and run.delivered and run.by != "hand":
            found.update(_of_failure(sight, run))
        if run.by == "cronmend" and run.incident and (before := _before(sight, run)):
            found.update(_named("false_heals", "" if before.passes else why_false(before, run)))
    return found


def _named(name: str, reason: str) -> Counter[str]:
    return Counter({name: 1, f"{name}: {reason}": 1}) if reason else Counter()


def _before(sight: Sight, run: Run) -> Run | None:
    return latest(each for each in sight.of_job[run.job] if each.failed and each.created < run.created)


def _of_failure(sight: Sight, run: Run) -> Counter[str]:
    later = [each for each in sight.of_job[run.job] if each.created > run.created]
    good = next((each for each in later if each.succeeded), None)
    notified = sight.notified(run.job, run.stopped or 0.0, sight.entries[-1]["at"]) is not None
    mended = good is not None and good.by == "cronmend"
    soon = any((each.by == "cronmend" or each.succeeded) and each.created < run.created + 3600 for each in later)
    safe = sight.jobs.get(run.job, {}).get("policy") == "safe" and sight.jobs[run.job]["attempts"] > 0
    missed = _named("missed_heals", why_missed(sight, run) if run.passes and safe and not soon else "")
    return Counter(healed=mended, alerted=notified) + missed
