"""Alerting that is killed after any single effect and delivered again: no message is lost."""

import copy
from collections.abc import Callable
from functools import partial

import pytest

from cronmend.alerting.routes import Route
from cronmend.model.alert_wakeups import DeliverTimer, FlushTimer
from cronmend.model.mutes import Mute
from cronmend.model.report import MessageKind
from local.memory.alerting import MemoryChannel
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import AlertingWorld, kinds, later, message
from tests.use_cases.test_crashes import Crash, twice

HEALED = MessageKind.HEALED


def crashing(world: AlertingWorld, after: int) -> None:
    crash = Crash(after)
    crash.wrap(world.outbox, "note")
    crash.wrap(world.conversations, "save", "join", "open")
    crash.wrap(world.health, "accepted")
    crash.wrap(world.timers, "set")
    for channel in (world.slack, world.sns):
        crash.wrap(channel, "send")
    crash.wrap(world.slack, "update")


def first(world: AlertingWorld) -> None:
    world.receives(message())


def joins(world: AlertingWorld) -> None:
    world.receives(message(), message(2), at=NOW)


def heals(world: AlertingWorld) -> None:
    world.receives(message(kind=HEALED), at=later(minutes=3))


def waits(world: AlertingWorld) -> None:
    world.mutes.set(Mute("site/*", later(hours=1), "jane"))
    world.receives(message())


def settles(world: AlertingWorld) -> None:
    timer = world.timers.of(FlushTimer)[0]
    world.use_case.wake(timer, timer.at)


STORIES: list[tuple[str, Callable[[AlertingWorld], None] | None, Callable[[AlertingWorld], None]]] = [
    ("the first of a cause", None, first),
    ("two of a cause", None, joins),
    ("the end of a thread", first, heals),
    ("a mute", None, waits),
    ("a conversation settles", joins, settles),
]


@pytest.mark.parametrize("after", range(1, 16))
@pytest.mark.parametrize(("name", "before", "step"), STORIES, ids=[name for name, _, _ in STORIES])
def test_nothing_is_lost(
    name: str, before: Callable[[AlertingWorld], None] | None, step: Callable[[AlertingWorld], None], after: int
) -> None:
    """At least once: a crash between sending and storing that may send that one message again.

    A first message that is sent later shows all that has joined, so a list may take the place of an alert.
    """
    calm, torn = AlertingWorld(), AlertingWorld()
    for world in (calm, torn):
        if before:
            before(world)
    step(calm)
    crashing(torn, after)
    twice(partial(step, torn))
    for world in (calm, torn):
        all_fire(world)
    for of_calm, of_torn in ((calm.slack, torn.slack), (calm.sns, torn.sns)):
        assert missing(kinds_of(of_calm), kinds_of(of_torn)) == [], name
        assert len(of_torn.sent) <= len(of_calm.sent) + 2, kinds(of_torn)
    assert {key: set(each) for key, each in torn.outbox.noted.items()} == {
        key: set(each) for key, each in calm.outbox.noted.items()
    }
    assert jobs_told(torn) == jobs_told(calm)


def all_fire(world: AlertingWorld) -> None:
    """Fire all timers; one whose handling was killed fires again. A flush may only be promised."""
    while due := [timer for timer in (*world.timers.due(), *flushes_of(world)) if timer.at <= later(hours=5)]:
        twice(partial(world.fire, due[0]))


def flushes_of(world: AlertingWorld) -> list[FlushTimer]:
    return [each for each in world.promises.timers.values() if isinstance(each, FlushTimer)]


def kinds_of(channel: MemoryChannel) -> list[str]:
    return [kind.lstrip("~") for kind in kinds(channel)]


def missing(expected: list[str], seen: list[str]) -> list[str]:
    rest = copy.copy(expected)
    if "group" in seen and "alert" not in seen:
        rest.remove("alert")
    for kind in seen:
        if kind in rest:
            rest.remove(kind)
    return rest


def jobs_told(world: AlertingWorld) -> set[tuple[str, str]]:
    """Every job in the messages that people received, by channel."""
    return {
        (channel.name, job)
        for channel in (world.slack, world.sns)
        for report in channel.reports
        for job in (report.job, *report.jobs)
    }


def test_a_timer_that_fires_twice_sends_nothing_twice() -> None:
    world = AlertingWorld(route=Route("default", channels=("sns",)))
    joins(world)
    timer = world.timers.of(FlushTimer)[0]
    for _ in range(2):
        world.use_case.wake(timer, timer.at)
    assert kinds(world.sns) == ["alert", "group"]


def test_a_message_whose_records_have_expired_is_an_error_that_says_so() -> None:
    with pytest.raises(Exception, match="holds no message alert-x of site/job-1: its records have expired"):
        AlertingWorld().use_case.wake(DeliverTimer("site/job-1", "incident-1", "alert-x", NOW), NOW)
