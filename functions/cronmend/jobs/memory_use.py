"""Whether the memory that a job's tasks use grows towards their limit. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cronmend.jobs.weekly_growth import WEEKS, growth
from cronmend.model import TaskDefinitionRef
from cronmend.model.findings import Finding, FindingKind
from cronmend.model.memory_use import MemoryOfDay
from cronmend.model.timetables import Timetable

KINDS: Final = frozenset({FindingKind.MORE_MEMORY})
_STEP: Final = 1.02
"""The least growth from each week to the next."""
_NEAR: Final = 0.8
"""The share of the limit that is used."""


def of_growth(timetable: Timetable, days: Sequence[MemoryOfDay], now: datetime) -> Finding | None:
    if (grown := growth(((each.day, each.used) for each in days), _STEP, now)) is None:
        return None
    (was, used), limit = grown, max(days, key=lambda each: each.day).limit
    if used < _NEAR * limit:
        return None
    family = TaskDefinitionRef.parse(timetable.task_definition).family
    return Finding(
        timetable.job,
        FindingKind.MORE_MEMORY,
        f"The tasks of {family} use more memory each week: {was:.0f} MiB {WEEKS} weeks ago, now "
        f"{used:.0f} of {limit:.0f} MiB.",
        "Find out what grows, or register a task definition with more memory. With `memory_step` in jobs.toml, a run "
        "that runs out of memory is run again with more.",
        zone=timetable.timezone,
    )
