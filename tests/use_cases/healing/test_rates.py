"""Jobs whose schedule doesn't say when its slots are: a rate without a start date, or no slots at all."""

from copy import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cronmend.healing.guards import Guard
from cronmend.model import LiveSchedule
from cronmend.model.incident import IncidentState
from tests.fakes import NOW, FakeSchedules, later
from tests.samples import JOB, schedule, stopped
from tests.use_cases.healing.test_requested_run import ask
from tests.use_cases.world import World, out_of_capacity, rerun_timer

CREATED = later(-1.3)


def job(expression: str = "rate(1 hour)", **changes: Any) -> World:
    live: LiveSchedule = schedule(2, expression=expression, timezone="UTC", **changes)
    world = World(schedules=FakeSchedules({JOB: live}))
    world.finish_deploy(later(-60))
    return world


def test_a_failure_is_recorded_and_healed() -> None:
    """EventBridge doesn't say when a rule was created: its rate counts from the run that was seen."""
    world = job()
    assert world.stopped.handle(out_of_capacity(), NOW).action == "rerun"
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert len(world.tasks.started) == 1
    assert world.incident.slot == f"{CREATED:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("minutes", [4, 6])
def test_the_next_run_is_counted_from_the_one_that_was_seen(minutes: int) -> None:
    world = job(f"rate({minutes} minutes)")
    record = world.stopped.handle(out_of_capacity(), NOW)
    slot = CREATED + timedelta(minutes=minutes)
    assert record.reasons == (f"no re-run: the job's next scheduled run is at {slot:%H:%M} UTC",)
    assert world.incident.state is IncidentState.HEALING


def test_a_creation_that_is_known_outweighs_the_run_that_was_seen() -> None:
    world = job("rate(4 minutes)", created=later(-1.5))
    record = world.stopped.handle(out_of_capacity(), NOW)
    assert record.reasons == (f"no re-run: the job's next scheduled run is at {later(2.5):%H:%M} UTC",)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("rate(1 hour)", "rate(1 hour) has no start date, and no run that cronmend-jobs/publish-scheduled started"),
        ("every(1 hour)", "Cronmend can't read the expression every(1 hour)"),
    ],
)
def test_a_job_of_which_no_run_was_seen_is_run_only_with_force(expression: str, reason: str) -> None:
    world = job(expression)
    (blocker,) = ask(world).blockers
    assert blocker.guard is Guard.NEXT_SLOT
    assert reason in blocker.reason
    assert "\n" not in blocker.reason
    assert ask(world, force=True).task_arn


def test_a_rule_that_reacts_to_events_has_no_slot_to_wait_for() -> None:
    world = job("")
    assert world.stopped.handle(out_of_capacity(), NOW).action == "rerun"
    assert world.incident.slot is None


def test_an_expression_that_can_not_be_read_holds_the_alert_and_runs_nothing() -> None:
    world = job("every(1 hour)")
    assert world.stopped.handle(out_of_capacity(), NOW).action == "alert"
    assert world.incident.held_until
    assert "isn't known" in world.incident.no_rerun


@pytest.mark.parametrize(
    ("created", "slot"),
    [
        (datetime.fromisoformat("2026-05-06T11:00:03Z"), "2026-05-06T11:00:00Z"),
        (datetime.fromisoformat("2026-05-06T11:00:59Z"), "2026-05-06T11:00:00Z"),
    ],
)
def test_the_slot_of_a_run_that_received_none_follows_from_its_creation(created: datetime, slot: str) -> None:
    world = job("cron(0 * * * ? *)")
    world.stopped.handle(replace(out_of_capacity(), created_at=created), NOW)
    assert world.incident.slot == slot


def test_a_job_that_fails_for_days_is_still_re_run_because_each_slot_has_its_own_age() -> None:
    world = job("cron(0 * * * ? *)")
    for hours in range(30):
        created = CREATED + timedelta(hours=hours)
        task = stopped(f"h{hours}", exit_code=None, created_at=created, stopped_at=created + timedelta(minutes=1))
        record = world.stopped.handle(task, created + timedelta(minutes=1))
    assert record.action == "rerun"
    assert world.incident.runs == 30


def test_a_rerun_keeps_the_slot_of_the_run_that_it_repeats() -> None:
    world = job("cron(0 * * * ? *)")
    world.stopped.handle(out_of_capacity(), NOW)
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    assert attempt.slot == "2026-05-06T11:00:00Z"
    (request,) = world.tasks.started.values()
    (container,) = request["overrides"]["containerOverrides"]
    assert {"name": "CRONMEND_SLOT", "value": attempt.slot} in container["environment"]
    world.stopped.handle(replace(world.rerun_of(attempt, 1, later(70)), started_at=None), later(70))
    assert world.incident.slot == attempt.slot
