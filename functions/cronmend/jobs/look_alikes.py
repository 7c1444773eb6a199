"""Which schedules' runs look like those of a job, and until when: a run may outlive its schedule. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from cronmend.jobs import identity
from cronmend.jobs.slots import PRECISION
from cronmend.jobs.work import ANY
from cronmend.model import FailedTask, Identity, Missing
from cronmend.model.incident import JobState
from cronmend.model.schedules import LookAlike
from cronmend.model.timetables import FEW, Timetable


class Changed(Struct, frozen=True):
    """A job whose state has to be written: the schedules that look like its own have changed."""

    job: str
    present: tuple[str, ...]
    gone: tuple[str, ...] = ()
    """Those that were there until now, also if its schedule came in their place: one that was renamed or moved."""


def changed(before: Sequence[Timetable], after: Sequence[Timetable]) -> Iterator[Changed]:
    """The jobs whose look-alikes aren't those that their states have, from the rows of two checks.

    Of many, some are enough: as long as one is left, a run of any of them is ambiguous. So a schedule that comes or
    goes changes the states of a few jobs only.
    """
    were, are = _alike(before), _alike(after)
    old, new = ({row.job: row for row in rows} for rows in (before, after))
    for job in sorted(old.keys() | new.keys()):
        stored, look = old[job].look_alikes if job in old else (), _look(new[job]) if job in new else ()
        others = are.get(look, frozenset()) - {job}
        if stored and len(others) > FEW:
            continue
        present = tuple(sorted(others)[:FEW])
        left = stored or (were.get(look, ()) if not others else ())
        gone = tuple(sorted({*left} - others - {job}))
        if gone or present != stored:
            yield Changed(job, present, gone)


def renewed(known: Sequence[LookAlike], change: Changed, now: datetime) -> tuple[LookAlike, ...]:
    """A job's look-alikes after a change; what a schedule starts just before it goes is created within a minute.

    Of those that are gone, the latest count: a run that may be of an earlier one is older than they are, too.
    """
    over = {*change.gone, *(each.job for each in known if each.until is None)} - {*change.present}
    past = [each for each in known if each.until and each.job not in {*change.present, *over}]
    latest = sorted([*(LookAlike(job, now + PRECISION) for job in sorted(over)), *past], key=_until, reverse=True)[:FEW]
    return (*map(LookAlike, change.present), *latest)


def _until(gone: LookAlike) -> float:
    return gone.until.timestamp() if gone.until else 0.0


def _alike(rows: Iterable[Timetable]) -> Mapping[tuple[str, ...], frozenset[str]]:
    """By how their runs look, the jobs that don't name themselves in them."""
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in rows:
        if row.target and row.target.work:
            found[_look(row)].add(row.job)
    return {look: frozenset(jobs) for look, jobs in found.items() if look}


def _look(row: Timetable) -> tuple[str, ...]:
    """All by which a run that names no job is attributed. Of commands that differ from run to run, only equal ones."""
    target = row.target
    if target is None or target.runs in {"", ANY}:
        return (target.work,) if target and target.work else ()
    return identity.kept_name(row.job), row.cluster_arn, target.runs


def among(task: FailedTask, who: Identity, state: JobState) -> Identity:
    """The job of a run that doesn't name it: its schedule may have been deleted or changed since, and may have looked
    like the one that is left.

    Args:
        who: what the live schedules show.
        state: that of this job.
    """
    if isinstance(who.schedule, Missing) or not identity.name_prefix(task) or identity.job_by_name(task) == who.job:
        return who
    known, created = state.look_alikes, task.created_at
    if gone := [each.job for each in known if not (each.until and created and created > each.until)]:
        names = ", ".join(sorted(gone))
        was = "a schedule that has" if len(gone) == 1 else "schedules that have"
        reason = f"the run may be of {who.job}, or of {was} been deleted or changed since it started: {names}"
        return identity.ambiguous(task, [who.job, *gone], reason)
    return who
