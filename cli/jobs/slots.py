"""The next slots of a job, with those that a clock change skips or repeats."""

from collections.abc import Iterator
from copy import replace
from datetime import datetime
from itertools import islice

from cli.jobs.job import Job
from cronmend.jobs.cron import Mark, Rate, Schedule, Slot, parse

MARKS = {
    Mark.NORMAL: "",
    Mark.GAP: "skipped: the clocks go forward past this time",
    Mark.OVERLAP: "fires once: the clocks go back, and this time occurs twice",
}


def schedule_of(job: Job, now: datetime) -> Schedule:
    """A rate without a start counts from the schedule's creation; here, as if that were now."""
    schedule = parse(job.schedule, job.timezone, job.start, job.end)
    return replace(schedule, start=now) if isinstance(schedule, Rate) and not schedule.start else schedule


def upcoming(job: Job, after: datetime, count: int, *, skipped: bool = False) -> Iterator[Slot]:
    """The next slots that fire; with ``skipped`` also those in between that don't."""
    left = count
    for slot in islice(schedule_of(job, after).after(after, skipped=skipped), count * 100):
        if left == 0:
            return
        left -= slot.mark is not Mark.GAP
        yield slot
