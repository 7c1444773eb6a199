"""What the log says of the timer that flushes a conversation."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest

from cronmend.alerting.quiet_hours import QuietHours
from cronmend.alerting.routes import Route
from cronmend.errors import Permanent, Retryable
from cronmend.model.alert_wakeups import FlushTimer
from cronmend.model.report import MessageKind
from tests.use_cases.alerting.alerting_world import AlertingWorld, later, message


def nothing_joined(world: AlertingWorld) -> None:
    """The first message says it all."""


def another_joined(world: AlertingWorld) -> None:
    world.receives(message(2), at=later(minutes=1))


def refused(world: AlertingWorld) -> None:
    another_joined(world)
    world.sns.failures = [Permanent("NotFound")]


def away(world: AlertingWorld) -> None:
    another_joined(world)
    world.sns.failures = [Retryable("503")]


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (nothing_joined, "the conversation is closed"),
        (another_joined, "sns shows what has joined"),
        (refused, "sns can't show the conversation: NotFound"),
        (away, "sns couldn't show the conversation; a timer tries again: 503"),
    ],
)
def test_it_says_what_became_of_the_conversation(before: Callable[[AlertingWorld], None], said: str) -> None:
    world = AlertingWorld(route=Route("default", channels=("sns",)))
    world.receives(message(1))
    before(world)
    assert world.fire(world.timers.of(FlushTimer)[0]) == said


def test_it_says_that_there_is_none_or_that_another_timer_flushes_it() -> None:
    world = AlertingWorld(route=Route("default", channels=("sns",)))
    world.receives(message(1))
    timer = world.timers.of(FlushTimer)[0]
    early = FlushTimer(timer.job, timer.conversation, timer.at - timedelta(seconds=1))
    assert world.handles(early, early.at) == f"a later timer flushes the conversation {timer.conversation}"
    world.conversations.rows.clear()
    assert world.fire(timer) == f"the conversation {timer.conversation} no longer exists"


def test_it_says_that_all_was_over_before_the_quiet_hours_were() -> None:
    world = AlertingWorld(route=Route("default", channels=("sns",), quiet=QuietHours(time(11), time(13))))
    world.receives(message(1))
    world.receives(message(1, kind=MessageKind.RECOVERED), at=later(minutes=5))
    assert world.fire(world.timers.of(FlushTimer)[0]) == "the incident was over before an alert was sent"
    assert world.sns.sent == []
