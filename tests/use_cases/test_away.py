"""AWS doesn't answer while a run is diagnosed: wait for minutes, then alert with what is known."""

from collections.abc import Callable
from copy import replace
from datetime import timedelta
from typing import Any

import pytest

from cronmend.errors import Retryable
from cronmend.model import Category, ContainerOverride, Missing, StoppedTask
from cronmend.model.incident import IncidentState, RunRecord
from cronmend.use_cases.reads import PATIENCE, PATIENCE_WITH_SUCCESS, Reads
from tests.fakes import NOW, later
from tests.samples import COMMAND, JOB, stopped
from tests.use_cases.world import World, behaving, out_of_capacity

BUG = ("KeyError: 'price'",)
AWAY = "couldn't ask: AWS didn't answer"
SLOW = "AWS answers too slowly to read everything"


def away(*_: object) -> Any:
    raise Retryable(AWAY)


def no_logs(world: World) -> None:
    behaving(world.logs, tail=away)


def no_scheduler(world: World) -> None:
    behaving(world.schedules, named=away, get=away)


def no_ecs(world: World) -> None:
    behaving(world.services, running=away, images=away)
    behaving(world.tasks, active=away)


def nothing_at_all(world: World) -> None:
    for each in (no_logs, no_scheduler, no_ecs):
        each(world)


OUTAGES = (no_logs, no_scheduler, no_ecs, nothing_at_all)
EARLY, LATE = NOW + PATIENCE - timedelta(seconds=1), NOW + PATIENCE


@pytest.mark.parametrize("outage", OUTAGES)
def test_at_first_the_evidence_is_worth_waiting_for(outage: Callable[[World], None]) -> None:
    world = World()
    outage(world)
    for at in (NOW, EARLY):
        with pytest.raises(Retryable, match=AWAY):
            world.stopped.handle(stopped(), at)
    assert (world.ledger.runs, world.ledger.messages, world.errors) == ({}, [], [])


@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize("at", [LATE, NOW + timedelta(hours=4)])
def test_an_outage_of_minutes_or_hours_costs_no_alert(outage: Callable[[World], None], at: Any) -> None:
    world = World()
    world.logs.logs["web/web/a1"] = BUG
    outage(world)
    record = world.stopped.handle(stopped(), at)
    assert record.action == "alert"
    (message,) = world.ledger.messages
    assert f"Cronmend couldn't read all the evidence, so check it yourself: {AWAY}." in message.report.advice
    assert world.incident.state is IncidentState.ALERTED


def test_an_unread_log_leaves_the_cause_unknown() -> None:
    world = World()
    no_logs(world)
    record = world.stopped.handle(stopped(), LATE)
    assert (record.category, record.sentence) == (Category.UNKNOWN, f"The cause is unknown (exit code 1; {AWAY}).")


def test_evidence_that_is_there_in_time_is_used() -> None:
    world = World()
    whole = world.logs.tail
    no_logs(world)
    with pytest.raises(Retryable):
        world.fails()
    behaving(world.logs, tail=whole)
    record = world.fails(at=EARLY)
    assert (record.category, record.action) == (Category.DEPLOY_RACE, "rerun")


def test_a_known_gap_needs_no_patience() -> None:
    """A log that doesn't exist is an answer."""
    assert World().stopped.handle(stopped(), NOW).category is Category.UNKNOWN


def success(world: World, at: Any) -> RunRecord:
    return world.stopped.handle(stopped("b2", exit_code=0, stopped_at=NOW, overrides=()), at)


def test_a_success_waits_longer_for_its_schedule_because_no_alert_waits_for_it() -> None:
    world = World()
    no_scheduler(world)
    with pytest.raises(Retryable):
        success(world, NOW + PATIENCE_WITH_SUCCESS - timedelta(seconds=1))
    record = success(world, NOW + PATIENCE_WITH_SUCCESS)
    assert record.category is Category.SUCCESS
    assert record.job.startswith("unattributed/")


def fails_without_its_schedule(world: World, task: StoppedTask) -> None:
    """The schedule can't be read until the failure is on record without its job."""
    named, get = world.schedules.named, world.schedules.get
    no_scheduler(world)
    lost = world.fails(task, log=BUG, at=later(121) + PATIENCE)
    behaving(world.schedules, named=named, get=get)
    assert lost.job.startswith("unattributed/")


OWN = {"CRONMEND_JOB": JOB, "CRONMEND_ATTEMPT": "k1"}


@pytest.mark.parametrize(
    ("started_by", "environment"), [("chronos-schedule/publish-scheduled", {}), ("cronmend/k1", OWN)]
)
def test_a_success_ends_nothing_after_a_newer_failure_that_may_be_of_its_job(
    started_by: str, environment: dict[str, str]
) -> None:
    """A success waits longer for its schedule than a failure does, and is recorded after it."""
    world = World()
    unnamed = (ContainerOverride("web", COMMAND),)
    runs = [
        stopped(key, exit_code=code, created_at=later(at), stopped_at=later(at + 1), overrides=unnamed)
        for key, code, at in (("a1", 1, 0), ("b2", 0, 60), ("c3", 1, 120), ("d4", 0, 180))
    ]
    world.fails(runs[0], log=BUG, at=later(1))
    older = replace(runs[1], started_by=started_by, overrides=(ContainerOverride("web", COMMAND, environment),))
    fails_without_its_schedule(world, runs[2])
    assert "a newer one failed" in world.succeeds(older, at=later(130)).reasons[0]
    assert world.incident.is_open
    world.succeeds(runs[3], at=later(181))
    assert world.incident.state is IncidentState.RECOVERED


def test_a_success_whose_job_was_read_before_its_incident_began_ends_nothing_after_such_a_failure() -> None:
    """The ledger's first answer may be old: what is written is decided on the state that is written."""
    world = World()
    unnamed, found = (ContainerOverride("web", COMMAND),), world.ledger.look_up(JOB)
    broken, older, newer = (
        stopped(key, exit_code=code, created_at=later(at), stopped_at=later(at + 1), overrides=unnamed)
        for key, code, at in (("a1", 1, 0), ("b2", 0, 60), ("c3", 1, 120))
    )
    world.fails(broken, log=BUG, at=later(1))
    fails_without_its_schedule(world, newer)
    behaving(world.ledger, look_up=lambda *asked, stopped_at: found)
    assert "a newer one failed" in world.succeeds(older, at=later(130)).reasons[0]
    assert world.incident.is_open


def test_a_rerun_that_is_due_waits_for_aws_and_its_alert_is_released_without_it() -> None:
    world = World()
    world.fails()
    nothing_at_all(world)
    rerun, release = world.timers.due()
    with pytest.raises(Retryable):
        world.wakes(rerun, later(240))
    assert world.wakes(release, later(60)) == "the held alert is released"
    assert [kind for kind, _ in world.told] == ["alert"]


@pytest.mark.parametrize(
    ("stopped_at", "received_at", "at", "waits"),
    [
        (NOW, None, EARLY, True),
        (NOW, None, LATE, False),
        (later(-60), NOW, EARLY, True),
        (later(-60), NOW, LATE, False),
        (NOW, later(20), later(24), True),
        (None, NOW, EARLY, True),
        (NOW, later(0.1), NOW, True),
        (later(999_999), NOW, LATE, False),
        (later(999_999), None, NOW, False),
        (None, None, NOW, False),
    ],
)
def test_patience_begins_with_the_first_delivery_and_ends_whatever_the_event_says(
    stopped_at: Any, received_at: Any, at: Any, waits: bool
) -> None:
    assert Reads.of(stopped(stopped_at=stopped_at), received_at, at).waits is waits


def test_calls_that_hang_leave_time_for_the_alert() -> None:
    """Each takes most of a minute; what is still to be read then is missing."""
    now = [0.0]

    def hangs() -> Any:
        now[0] += 47.0
        raise Retryable(AWAY)

    reads = Reads(waits=False, clock=lambda: now[0], started=0.0)
    assert [reads(hangs), reads(hangs), reads(lambda: 1)] == [Missing(AWAY), *[Missing(SLOW)] * 2]
    assert now == [47.0]
    assert reads.unread == [AWAY, SLOW, SLOW]


def test_calls_that_answer_are_waited_for() -> None:
    """The first deliveries have all their time: each hanging call ends one."""
    reads = Reads(waits=True, clock=lambda: 60.0, started=0.0)
    assert reads(lambda: 1) == 1


def test_ecs_is_not_asked_for_active_runs_when_it_just_did_not_answer() -> None:
    world = World()
    asked: list[str] = []

    def active(cluster_arn: str, family: str) -> Any:
        asked.append(family)
        return []

    no_ecs(world)
    behaving(world.tasks, active=active)
    record = world.stopped.handle(out_of_capacity(), LATE)
    assert (record.action, asked) == ("rerun", [])


def test_the_job_that_the_run_names_is_alerted_even_without_its_schedule() -> None:
    world = World()
    nothing_at_all(world)
    assert world.stopped.handle(stopped(), LATE).job == JOB
