"""What a conversation is about, and which of its answers are shown in the channel, too."""

from copy import replace

import pytest

from cronmend.alerting.conversations import Conversation, MessageRef, has_ended, is_broadcast, is_broken_again, shown
from cronmend.model.incident import IncidentState
from cronmend.model.report import ALERTS, Message, MessageKind
from tests.fakes import NOW, later
from tests.incidents import BROKEN
from tests.use_cases.alerting.alerting_world import message

BROADCAST = {MessageKind.GAVE_UP, MessageKind.HALF_DONE, MessageKind.REMINDER, MessageKind.ESCALATION}
FOLLOWED = ALERTS | {MessageKind.PROGRESS, MessageKind.REMINDER, MessageKind.ESCALATION}


@pytest.mark.parametrize("kind", MessageKind)
def test_an_answer_that_asks_for_more_than_the_alert_did_is_shown_in_the_channel_too(kind: MessageKind) -> None:
    assert is_broadcast(kind) is (kind in BROADCAST)


@pytest.mark.parametrize("kind", MessageKind)
def test_what_is_said_of_an_open_incident_is_over_with_it(kind: MessageKind) -> None:
    about = of(kind, BROKEN.id)
    assert not has_ended(BROKEN, about)
    assert not has_ended(None, about)
    assert has_ended(replace(BROKEN, state=IncidentState.HEALED), about) is (kind in FOLLOWED)
    assert has_ended(BROKEN, of(kind, "an earlier one")) is (kind in FOLLOWED)


@pytest.mark.parametrize(
    ("state", "notified", "known"),
    [
        (IncidentState.ALERTED, (), True),
        (IncidentState.HEALING, (), False),
        (IncidentState.HEALING, ("alert-overdue",), True),
        (IncidentState.RECOVERED, ("alert-overdue",), False),
    ],
)
def test_people_know_of_a_held_incident_if_they_were_alerted_to_a_run_of_it_that_hangs(
    state: IncidentState, notified: tuple[str, ...], known: bool
) -> None:
    incident = replace(BROKEN, state=state, notified=notified)
    assert is_broken_again(incident, "an earlier one") is known
    assert not is_broken_again(incident, incident.id)


def of(kind: MessageKind, incident: str) -> Message:
    return replace(message(1, kind), incident=incident)


@pytest.mark.parametrize(("incidents", "jobs"), [(0, 1), (1, 1), (3, 3)])
def test_what_was_shown_no_longer_waits_and_no_longer_fails(incidents: int, jobs: int) -> None:
    place = MessageRef("C1", "1.0")
    waiting = Conversation("slack", "k", NOW, message(), starts_at=later(5), sending_until=later(1), failures=2)
    it = shown(waiting, incidents, place, later(6))
    assert (it.place, it.jobs_shown, it.shown_at) == (place, jobs, later(6))
    assert (it.starts_at, it.sending_until, it.failures) == (None, None, 0)
