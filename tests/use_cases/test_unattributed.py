"""A run without a known schedule: people get an alert and a command, and nothing is run."""

from collections.abc import Callable
from copy import replace

import pytest

from cronmend.alerting import reports
from cronmend.model import Category, ContainerOverride, History
from cronmend.model.incident import IncidentState, RunRecord
from cronmend.model.report import MessageKind
from cronmend.model.wakeups import RerunTimer
from tests.fakes import NOW, later
from tests.samples import COMMAND, JOB, schedule, stopped
from tests.use_cases.world import World

UNDECLARED = (ContainerOverride("web", COMMAND),)


def deleted() -> World:
    world = World()
    world.schedules.schedules.clear()
    return world


def ambiguous() -> World:
    world = World()
    world.schedules.schedules["default/twin"] = replace(schedule(2), job="default/publish-scheduled")
    return world


def failed(world: World) -> RunRecord:
    return world.fails(stopped(overrides=UNDECLARED))


@pytest.mark.parametrize("of", [deleted, ambiguous])
def test_nothing_is_run_and_the_alert_says_where_the_command_is(of: Callable[[], World]) -> None:
    world = of()
    world.finish_deploy(later(-0.5))
    record = failed(world)
    assert record.by_hand.startswith("aws ecs run-task ")
    assert world.timers.of(RerunTimer) == []
    assert world.tasks.started == {}
    incident = world.ledger.read(record.job).incident
    assert incident is not None
    advice = reports.of_incident(incident, MessageKind.ALERT).advice
    assert "the command that `cronmend why a1` prints" in advice
    assert "cronmend rerun" not in advice


@pytest.mark.parametrize("of", [deleted, ambiguous])
def test_a_success_that_may_be_another_jobs_closes_nothing_and_answers_nothing(of: Callable[[], World]) -> None:
    world = of()
    job = failed(world).job
    ok = stopped("b1", exit_code=0, overrides=UNDECLARED, created_at=later(9), stopped_at=later(10))
    record = world.succeeds(ok, later(10))
    assert (record.job, record.by_hand, record.incident) == (job, "", "")
    state = world.ledger.read(job)
    assert state.incident
    assert (state.incident.state, state.history) == (IncidentState.ALERTED, History())
    world.fails(stopped("a0", overrides=UNDECLARED, created_at=later(5), stopped_at=later(11)), at=later(11))
    assert [message.incident for message in world.ledger.messages] == ["a1", "a0"]


@pytest.mark.parametrize("of", [deleted, ambiguous])
def test_each_failure_that_may_be_another_jobs_alerts_at_once(of: Callable[[], World]) -> None:
    """In an open deploy, too: no success could end the incident while its alert is held."""
    world = of()
    first = failed(world)
    second = world.fails(stopped("a2", overrides=UNDECLARED, created_at=later(2), stopped_at=later(3)), at=later(3))
    assert first.job == second.job
    assert (first.category, first.action, second.action) == (Category.DEPLOY_RACE, "alert", "alert")
    assert [message.incident for message in world.ledger.messages] == ["a1", "a2"]
    assert world.timers.timers == {}


def test_the_run_by_hand_closes_the_incident_if_it_declares_the_job() -> None:
    world = deleted()
    world.fails()
    world.succeeds(stopped("b1", exit_code=0, created_at=later(9), stopped_at=later(10)), later(10))
    assert world.incident.state is IncidentState.RECOVERED


def test_a_known_job_needs_no_command() -> None:
    world = World()
    assert world.fails(at=NOW).by_hand == ""
    assert (
        "`cronmend rerun cronmend-jobs/publish-scheduled"
        in reports.of_incident(replace(world.incident, planned=None), MessageKind.ALERT).advice
    )
    assert world.incident.job == JOB
