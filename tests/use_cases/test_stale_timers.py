"""A timer that belongs to another incident, or to none that is open, changes nothing."""

from copy import replace

import pytest

from cronmend.model.incident import IncidentState
from cronmend.model.wakeups import ReleaseTimer, RerunTimer
from tests.fakes import NOW, later
from tests.samples import JOB
from tests.use_cases.world import World, rerun_timer


def broken() -> World:
    """A race whose alert is held and whose re-run is planned; its deploy has ended."""
    world = World()
    world.fails()
    world.finish_deploy(later(4))
    return world


def untouched(world: World) -> bool:
    return not world.ledger.messages and not world.tasks.started and not world.attempts()


@pytest.mark.parametrize("kind", [ReleaseTimer, RerunTimer])
def test_the_timer_of_an_earlier_incident_leaves_the_newer_one_alone(kind: type) -> None:
    world = broken()
    timer = (
        ReleaseTimer(JOB, "earlier", later(999))
        if kind is ReleaseTimer
        else replace(rerun_timer(world), incident="earlier")
    )
    before = world.incident
    world.due.handle(timer, later(99))
    assert untouched(world)
    assert world.incident == before


@pytest.mark.parametrize("state", [IncidentState.HEALED, IncidentState.RECOVERED])
def test_the_timers_of_an_incident_that_is_over_do_nothing(state: IncidentState) -> None:
    world = broken()
    job_state = world.ledger.read(JOB)
    world.ledger.job_states[JOB] = replace(job_state, incident=replace(world.incident, state=state))
    for timer in (rerun_timer(world), ReleaseTimer(JOB, world.incident.id, later(999))):
        world.due.handle(timer, later(99))
    assert untouched(world)


def test_a_timer_of_a_job_that_is_not_on_record_does_nothing() -> None:
    world = World()
    assert world.due.handle(RerunTimer(JOB, "a1", 2, NOW), NOW) == "no re-run is planned"
    assert world.due.handle(ReleaseTimer(JOB, "a1", NOW), NOW) == "the alert is no longer held"
    assert untouched(world)
