"""When a channel that has not taken a message is offered it again."""

from datetime import datetime, timedelta

import pytest

from cronmend.alerting.conversations import Delivery, DeliveryState, Mute
from cronmend.alerting.routes import Route
from cronmend.errors import Throttled
from cronmend.model.incident import LEAD
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import AlertingWorld, kinds, later, message

SNS = Route("default", channels=("sns",))
DUE = later(seconds=90)


@pytest.mark.parametrize(
    ("due", "at", "offered"),
    [
        (DUE, DUE - LEAD - timedelta(microseconds=1), False),
        (DUE, DUE - LEAD, True),
        (DUE, later(hours=1), True),
        (None, NOW, True),
    ],
)
def test_a_channel_that_waits_is_offered_the_message_once_that_is_due(
    due: datetime | None, at: datetime, offered: bool
) -> None:
    """However often the stream brings it before."""
    world = AlertingWorld(route=SNS)
    world.outbox.note(message(), "sns", Delivery(DeliveryState.WAITING, NOW, "slow down", due=due))
    world.receives(message(), at=at)
    assert kinds(world.sns) == ["alert"] * offered


@pytest.mark.parametrize("state", [each for each in DeliveryState if each is not DeliveryState.WAITING])
def test_a_final_outcome_is_final_but_for_a_person_who_asks_after_a_failure(state: DeliveryState) -> None:
    world = AlertingWorld(route=SNS)
    world.outbox.note(message(), "sns", Delivery(state, NOW))
    world.receives(message(), at=later(hours=1))
    assert kinds(world.sns) == []
    world.redrives(message(), later(hours=1))
    assert kinds(world.sns) == ["alert"] * (state is DeliveryState.FAILED)


def test_the_message_that_opened_a_conversation_comes_again_before_its_time() -> None:
    """A crash before it was noted: nobody is notified in the quiet hours, and once when they end."""
    world = AlertingWorld(route=SNS)
    world.mutes.set(Mute("site/*", later(hours=2), "jane"))
    world.receives(message())
    world.outbox.noted.clear()
    world.receives(message(), at=later(minutes=1))
    assert kinds(world.sns) == []
    world.fires(later(hours=2))
    assert kinds(world.sns) == ["alert"]
    world.outbox.noted.clear()
    world.receives(message(), at=later(hours=2, minutes=1))
    assert kinds(world.sns) == ["alert"]


def test_a_throttled_channel_keeps_its_time_while_the_batch_comes_again() -> None:
    world = AlertingWorld(route=SNS)
    world.sns.failures = [Throttled("slow down", timedelta(seconds=90))]
    world.receives(message())
    world.receives(message(), at=later(seconds=30))
    assert kinds(world.sns) == []
    assert world.delivery(message(), "sns").due == DUE
