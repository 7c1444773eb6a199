"""A person acknowledges an incident, mutes jobs, and ends a mute."""

from copy import replace
from datetime import datetime, timedelta

import pytest

from cronmend.errors import NotFound, Permanent
from cronmend.model.incident import IncidentState
from cronmend.use_cases.alerting.acknowledge import Acknowledgements
from local.memory.alerting import MemoryMutes
from local.memory.ledger import MemoryLedger
from tests.fakes import NOW, later
from tests.samples import JOB, service
from tests.use_cases.world import World


def alerted() -> World:
    """An incident with an alert that people have received."""
    world = World()
    world.services.services = (service(2),)
    world.fails()
    assert world.incident.state is IncidentState.ALERTED
    return world


def care(world: World) -> Acknowledgements:
    return Acknowledgements(world.ledger, MemoryMutes())


def test_an_acknowledgement_is_stored_and_shown_where_the_alert_was_sent() -> None:
    world = alerted()
    said = care(world).acknowledge(JOB, "ann (U1)", later(1), world.incident.id)
    assert "ann (U1) acknowledged" in said
    assert world.incident.acknowledged_by == "ann (U1)"
    assert world.ledger.messages[-1].report.status == "acknowledged by ann (U1)"


def test_acknowledging_twice_sends_nothing_twice() -> None:
    world = alerted()
    care(world).acknowledge(JOB, "ann", later(1))
    told = len(world.ledger.messages)
    assert care(world).acknowledge(JOB, "ann", later(2)) == f"ann has already acknowledged {JOB}."
    assert len(world.ledger.messages) == told


def test_another_person_may_acknowledge_it_after_the_first() -> None:
    world = alerted()
    care(world).acknowledge(JOB, "ann", later(1))
    assert care(world).acknowledge(JOB, "ben", later(2)) == (
        f"ben acknowledged {JOB} and took over from ann. Reminders and escalation are off for this incident."
    )
    assert world.incident.acknowledged_by == "ben"


def test_without_an_open_incident_there_is_nothing_to_acknowledge() -> None:
    world = World()
    with pytest.raises(NotFound, match=f"no incident of {JOB} is open$"):
        care(world).acknowledge(JOB, "ann", NOW)
    world.fails()
    world.succeeds()
    with pytest.raises(NotFound, match="it has recovered"):
        care(world).acknowledge(JOB, "ann", later(9))


def test_the_button_of_an_older_incident_does_not_acknowledge_the_newer_one() -> None:
    world = alerted()
    with pytest.raises(
        NotFound, match=f"^this incident of {JOB} is over; a newer one is open and has its own message$"
    ):
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
        (NOW, r"^the mute would end in the past \(2026-05-06 11:01 UTC\): give a time in the future$"),
        (NOW - timedelta(days=1), "would end in the past"),
        (
            NOW + timedelta(days=30, seconds=1),
            "^a mute lasts at most 30 days, until 2026-06-05 11:01 UTC: give an earlier end$",
        ),
    ],
)
def test_a_mute_ends_in_the_future_and_within_the_limit(until: datetime, says: str) -> None:
    answers = care(World())
    with pytest.raises(Permanent, match=says):
        answers.mute(JOB, until, "ann", "", NOW)
    assert answers.mutes.all(NOW) == []


def test_only_a_muted_job_can_be_unmuted() -> None:
    with pytest.raises(NotFound, match=f"^{JOB} isn't muted: `cronmend mutes` lists all mutes$"):
        care(World()).unmute(JOB)


def test_an_incident_without_an_alert_can_be_acknowledged_too() -> None:
    world = World()
    world.fails()
    held = world.incident
    assert held.state is IncidentState.HEALING
    care(world).acknowledge(JOB, "ann", later(1))
    assert world.incident == replace(held, acknowledged_by="ann")
    assert world.ledger.messages == []


def test_a_planned_mute_says_since_when_no_runs_are_expected() -> None:
    mutes = MemoryMutes()
    said = Acknowledgements(MemoryLedger(), mutes).mute(JOB, later(60), "ann", "", NOW, planned=True)
    assert "No runs are expected until then." in said
    (mute,) = mutes.all(NOW)
    assert (mute.planned, mute.since) == (True, NOW)
