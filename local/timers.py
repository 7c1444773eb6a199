"""Cronmend's timers in the emulator's process: one that is due within ``LEAD`` fires at once.

Cronmend adds ``LEAD`` to a time that is due now, because EventBridge Scheduler needs a time in the future. The emulator
doesn't. Schedules with an ECS target keep their time: :mod:`local.scheduler` runs them. Uses private names;
``tests/local/test_starting.py`` fails if another version doesn't have them.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import scheduler

from cronmend.model.incident import LEAD
from local.schedule_target import is_ecs

INTERVAL = "_SCHEDULE_TICK_INTERVAL"
SECONDS = 0.1
TICK = "_tick_schedules"
LOOP = "_ticker_loop"
STORE = "_schedules"
TIME_OF = "_at_time_epoch"
LONG_DUE = "at(1970-01-01T00:00:00)"


def install() -> None:
    """Check for due schedules every ``SECONDS``, not every ten, and for timers ``LEAD`` earlier."""
    setattr(scheduler, INTERVAL, SECONDS)
    setattr(scheduler, TICK, _sooner(getattr(scheduler, TICK)))


def _sooner(tick: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        until = time.time() + LEAD.total_seconds()
        for schedule in list(getattr(scheduler, STORE)._data.values()):
            if is_timer_due(schedule, until):
                schedule["ScheduleExpression"] = LONG_DUE
        tick()

    return run


def is_timer_due(schedule: Mapping[str, Any], until: float) -> bool:
    """Whether it is one of Cronmend's one-time schedules, for a time up to ``until``, in seconds since 1970."""
    at = getattr(scheduler, TIME_OF)(schedule["ScheduleExpression"])
    return at is not None and at <= until and not is_ecs(schedule["Target"])
