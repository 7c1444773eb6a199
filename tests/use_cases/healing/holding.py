"""A deploy that holds the hourly job's schedule, from its start to its end."""

from copy import replace
from datetime import datetime, timedelta
from typing import Any

from cronmend.deploys import Phase
from cronmend.deploys.holds import Which
from cronmend.incoming.deploy_events import Marker
from cronmend.model.wakeups import HoldTimer, RerunTimer
from tests.samples import JOB, service
from tests.use_cases.world import World

BEGAN = datetime.fromisoformat("2026-05-06T10:50:00+00:00")
ENDED = datetime.fromisoformat("2026-05-06T11:04:00+00:00")
"""The slot at 11:00 is in between."""


def marker(phase: Phase, at: datetime, release: str = "v2", **changes: Any) -> Marker:
    return replace(Marker("m", phase, at, "webapp", "", release, timedelta(minutes=30)), **changes)


def world(**changes: Any) -> World:
    made = World(**{"which": Which.LISTED, **changes})
    made.services.services = (service(2),)
    return made


def starts(it: World, now: datetime = BEGAN, **changes: Any) -> tuple[str, ...]:
    return it.deploy.handle(marker(Phase.STARTED, BEGAN, **changes), now).switched


def ends(it: World, now: datetime = ENDED, phase: Phase = Phase.FINISHED, **changes: Any) -> tuple[str, ...]:
    return it.deploy.handle(marker(phase, ENDED, **changes), now).switched


def timer(it: World) -> HoldTimer:
    return it.timers.of(HoldTimer)[0]


def enabled(it: World) -> bool:
    return it.schedules.schedules[JOB].enabled


def rerun(it: World, at: datetime) -> None:
    it.due.handle(it.timers.of(RerunTimer)[0], at)
