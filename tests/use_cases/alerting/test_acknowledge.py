"""A person takes an incident on, silences jobs, ends a silence."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cronmend.errors import NotFound, Permanent
from cronmend.model.incident import IncidentState
from cronmend.use_cases.alerting.acknowledge import Acknowledgements
from local.memory.alerting import MemoryMutes
from tests.fakes import NOW, later
from tests.samples import JOB, service
from tests.use_cases.world import World


def alerted() -> World:
    """People know of the incident."""
    world = World()
    world.services.services = (service(2),)
    world.fails()
    assert world.incident.state is IncidentState.ALERTED
    return world


def care(world: World) -> Acknowledgements:
    return Acknowledgements(world.ledger, MemoryMutes())


def test_who_takes_it_on_is_written_and_told_to_those_who_know_of_it() -> None:
    world = alerted()
    said = care(world).acknowledge(JOB, "ann (U1)", later(1), world.incident.id)
    assert "ann (U1) acknowledged" in said
    assert world.incident.acknowledged_by == "ann (U1)"
    assert world.ledger.messages[-1].report.status == "acknowledged by ann (U1)"


def test_taking_it_on_twice_tells_nobody_twice() -> None:
    world = alerted()
    care(world).acknowledge(JOB, "ann", later(1))
    told = len(world.ledger.messages)
    assert "already" in care(world).acknowledge(JOB, "ann", later(2))
    assert len(world.ledger.messages) == told


def test_another_may_take_it_over() -> None:
    world = alerted()
    care(world).acknowledge(JOB, "ann", later(1))
    assert "took over from ann" in care(world).acknowledge(JOB, "ben", later(2))
    assert world.incident.acknowledged_by == "ben"


def test_nothing_open_is_nothing_to_take_on() -> None:
    world = World()
    with pytest.raises(NotFound, match=f"no incident of {JOB} is open$"):
        care(world).acknowledge(JOB, "ann", NOW)
    world.fails()
    world.succeeds()
    with pytest.raises(NotFound, match="it has recovered"):
        care(world).acknowledge(JOB, "ann", later(9))


def test_the_button_of_an_older_incident_does_not_take_the_newer_one_on() -> None:
    world = alerted()
    with pytest.raises(NotFound, match="a newer one is open"):
        care(world).acknowledge(JOB, "ann", later(1), "older")
    assert world.incident.acknowledged_by is None


def test_a_mute_says_who_why_and_how_to_end_it() -> None:
    answers = care(World())
    said = answers.mute(JOB, later(60), "ann", "moving the database", NOW)
    assert said == f"{JOB} is muted until 2026-05-06 12:01 UTC by ann. To end it earlier, run `cronmend unmute {JOB}`."
    (mute,) = answers.mutes.all(NOW)
    assert (mute.jobs, mute.by, mute.reason) == (JOB, "ann", "moving the database")
    assert answers.unmute(JOB) == f"{JOB} is no longer muted."
    assert answers.mutes.all(NOW) == []


@pytest.mark.parametrize(
    ("until", "says"),
    [
        (NOW, "would end in the past"),
        (NOW - timedelta(days=1), "would end in the past"),
        (NOW + timedelta(days=30, seconds=1), "30 days"),
    ],
)
def test_a_mute_has_an_end_that_is_near(until: datetime, says: str) -> None:
    answers = care(World())
    with pytest.raises(Permanent, match=says):
        answers.mute(JOB, until, "ann", "", NOW)
    assert answers.mutes.all(NOW) == []


def test_what_is_not_muted_can_not_be_unmuted() -> None:
    with pytest.raises(NotFound, match="cronmend mutes"):
        care(World()).unmute(JOB)


def test_an_incident_that_people_do_not_know_of_can_be_taken_on_too() -> None:
    world = World()
    world.fails()
    held = world.incident
    assert held.state is IncidentState.HEALING
    care(world).acknowledge(JOB, "ann", later(1))
    assert world.incident == replace(held, acknowledged_by="ann")
    assert world.ledger.messages == []
