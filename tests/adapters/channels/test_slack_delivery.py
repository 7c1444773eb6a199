"""The delivery of messages over real connections to a Slack that has a bad day."""

import json

import pytest

from cronmend.adapters.channels.slack import SlackChannel
from cronmend.alerting.conversations import DeliveryState
from cronmend.alerting.routes import Route
from cronmend.model.report import MessageKind
from cronmend.use_cases.alerting.delivery import TRIES
from local.slack import SlackReceiver
from local.slack_faults import Fault
from tests.adapters.channels.slack_channels import bot, channel
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import AlertingWorld, kinds, later, message

BAD = [fault for fault in Fault if fault is not Fault.LOST_ANSWER]
FALLBACK = Route("default", channels=("slack",), fallback=("sns",))


def world_of(slack: SlackChannel, route: Route | None = None) -> AlertingWorld:
    return AlertingWorld(slack=slack, **({"route": route} if route else {}))  # type: ignore[arg-type] # a real channel


@pytest.mark.parametrize("fault", BAD)
@pytest.mark.parametrize("kind", ["bot", "webhook"])
def test_whatever_slack_answers_the_other_channels_get_each_message_at_once_and_none_is_lost(
    slack: SlackReceiver, fault: Fault, kind: str
) -> None:
    world = world_of(bot(slack) if kind == "bot" else channel(slack.webhook_url))
    slack.misbehave(fault)
    world.receives(message(), message(2, cause="another"))
    assert kinds(world.sns) == ["alert", "alert"]
    assert slack.messages() == ()
    assert "slack" in world.health.channels
    slack.misbehave()
    permanent = fault is Fault.REDIRECT and kind == "webhook"
    world.fires(later(minutes=2 if permanent else 16))
    reached = sorted(each.text.split()[-2] for each in slack.messages())
    assert reached == ([] if permanent else ["job-1:", "job-2:"])
    assert len(world.dead_letters.messages) == (2 if permanent else 0)


@pytest.mark.parametrize("fault", [Fault.LOGIN_PAGE, Fault.EMPTY, Fault.NOT_OK, Fault.REDIRECT])
def test_the_test_message_fails_if_slack_does_not_say_that_it_has_it(slack: SlackReceiver, fault: Fault) -> None:
    world = world_of(channel(slack.webhook_url))
    slack.misbehave(fault)
    failed = world.use_case.canary(NOW)
    assert "Slack refused the message" in failed["slack"]
    assert failed["sns"] == ""
    assert world.health.channels["slack"].error == failed["slack"]


def test_a_token_that_cant_be_sent_costs_no_other_channel_the_message(slack: SlackReceiver) -> None:
    world = world_of(bot(slack, token="xoxb–hush"), FALLBACK)
    world.receives(message(), message(2, cause="another"))
    assert kinds(world.sns) == ["alert", "alert"]
    assert [reason for *_, reason in world.dead_letters.messages] == [
        "the token in the Slack secret has U+2013 (en dash) as character 5 of 9: copy it again"
    ] * 2


def test_an_exception_that_no_one_foresaw_is_tried_again_up_to_the_bound_and_never_swallowed() -> None:
    def secret(arn: str) -> str:
        raise KeyError(arn)

    world = world_of(SlackChannel("slack", "arn", secrets=secret), FALLBACK)
    world.receives(message(), message(2, cause="another"))
    waiting = world.delivery(message(), "slack")
    assert (waiting.state, waiting.tries) == (DeliveryState.WAITING, 1)
    world.fires(later(hours=3))
    assert world.delivery(message(), "slack").state is DeliveryState.FAILED
    assert kinds(world.sns) == ["alert", "alert"]
    assert [reason for *_, reason in world.dead_letters.messages] == [
        "slack failed unexpectedly: KeyError; its stack is in the log"
    ] * 2


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.RATE_LIMITED_FOR_A_DAY])
def test_a_follow_up_that_slack_limits_without_end_reaches_the_fallback_and_the_dead_letters(
    slack: SlackReceiver, fault: Fault
) -> None:
    world = world_of(bot(slack), FALLBACK)
    world.receives(message())
    slack.misbehave(fault)
    before = slack.requests()
    world.receives(message(kind=MessageKind.GAVE_UP), at=later(minutes=1))
    world.fires(later(hours=24))
    assert slack.requests() - before <= TRIES
    assert kinds(world.sns) == ["gave_up"]
    assert world.dead_letters.messages == [("site/job-1", "slack", "Slack refused the message: 429 rate_limited")]
    assert world.delivery(message(kind=MessageKind.GAVE_UP), "slack").state is DeliveryState.FAILED


def test_a_lost_answer_makes_one_more_copy_and_the_ledger_says_why(slack: SlackReceiver) -> None:
    world = world_of(bot(slack))
    slack.misbehave(Fault.LOST_ANSWER)
    world.receives(message())
    assert len(slack.messages()) == 1
    assert "the request may have been carried out" in world.delivery(message(), "slack").reason
    slack.misbehave()
    world.fires(later(minutes=2))
    assert len(slack.messages()) == 2


def test_a_deleted_message_is_sent_again_by_the_next_update(slack: SlackReceiver) -> None:
    world = world_of(bot(slack))
    world.receives(message())
    slack.delete(slack.messages()[0].ts)
    world.receives(message(2), at=later(minutes=1))
    assert [(each.thread_ts, each.update_of) for each in slack.messages()] == [("", ""), ("", "")]
    assert "job-2" in json.dumps(slack.messages()[1].blocks)


@pytest.mark.parametrize("kind", [MessageKind.REMINDER, MessageKind.GAVE_UP, MessageKind.ESCALATION])
def test_answers_to_a_deleted_message_are_in_the_thread_of_a_new_one(slack: SlackReceiver, kind: MessageKind) -> None:
    """At most one answer is outside: what Slack does with it is known only afterwards."""
    world = world_of(bot(slack))
    world.receives(message())
    world.opens(message())
    slack.delete(slack.messages()[0].ts)
    for day in (1, 2, 3):
        world.receives(message(kind=kind, change=f"{kind}-{day}"), at=later(hours=25 * day))
    posted = [each for each in slack.messages()[1:] if not each.update_of]
    new = next(each for each in posted if not each.thread_ts and each.blocks[0]["type"] == "context")
    assert [each.thread_ts for each in posted if each.thread_ts] == [new.ts] * 3
    assert len([each for each in posted if not each.thread_ts]) <= 2
    assert world.dead_letters.messages == []
