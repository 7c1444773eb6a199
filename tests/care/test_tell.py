"""A message is delivered to every channel, at least once, and a failing one keeps nothing from the others."""

import pytest

from cronmend.care.tell import TellCare
from cronmend.errors import Permanent, Retryable
from cronmend.records import Message
from tests.care.world import World
from tests.fakes import NOW, FakeChannel
from tests.samples import service


def alert() -> tuple[World, Message]:
    world = World()
    world.services.services = (service(2),)
    world.fails()
    return world, world.ledger.messages[0]


def test_each_channel_gets_it_once() -> None:
    world, message = alert()
    slack, sns = FakeChannel("slack"), FakeChannel("sns")
    care = TellCare((slack, sns), world.ledger)
    care.deliver(message, NOW)
    care.deliver(message, NOW)
    assert slack.reports == sns.reports == [message.report]


@pytest.mark.parametrize("error", [Retryable("503"), Permanent("invalid_token")])
def test_a_channel_that_fails_is_reported_and_alone_tried_again(error: Retryable | Permanent) -> None:
    world, message = alert()
    slack, sns = FakeChannel("slack", error), FakeChannel("sns")
    care = TellCare((slack, sns), world.ledger)
    with pytest.raises(type(error), match=str(error)):
        care.deliver(message, NOW)
    assert len(sns.reports) == 1
    slack.failure = None
    care.deliver(message, NOW)
    assert (len(slack.reports), len(sns.reports)) == (1, 1)


def test_what_may_pass_counts_before_what_may_not() -> None:
    world, message = alert()
    care = TellCare((FakeChannel("a", Permanent("no")), FakeChannel("b", Retryable("later"))), world.ledger)
    with pytest.raises(Retryable, match="no; later"):
        care.deliver(message, NOW)
