"""Which slots of a timetable are to be checked, and what a change of its schedule means for them. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from copy import replace
from datetime import datetime, timedelta
from itertools import islice

from cronmend.jobs import identity
from cronmend.jobs.identity import RULE, SCHEDULER
from cronmend.jobs.matching import EARLY, Match, Start, match
from cronmend.jobs.slots import LISTED_AFTER, PRECISION, aware, slots_between, unreadable
from cronmend.jobs.targets import target_of
from cronmend.model import LiveSchedule, LiveTask
from cronmend.model.timetables import TARGET_FORM, LastCheck, Listed, RecordedRun, Target, Timetable
from cronmend.wording import moment, span

SHORTEST_GRACE = timedelta(minutes=5)
LONGEST_GRACE = timedelta(hours=1)
"""The bounds of a grace that is learned."""
MOST_SLOTS = 100
"""Slots of one job that one check handles, the oldest first."""
_HORIZON = timedelta(days=400)
"""A slot that is further away is looked for again later."""
_ONE_CALL = timedelta(seconds=2)
"""The tasks that one call starts are created within this time."""
_LEARNED_FROM = 5
"""With fewer starts, nothing is learned."""


def of_schedule(schedule: LiveSchedule, listed: Listed, since: datetime) -> Timetable:
    return Timetable(
        job=schedule.job,
        source=listed.source,
        version=listed.version,
        cluster_arn=schedule.cluster_arn,
        expression=schedule.expression,
        timezone=schedule.timezone,
        enabled=schedule.enabled,
        since=since,
        checked_until=since,
        flexible=int(schedule.flexible / timedelta(minutes=1)),
        start=schedule.start,
        end=schedule.end,
        created=schedule.created,
        target=target_of(schedule),
        task_definition=str(schedule.parameters.get("TaskDefinitionArn", "")),
    )


def of_nothing(listed: Listed, now: datetime) -> Timetable:
    """A rule that starts no task in a watched cluster: it isn't read again before it changes."""
    nowhere = Timetable(
        listed.source, listed.source, listed.version, "", "", "UTC", enabled=False, since=now, checked_until=now
    )
    return replace(nowhere, target=Target(form=TARGET_FORM))


def after_change(known: Timetable, changed: Timetable) -> Timetable:
    """A change that moves no slot, such as one of the target, leaves the slots before it to be checked."""
    changed = replace(changed, look_alikes=known.look_alikes)
    if _times(known) != _times(changed):
        return changed
    return replace(changed, since=known.since, checked_until=known.checked_until, seen=known.seen, due=known.due)


def _times(timetable: Timetable) -> tuple[object, ...]:
    """What its slots depend on."""
    fields = timetable.expression, timetable.timezone, timetable.enabled, timetable.flexible
    return *fields, timetable.start, timetable.end, timetable.created


def has_times_of(timetable: Timetable, schedule: LiveSchedule) -> bool:
    """Whether its slots are still those of the schedule."""
    now = of_schedule(schedule, Listed(timetable.source, timetable.version), timetable.since)
    return _times(now) == _times(timetable)


def first_counted(changed_at: datetime | None, last: LastCheck | None, cluster_arn: str, now: datetime) -> datetime:
    """Since when the slots of a schedule count that no check has seen yet.

    Its first one ever counts, but before the clusters were watched, no run was recorded.
    """
    if last is None or cluster_arn not in last.clusters:
        return now
    return min(now, max(changed_at or last.at, last.at))


def reach(timetable: Timetable, grace: timedelta) -> timedelta:
    """How long after its slot a run may be created."""
    return timedelta(minutes=timetable.flexible) + PRECISION + grace


def wait(timetable: Timetable, grace: timedelta) -> timedelta:
    """How long after a slot it can be known that it has no run."""
    return reach(timetable, grace) + LISTED_AFTER


def late(created: datetime, slot: datetime | None, flexible: timedelta, grace: timedelta) -> str:
    """How long after its slot a run started, as a clause; ``""`` if it was in time, or its slot isn't known."""
    if slot is None or created - slot <= flexible + PRECISION + grace:
        return ""
    return f"it started {span(created - slot)} after its scheduled time {moment(slot, created)}"


def slots_to_check(timetable: Timetable, grace: timedelta, now: datetime) -> Sequence[datetime]:
    """The slots whose run must have come by now, the oldest first."""
    after, until = max(timetable.checked_until, timetable.since), now - wait(timetable, grace)
    found = slots_between(timetable.live, timetable.seen, after, until)
    return tuple(islice(found, MOST_SLOTS))


def checked(timetable: Timetable, until: datetime, grace: timedelta) -> Timetable:
    """The timetable after its slots up to a time were checked."""
    until = max(timetable.checked_until, until)
    coming = slots_between(timetable.live, timetable.seen, max(until, timetable.since), until + _HORIZON)
    slot = next(coming, None)
    due = slot + wait(timetable, grace) if slot else until + _HORIZON
    again = waits_for_run(timetable) or unreadable(timetable.expression, timetable.timezone)
    return replace(timetable, checked_until=until, due=until if again else due)


def waits_for_run(timetable: Timetable) -> bool:
    """Whether its slots are known only after its first run: EventBridge doesn't say when a rule was created."""
    is_rate = timetable.job.startswith(RULE) and timetable.expression.startswith("rate(")
    return timetable.enabled and is_rate and timetable.seen is None


def seen_in(timetable: Timetable, runs: Sequence[RecordedRun]) -> Timetable:
    """The timetable with a run that was started by its rule, from which its rate counts."""
    seen = max((each.created_at for each in runs if is_own(each)), default=None)
    if seen is None or not waits_for_run(timetable):
        return timetable
    return replace(timetable, seen=seen, since=max(timetable.since, seen))


def matched(
    timetable: Timetable, slots: Sequence[datetime], runs: Iterable[RecordedRun], grace: timedelta
) -> tuple[Match, ...]:
    """The slots, each with its run. A run by hand that names no slot is for the latest one before it.

    Neighbors that could have had the same runs are matched with them: a run that is nearer to one belongs to that.
    """
    around = reach(timetable, grace) + EARLY
    first, last = slots[0] - around, slots[-1] + around
    near = set(slots_between(timetable.live, timetable.seen, first, last)) | set(slots)
    starts = [Start(each.created_at, aware(each.slot) or _slot_by_hand(each, near)) for each in _calls(runs)]
    starts = [each for each in starts if each.slot or first - EARLY <= each.created <= last]
    return tuple(each for each in match(sorted(near), starts, around - EARLY) if each.slot in set(slots))


def runs_matter_since(timetable: Timetable, slots: Sequence[datetime], grace: timedelta) -> datetime:
    """Since when runs may have stopped that :func:`matched` needs."""
    return slots[0] - reach(timetable, grace) - 2 * EARLY


def _calls(runs: Iterable[RecordedRun]) -> Iterator[RecordedRun]:
    """One run of each call: the same run may be given twice, and a call may start several tasks."""
    of_call: list[RecordedRun] = []
    for run in sorted(runs, key=lambda each: (each.started_by, each.created_at)):
        if of_call and not _is_of_call(run, of_call[-1]):
            yield max(of_call, key=lambda each: each.slot)
            of_call = []
        of_call.append(run)
    if of_call:
        yield max(of_call, key=lambda each: each.slot)


def _is_of_call(run: RecordedRun, other: RecordedRun) -> bool:
    other_slots = run.slot and other.slot and run.slot != other.slot
    together = run.created_at - other.created_at < _ONE_CALL
    return run.started_by == other.started_by and together and not other_slots


def _slot_by_hand(run: RecordedRun, slots: Iterable[datetime]) -> datetime | None:
    if is_own(run):
        return None
    return max((slot for slot in slots if slot <= run.created_at + EARLY), default=None)


def runs_among(tasks: Iterable[LiveTask], schedule: LiveSchedule) -> Sequence[RecordedRun]:
    """The runs of the schedule's job among the tasks that ECS lists."""
    own = ((each, each.created_at) for each in tasks if identity.runs_job(each, schedule))
    return [RecordedRun(at, each.started_by, identity.declared_slot(each)) for each, at in own if at]


def is_own(run: RecordedRun) -> bool:
    """Whether the schedule or rule itself started it."""
    return run.started_by.startswith((SCHEDULER, RULE))


def learned_grace(timetable: Timetable, runs: Sequence[RecordedRun]) -> timedelta:
    """Twice the delay that nine of ten earlier starts kept, within bounds: a single start that was very late counts
    little, and a job that always starts late has more grace."""
    delays = sorted(filter(None, (_delay(timetable, each) for each in runs if is_own(each))))
    if len(delays) < _LEARNED_FROM:
        return SHORTEST_GRACE
    usual = delays[len(delays) * 9 // 10 - 1] - timedelta(minutes=timetable.flexible) - PRECISION
    return min(max(2 * usual, SHORTEST_GRACE), LONGEST_GRACE)


def _delay(timetable: Timetable, run: RecordedRun) -> timedelta | None:
    """How long after its slot a run was created; None if its slot isn't known."""
    named = aware(run.slot)
    before = slots_between(timetable.live, timetable.seen, run.created_at - timedelta(hours=2), run.created_at + EARLY)
    slot = named or max(before, default=None)
    return run.created_at - slot if slot else None
