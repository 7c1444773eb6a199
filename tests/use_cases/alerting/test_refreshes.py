"""When a message is updated with what has happened since: at once, or a moment after the update before."""

from datetime import timedelta

import pytest

from cronmend.alerting.conversations import UPDATE_INTERVAL
from cronmend.model.alert_wakeups import FlushTimer
from cronmend.model.incident import IncidentState
from cronmend.model.report import MessageKind, Stage
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import SLACK, AlertingWorld, kinds, later, message
from tests.use_cases.alerting.test_facts import of_incident

RECOVERED, HALF_DONE = MessageKind.RECOVERED, MessageKind.HALF_DONE


@pytest.mark.parametrize(
    ("after", "shown"),
    [
        (UPDATE_INTERVAL, ["alert", "~group"]),
        (UPDATE_INTERVAL - timedelta(seconds=1), ["alert"]),
    ],
)
def test_five_seconds_after_an_update_the_next_one_comes_at_once(after: timedelta, shown: list[str]) -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message(1))
    world.receives(message(2), at=NOW + after)
    assert kinds(world.slack) == shown
    if len(shown) == 1:
        world.fires(NOW + after + 2 * UPDATE_INTERVAL - timedelta(seconds=1))
        assert kinds(world.slack) == shown
        world.fires(NOW + after + 2 * UPDATE_INTERVAL)
        assert kinds(world.slack) == ["alert", "~group"]


def test_the_end_is_shown_in_an_incidents_other_conversations_ten_seconds_later() -> None:
    """It was said in the thread of the latest one."""
    world = AlertingWorld(route=SLACK)
    world.receives(message())
    world.receives(message(kind=HALF_DONE, cause="another"), at=later(minutes=1))
    world.fires(later(hours=1))
    world.timers.timers.clear()
    world.receives(message(kind=RECOVERED), at=later(hours=2))
    first, latest = world.conversations.rows.values()
    assert (first.due, latest.ended_at) == (later(hours=2) + 2 * UPDATE_INTERVAL, later(hours=2))
    assert [each.at for each in world.timers.of(FlushTimer)] == [first.due]
    assert first.ended_at == later(hours=2)


def test_an_end_that_is_shown_everywhere_is_not_shown_again() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message())
    world.receives(message(kind=HALF_DONE, cause="another"), at=later(minutes=1))
    world.fires(later(hours=1))
    world.receives(message(kind=RECOVERED), at=later(hours=2))
    world.fires(later(hours=3))
    shown, known = kinds(world.slack), dict(world.conversations.rows)
    world.receives(message(kind=RECOVERED, change="again"), at=later(hours=4))
    assert (kinds(world.slack), world.timers.due()) == (shown, [])
    assert [(each.due, each.ended_at) for each in world.conversations.rows.values()] == [
        (each.due, each.ended_at) for each in known.values()
    ]


def test_an_end_in_a_group_is_shown_at_once_and_what_follows_it_within_ten_seconds() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message(1), message(2), message(3))
    world.fires(later(minutes=10))
    for number, seconds in ((1, 0), (2, 2)):
        world.receives(message(number, kind=RECOVERED), at=later(minutes=20) + timedelta(seconds=seconds))
        (conversation,) = world.conversations.rows.values()
        assert conversation.due == later(minutes=20) + 2 * UPDATE_INTERVAL
        assert [each.at for each in world.timers.of(FlushTimer)] == [conversation.due]
        assert kinds(world.slack) == ["alert", "~group", "~group"]
    world.fires(later(minutes=20) + 2 * UPDATE_INTERVAL)
    assert kinds(world.slack) == ["alert", "~group", "~group", "~group"]


def test_an_incident_that_a_newer_one_has_followed_is_only_over() -> None:
    """How it ended isn't known: the job's state has the newer one."""
    world = AlertingWorld(route=SLACK)
    world.receives(message(1))
    world.while_it_joins(lambda: world.opens(of_incident(message(2), "newer"), IncidentState.HEALED))
    world.receives(message(2))
    (conversation,) = world.conversations.of_incident("incident-2")["slack"]
    member = world.conversations.member(conversation, "site/job-2", "incident-2")
    assert member is not None
    assert (member.healed, member.stage, member.status) == (True, Stage.OVER, "over")


def test_a_failure_that_joins_a_conversation_that_ends_meanwhile_opens_another() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message(1))
    world.receives(message(1, kind=RECOVERED), at=later(minutes=1))
    world.receives(message(2), at=later(minutes=2))
    assert len(world.conversations.rows) == 2
    assert [each.is_open for each in world.conversations.rows.values()] == [False, True]
