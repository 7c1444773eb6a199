"""The emulator fires a timer without the lead that AWS needs, and leaves every other schedule its time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ministack.services import eventbridge, scheduler

from cronmend.model.incident import LEAD
from local import timers

ECS = {"Arn": "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod", "EcsParameters": {}}
QUEUE = {"Arn": "arn:aws:sqs:eu-west-2:111122223333:timers"}
LATER = timedelta(hours=1)


@pytest.fixture
def fired(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the schedules that fire at each tick."""
    names: list[str] = []
    monkeypatch.setattr(eventbridge, "_invoke_target", lambda target, event, schedule: names.append(schedule["Name"]))
    monkeypatch.setattr(scheduler, timers.TICK, getattr(scheduler, timers.TICK))
    monkeypatch.setattr(scheduler, timers.INTERVAL, getattr(scheduler, timers.INTERVAL))
    timers.install()
    yield names
    scheduler.reset()


def put(name: str, expression: str, target: dict[str, Any]) -> None:
    schedule = {"Name": name, "State": "ENABLED", "ScheduleExpression": expression, "Target": target}
    getattr(scheduler, timers.STORE)[f"group/{name}"] = {**schedule, "ActionAfterCompletion": "DELETE"}


def at(when: datetime) -> str:
    return f"at({when:%Y-%m-%dT%H:%M:%S})"


def tick() -> None:
    getattr(scheduler, timers.TICK)()


def test_a_timer_within_the_lead_fires_once_and_a_later_one_does_not(fired: list[str]) -> None:
    put("soon", at(datetime.now(UTC) + LEAD), QUEUE)
    put("later", at(datetime.now(UTC) + LATER), QUEUE)
    tick()
    tick()
    assert fired == ["soon"]
    assert "group/later" in getattr(scheduler, timers.STORE)


def test_a_schedule_that_starts_a_task_keeps_its_time() -> None:
    due = {"ScheduleExpression": at(datetime.now(UTC)), "Target": ECS}
    until = (datetime.now(UTC) + LATER).timestamp()
    assert not timers.is_timer_due(due, until)
    assert timers.is_timer_due({**due, "Target": QUEUE}, until)
    assert not timers.is_timer_due({"ScheduleExpression": "rate(5 minutes)", "Target": QUEUE}, until)
