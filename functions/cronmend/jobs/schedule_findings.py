"""What the schedules themselves show that a person should change. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct, field

from cronmend.jobs.definitions import Deployed, differences, of_timetable
from cronmend.jobs.slots import slots_between
from cronmend.model.findings import Finding, FindingKind
from cronmend.model.timetables import Timetable
from cronmend.wording import span

KINDS: Final = frozenset(
    {
        *(FindingKind.DISABLED, FindingKind.EXPIRED, FindingKind.NO_DEAD_LETTERS),
        *(FindingKind.LOOK_ALIKES, FindingKind.MIGRATES, FindingKind.CHANGED),
    }
)
FORGOTTEN: Final = timedelta(days=7)
"""A schedule that is disabled for longer may have been forgotten. A deploy holds one for an hour at the most."""
OVER: Final = timedelta(days=1)
"""A schedule that ended more recently may be about to be changed or deleted."""
_NEVER: Final = timedelta(days=400)
"""A schedule that starts nothing within this time, and had an end, starts nothing any more."""
_NAMED: Final = 3


class Intent(Struct, frozen=True):
    """What the owners of the jobs want."""

    deployed: Mapping[str, Deployed] = field(default_factory=dict)
    """What jobs.toml defines, by job."""
    follows: Callable[[str], bool] = lambda _: False
    """Whether Cronmend moves the job's schedule to the revision that the service runs."""


def of_timetables(timetables: Sequence[Timetable], intent: Intent, now: datetime) -> tuple[Finding, ...]:
    """A schedule that starts nothing any more has no other finding, but for those of its definition."""
    found = [*_look_alikes(timetables), *(each for row in timetables for each in _changed(row, intent))]
    for each in timetables:
        found += [over] if (over := _over(each, intent, now)) else _of_active(each)
    return tuple(found)


def is_forgotten(timetable: Timetable, intent: Intent, now: datetime) -> bool:
    deployed = intent.deployed.get(timetable.job)
    wanted = deployed is not None and not deployed.enabled
    held = timetable.target is not None and timetable.target.is_held
    off = bool(timetable.expression) and not timetable.enabled and not held and not wanted
    return off and now - timetable.since >= FORGOTTEN


def _changed(timetable: Timetable, intent: Intent) -> Iterator[Finding]:
    """A change of the file and the schedule that isn't deployed in full yet is over within the hour."""
    deployed, live = intent.deployed.get(timetable.job), of_timetable(timetable)
    if deployed is None or not live:
        return
    if what := "; ".join(differences(deployed.definition, live, follows=intent.follows(timetable.job))):
        yield Finding(
            timetable.job,
            FindingKind.CHANGED,
            f"Its schedule isn't as jobs.toml defined it in the last deploy: {what}.",
            "`cronmend jobs diff` compares both. If the change is right, make it in jobs.toml, too, or a later deploy "
            "undoes it. If not, change the schedule back.",
        )


def disabled(job: str, since: datetime) -> Finding:
    """
    Args:
        since: the last change of the schedule that Cronmend knows of: it may have been disabled for longer.
    """
    return Finding(
        job,
        FindingKind.DISABLED,
        f"Its schedule has been disabled for at least {span(FORGOTTEN)}.",
        "If the job should run again, enable its schedule; if not, delete it, or set `enabled = false` in jobs.toml. "
        f"If this is planned, run `cronmend mute {job} --until DATE --planned`.",
        since,
    )


def _over(timetable: Timetable, intent: Intent, now: datetime) -> Finding | None:
    if is_forgotten(timetable, intent, now):
        return disabled(timetable.job, timetable.since)
    return _expired(timetable, now) if timetable.enabled and timetable.expression else None


def _expired(timetable: Timetable, now: datetime) -> Finding | None:
    is_once = timetable.expression.startswith("at(")
    ended = timetable.end is not None and timetable.end <= now - OVER
    if not (is_once or ended) or any(slots_between(timetable.live, timetable.seen, now - OVER, now + _NEVER)):
        return None
    if is_once:
        said = f"Its schedule was for one time, {timetable.expression}, which has passed."
        remedy = "Delete the schedule. To have AWS delete it after its run, set its ActionAfterCompletion to DELETE."
    else:
        said = f"Its schedule ended on {timetable.end:%Y-%m-%d}, so it starts nothing any more."
        remedy = "Delete the schedule, or give it a later end date (`end` in jobs.toml)."
    return Finding(timetable.job, FindingKind.EXPIRED, said, remedy, None if is_once else timetable.end)


def _of_active(timetable: Timetable) -> Iterator[Finding]:
    target = timetable.target
    if target is None or not timetable.enabled:
        return
    if not target.has_dead_letters:
        yield Finding(
            timetable.job,
            FindingKind.NO_DEAD_LETTERS,
            "Its schedule has no dead-letter queue, so AWS keeps no reason if it can't start the job.",
            "Give the schedule's target a dead-letter queue, and name the queue in the stack's parameter "
            "StartFailureQueues. `cronmend jobs build` does both for the schedules that it creates.",
        )
    if target.migrates:
        yield Finding(
            timetable.job,
            FindingKind.MIGRATES,
            "Its command migrates the database, so the schema changes whenever the job runs, not when you deploy.",
            "Migrate in a task of its own, in the pipeline, before the service and the schedules use the new code.",
        )


def _look_alikes(timetables: Sequence[Timetable]) -> Iterator[Finding]:
    alike: dict[str, list[str]] = defaultdict(list)
    for each in timetables:
        if each.target and each.target.work:
            alike[each.target.work].append(each.job)
    for jobs in alike.values():
        for job in jobs if len(jobs) > 1 else ():
            yield _look_alike(job, sorted(set(jobs) - {job}))


def _look_alike(job: str, others: Sequence[str]) -> Finding:
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return Finding(
        job,
        FindingKind.LOOK_ALIKES,
        f"Its runs can't be distinguished from those of {', '.join(others[:_NAMED])}{more}: ECS cuts the schedules' "
        "names to the same text, and their commands are the same. Cronmend re-runs none of them.",
        "Start one of the names differently, or set CRONMEND_JOB to the schedule's own ID, <group>/<name>, in the "
        "environment of each target. `cronmend jobs build` sets it.",
    )
