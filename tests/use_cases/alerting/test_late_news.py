"""News that comes while something else is sent, or after it is needed: what people hear of it, and what they don't."""

from collections.abc import Callable
from copy import replace
from datetime import timedelta

import pytest

from cronmend.alerting.conversations import WINDOW, DeliveryState
from cronmend.alerting.routes import Healed, Route
from cronmend.errors import Permanent, Retryable
from cronmend.model.alert_wakeups import FlushTimer
from cronmend.model.incident import IncidentState
from cronmend.model.mutes import Mute
from cronmend.model.report import Message, MessageKind
from cronmend.use_cases.alerting.delivery import TRIES
from local.memory.alerting import MemoryChannel
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import (
    SLACK,
    SNS,
    WITH_FALLBACK,
    AlertingWorld,
    jobs_in,
    kinds,
    later,
    message,
)
from tests.use_cases.test_crashes import Killed, is_killed

RECOVERED, PROGRESS, REMINDER = MessageKind.RECOVERED, MessageKind.PROGRESS, MessageKind.REMINDER


def while_it_sends(channel: MemoryChannel, happens: Callable[[], None]) -> None:
    """Something happens once, while the channel takes its next message."""
    send = channel._fail  # what every message of the channel passes

    def overtaken() -> None:
        channel._fail = send  # type: ignore[method-assign] # as above
        happens()
        send()

    channel._fail = overtaken  # type: ignore[method-assign] # as above


def ends_while_its_failure_is_sent(route: Route) -> AlertingWorld:
    world = AlertingWorld(route=route)
    while_it_sends(world.sns, lambda: world.receives(message(1, RECOVERED), at=NOW))
    world.receives(message(1))
    assert kinds(world.sns) == ["alert"]
    return world


def test_an_end_that_comes_while_the_failure_is_sent_is_a_line_of_its_own_a_little_later() -> None:
    world = ends_while_its_failure_is_sent(SNS)
    world.fires(later(hours=9))
    assert kinds(world.sns) == ["alert", "group"]
    assert (world.sns.reports[1].is_over, jobs_in(world.sns.reports[1])) == (True, {"site/job-1"})


def test_unless_the_route_wants_no_ends() -> None:
    world = ends_while_its_failure_is_sent(replace(SNS, healed=Healed.NONE))
    world.fires(later(hours=9))
    assert kinds(world.sns) == ["alert"]


def test_a_failure_that_is_over_before_a_mute_ends_leaves_nothing_behind() -> None:
    world = AlertingWorld(route=SNS)
    world.mutes.set(Mute("site/*", later(hours=1), "jane"))
    world.receives(message(1))
    world.receives(message(1, RECOVERED), at=later(minutes=10))
    world.fires(later(hours=2))
    assert kinds(world.sns) == []
    (conversation,) = world.conversations.rows.values()
    assert (conversation.is_open, conversation.due) == (False, None)
    world.receives(message(2), at=later(hours=3))
    assert kinds(world.sns) == ["alert"]


def test_of_many_that_wait_it_is_enough_if_the_last_is_still_broken() -> None:
    """The message that opened the conversation comes again after its jobs are over, all but one."""
    world = AlertingWorld(route=SNS)
    world.sns.failures = [Retryable("503")]
    world.receives(message(1), message(2), message(3))
    world.receives(message(1, RECOVERED), message(2, RECOVERED), at=later(seconds=5))
    world.fires(later(hours=1))
    assert [jobs_in(each) for each in world.sns.reports] == [{"site/job-1", "site/job-2", "site/job-3"}]
    assert world.sns.reports[0].status == "2 of 3 healed"


def test_ends_that_are_sent_together_leave_failures_their_own_messages() -> None:
    """A channel opens ten conversations a minute for failures; ends don't use them."""
    world = AlertingWorld(route=SNS)
    world.receives(*(message(number) for number in range(1, 13)))
    world.fires(NOW + WINDOW)
    world.receives(*(message(number, RECOVERED) for number in range(1, 13)), at=later(hours=1))
    before = len(world.sns.sent)
    world.receives(*(message(number, cause=f"cause {number}") for number in range(21, 32)), at=later(hours=1))
    assert kinds(world.sns)[before:] == ["alert"] * 11


def test_a_program_gets_a_failure_whose_end_it_was_not_sent() -> None:
    world = AlertingWorld(route=Route("default", channels=("events",)))
    world.receives(message(1, PROGRESS))
    world.opens(message(1), IncidentState.RECOVERED)
    world.receives(message(1), at=later(minutes=1))
    assert kinds(world.machine) == ["progress", "alert"]


def test_a_refusal_counts_as_a_try_after_those_that_were_not_answered() -> None:
    world = AlertingWorld(route=SNS)
    world.sns.failures = [Retryable("503"), Permanent("InvalidParameter")]
    world.receives(message())
    world.fires(later(hours=1))
    delivery = world.delivery(message(), "sns")
    assert (delivery.state, delivery.tries, delivery.reason) == (DeliveryState.FAILED, 2, "InvalidParameter")


@pytest.mark.parametrize(("tries", "gets"), [(1, False), (2, False), (3, True), (4, True)])
def test_the_fallback_gets_a_message_after_the_third_try_and_once(tries: int, gets: bool) -> None:
    world = AlertingWorld(route=WITH_FALLBACK)
    world.slack.failures = [Retryable("503")] * tries
    world.receives(message())
    world.fires(later(hours=1))
    assert kinds(world.sns) == ["alert"] * gets
    assert kinds(world.slack) == ["alert"]


@pytest.mark.parametrize("failures", [TRIES - 1, TRIES])
def test_a_conversation_is_given_up_after_as_many_tries_as_a_message(failures: int) -> None:
    world = AlertingWorld(route=SNS)
    world.receives(message(1), message(2))
    world.sns.failures = [Retryable("503")] * failures
    world.fires(later(minutes=82))
    assert kinds(world.sns) == ["alert"] + ["group"] * (failures < TRIES)
    assert bool(world.dead_letters.messages) is (failures == TRIES)


def test_what_a_fallback_could_not_show_at_once_is_shown_by_its_own_timer_and_its_health_says_so() -> None:
    world = AlertingWorld(route=WITH_FALLBACK)
    world.receives(message(1))
    world.slack.failures = [Permanent("is_archived")] * 99
    while_it_sends(world.sns, lambda: while_it_sends(world.sns, lambda: world.sns.failures.append(Retryable("503"))))
    world.receives(message(2), message(3), at=later(minutes=1))
    assert kinds(world.sns) == ["alert"]
    assert world.health.channels["sns"].failed_at == later(minutes=1)
    world.fires(later(hours=1))
    assert jobs_in(world.sns.reports[-1]) == {"site/job-1", "site/job-2", "site/job-3"}


def test_a_fallback_gets_what_joined_long_ago_from_the_jobs_state() -> None:
    """The messages have expired: a job that is still broken is named, one that is over or broken anew is not."""
    world = AlertingWorld(route=WITH_FALLBACK)
    world.receives(message(1))
    world.receives(*(message(number) for number in (2, 3, 4)), at=later(seconds=1))
    world.slack.failures = [Permanent("is_archived")] * 99
    world.opens(message(2))
    world.opens(message(3), IncidentState.RECOVERED)
    world.opens(replace(message(4), incident="incident-9"))
    world.outbox.messages.clear()
    world.fires(later(hours=1))
    named = set[str]().union(*map(jobs_in, world.sns.reports))
    assert named == {"site/job-1", "site/job-2"}


def test_a_reminder_of_an_incident_that_another_has_followed_says_nothing_of_the_newer_one() -> None:
    world = AlertingWorld(route=SNS)
    world.opens(replace(message(1), incident="incident-9"))
    world.receives(message(1, REMINDER), at=later(hours=30))
    assert kinds(world.sns) == []
    assert world.delivery(message(1, REMINDER), "sns").state is DeliveryState.DROPPED


def test_who_joins_a_conversation_that_another_call_opens_is_told_so_now() -> None:
    world = AlertingWorld(route=SNS)
    opened = world.conversations.open

    def overtaken(*arguments: object) -> None:
        world.conversations.open = opened  # type: ignore[method-assign]
        world.receives(message(2), at=NOW)

    world.conversations.open = overtaken  # type: ignore[method-assign,assignment]
    world.receives(message(1), at=later(seconds=1))
    delivery = world.delivery(message(1), "sns")
    assert (delivery.state, delivery.at) == (DeliveryState.JOINED, later(seconds=1))
    assert delivery.reason == "the conversation shows it"
    world.fires(later(hours=1))
    assert jobs_in(world.sns.reports[-1]) == {"site/job-1", "site/job-2"}


def test_what_is_not_delivered_says_why() -> None:
    world = AlertingWorld(route=SNS)
    world.receives(message(1), message(2))
    assert world.delivery(message(2), "sns").reason == "the conversation shows it"
    world.opens(message(3), IncidentState.RECOVERED)
    world.receives(message(3))
    assert world.delivery(message(3), "sns").reason == "the incident was over before an alert was sent"


def test_an_answer_in_a_thread_takes_its_turn_too() -> None:
    world = AlertingWorld(route=SLACK)
    world.slack.gap = timedelta(seconds=1)
    world.receives(message(1))
    world.receives(message(1, MessageKind.GAVE_UP), at=later(minutes=1))
    assert kinds(world.slack) == ["alert", "~gave_up", ">gave_up"]
    assert world.pauses == [1.0]


def test_a_time_within_a_second_is_rounded_up_to_it() -> None:
    world = AlertingWorld(route=SNS)
    world.receives(message(1), at=later(microseconds=1))
    (flush,) = world.timers.of(FlushTimer)
    assert flush.at == (NOW + WINDOW + timedelta(seconds=1)).replace(microsecond=0)
    (conversation,) = world.conversations.rows.values()
    assert conversation.due == flush.at


def test_a_canary_tries_the_channels_of_every_route_and_of_what_no_route_names() -> None:
    world = AlertingWorld(route=Route("oncall", channels=("sns",)), others=(Route("default", channels=("slack",)),))
    assert world.use_case.canary(NOW) == {"sns": "", "slack": ""}
    assert (kinds(world.sns), kinds(world.slack)) == (["canary"], ["canary"])


def broken_again(number: int) -> Message:
    """The alert of another incident of the job."""
    first = message(number)
    report = replace(first.report, incident=f"{first.incident}-again")
    return replace(first, incident=report.incident, report=report)


def test_a_group_that_is_sent_again_reports_no_job_as_over_that_is_broken_again() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message(1), message(2))
    world.receives(message(1, RECOVERED), at=later(hours=1))
    world.opens(broken_again(1))
    world.slack.moves = True
    world.receives(message(2, RECOVERED), at=later(hours=2))
    world.fires(later(hours=9))
    (anew,) = world.slack.sent[2:]
    assert (anew.report.is_over, jobs_in(anew.report), anew.thread) == (True, {"site/job-2"}, None)


def test_or_counts_it_as_failed_while_others_are() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message(1), message(2), message(3))
    world.receives(message(1, RECOVERED), message(2, RECOVERED), at=later(hours=1))
    world.opens(broken_again(1))
    world.slack.moves = True
    world.receives(message(4), at=later(hours=1, minutes=1))
    assert world.slack.reports[-1].status == "1 of 4 healed"


def test_nor_is_a_message_about_one_job_sent_again() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message(1))
    world.opens(broken_again(1))
    world.slack.moves = True
    world.receives(message(1, RECOVERED), at=later(hours=1))
    world.fires(later(hours=9))
    assert kinds(world.slack) == ["alert"]


def _killed() -> None:
    raise Killed


@pytest.mark.parametrize(("again", "sent"), [(True, []), (False, [True])])
def test_an_alert_that_was_cut_off_reports_no_job_as_over_that_is_broken_again(again: bool, sent: list[bool]) -> None:
    """The call that sends it is killed, its incident ends, and another one begins."""
    world = AlertingWorld(route=SLACK)
    while_it_sends(world.slack, _killed)
    with pytest.raises(Killed):
        world.receives(message(1))
    world.receives(message(1, RECOVERED), at=later(minutes=1))
    if again:
        world.opens(broken_again(1))
    world.receives(message(1), at=later(hours=1))
    world.fires(later(hours=9))
    assert [each.is_over for each in world.slack.reports] == sent


def test_an_end_that_the_route_does_not_want_is_no_new_message_either() -> None:
    world = AlertingWorld(route=replace(SLACK, healed=Healed.NONE))
    world.receives(message(1))
    world.slack.moves = True
    world.receives(message(1, RECOVERED), at=later(hours=1))
    world.fires(later(hours=9))
    assert kinds(world.slack) == ["alert"]


def cut_off_while_it_flushes() -> tuple[AlertingWorld, FlushTimer]:
    """A second job has joined; the call that shows it has set the next timer, and ends before it sends anything."""
    world = AlertingWorld(route=SNS)
    world.receives(message(1))
    world.receives(message(2), at=later(minutes=1))
    (timer,) = world.timers.of(FlushTimer)
    while_it_sends(world.sns, _killed)
    assert is_killed(lambda: world.fire(timer))
    return world, timer


def test_a_round_that_was_cut_off_is_done_when_its_own_timer_is_found_not_only_by_the_next() -> None:
    world, timer = cut_off_while_it_flushes()
    world.handles(timer, timer.at + timedelta(minutes=2))
    assert kinds(world.sns) == ["alert", "group"]


def test_but_not_while_the_call_may_still_be_sending() -> None:
    world, timer = cut_off_while_it_flushes()
    assert "a later timer" in world.handles(timer, timer.at + timedelta(seconds=30))
    assert kinds(world.sns) == ["alert"]


def test_nor_is_a_round_done_twice_that_was_only_not_settled() -> None:
    world = AlertingWorld(route=SNS)
    world.receives(message(1), at=later(seconds=0.5))
    world.receives(message(2), at=later(minutes=1))
    (timer,) = world.timers.of(FlushTimer)
    world.handles(timer, timer.at + timedelta(seconds=0.3))
    assert "a later timer" in world.handles(timer, timer.at + timedelta(minutes=2))
    assert kinds(world.sns) == ["alert", "group"]
