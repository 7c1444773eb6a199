"""The next slots of jobs, with those that a change of the clocks takes or doubles."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from cli.jobs.job import Job
from cronmend.jobs.cron import Mark, Rate, Schedule, Slot, parse

MARKS = {
    Mark.NORMAL: "",
    Mark.GAP: "skipped: the clocks go forward over it",
    Mark.OVERLAP: "once: the clocks go back over it, the second time is left out",
}


def schedule_of(job: Job, now: datetime) -> Schedule:
    """A rate without a start counts from the schedule's creation; as if that were now."""
    schedule = parse(job.schedule, job.timezone, job.start, job.end)
    return replace(schedule, start=now) if isinstance(schedule, Rate) and not schedule.start else schedule


def upcoming(job: Job, after: datetime, count: int, *, skipped: bool = False) -> Iterator[Slot]:
    """The next slots that fire; with ``skipped`` those between them that don't, too."""
    left = count
    for slot in islice(schedule_of(job, after).after(after, skipped=skipped), count * 100):
        if left == 0:
            return
        left -= slot.mark is not Mark.GAP
        yield slot
