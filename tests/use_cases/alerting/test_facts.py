"""What people know is a fact per incident and channel: nothing is taken as known that was never sent."""

from copy import replace
from datetime import datetime, time, timedelta

import pytest

from cronmend.alerting.conversations import WINDOW, Conversation, DeliveryState, MessageRef
from cronmend.alerting.members import Member
from cronmend.alerting.quiet_hours import QuietHours
from cronmend.alerting.routes import Healed, Route
from cronmend.errors import Gone, Permanent, Retryable, Throttled
from cronmend.model.alert_wakeups import EscalateTimer, FlushTimer
from cronmend.model.incident import IncidentState
from cronmend.model.mutes import Mute
from cronmend.model.report import ALERTS, Message, MessageKind, Report, Stage
from cronmend.use_cases.alerting.delivery import FALLBACK_AFTER, TRIES
from local.memory.alerting import MemoryChannel, MemoryThreads
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
from tests.use_cases.test_crashes import Crash, Killed

PROGRESS, REMINDER = MessageKind.PROGRESS, MessageKind.REMINDER
HEALED, RECOVERED, GAVE_UP = MessageKind.HEALED, MessageKind.RECOVERED, MessageKind.GAVE_UP


def of_incident(sent: Message, incident: str) -> Message:
    """The message of another incident of the same job."""
    return replace(sent, incident=incident, report=replace(sent.report, incident=incident))


def refuses(channel: MemoryChannel, times: int = 99) -> None:
    channel.failures = [Permanent("is_archived") for _ in range(times)]


def test_the_fallback_gets_every_job_of_a_conversation_that_the_channel_refuses() -> None:
    world = AlertingWorld(route=WITH_FALLBACK)
    refuses(world.slack)
    world.receives(*(message(number) for number in range(1, 8)))
    world.fires(later(hours=2))
    assert kinds(world.sns)[0] == "alert"
    assert len(jobs_in(world.sns.reports[-1])) == 7


def test_the_fallback_gets_what_joined_a_message_that_the_channel_refuses_to_update() -> None:
    world = AlertingWorld(route=WITH_FALLBACK)
    world.receives(message(1))
    refuses(world.slack)
    world.receives(message(2), at=later(minutes=1))
    assert world.delivery(message(2), "slack").state is DeliveryState.FAILED
    assert jobs_in(world.sns.reports[-1]) == {"site/job-1", "site/job-2"}
    assert ("site/job-2", "slack", "is_archived") in world.dead_letters.messages


def test_the_fallback_gets_every_job_of_a_conversation_that_the_channel_does_not_answer() -> None:
    world = AlertingWorld(route=WITH_FALLBACK)
    world.slack.failures = [Retryable("503") for _ in range(9 * TRIES)]
    world.receives(*(message(number) for number in range(1, 8)))
    world.fires(later(minutes=20))
    assert set[str]().union(*map(jobs_in, world.sns.reports)) == {f"site/job-{number}" for number in range(1, 8)}


@pytest.mark.parametrize(("refused", "falls_back"), [(FALLBACK_AFTER - 1, False), (FALLBACK_AFTER, True)])
def test_the_fallback_gets_what_joined_only_after_several_failures_in_a_row(refused: int, falls_back: bool) -> None:
    world = AlertingWorld(route=WITH_FALLBACK)
    world.receives(message(1))
    world.slack.failures = [Retryable("503") for _ in range(refused)]
    world.receives(message(2), at=later(minutes=1))
    world.fires(later(hours=1))
    assert kinds(world.slack) == ["alert", "~group"]
    assert ("site/job-2" in set[str]().union(*map(jobs_in, world.sns.reports))) is falls_back


def test_a_reminder_does_not_join_a_conversation_that_was_never_sent() -> None:
    world = AlertingWorld(route=WITH_FALLBACK)
    refuses(world.slack)
    world.receives(message(1), message(2))
    world.fires(later(hours=2))
    world.receives(message(2, REMINDER), at=later(hours=30))
    assert world.delivery(message(2, REMINDER), "slack").state is DeliveryState.FAILED
    assert kinds(world.sns)[-1] == "reminder"
    world.slack.failures = []
    world.receives(message(2, REMINDER, status="3 times"), at=later(hours=31))
    assert kinds(world.slack) == ["group"]
    assert jobs_in(world.slack.reports[0]) == {"site/job-1", "site/job-2"}


def test_a_conversation_that_the_stack_can_no_longer_show_goes_to_the_fallback() -> None:
    world = AlertingWorld(route=replace(WITH_FALLBACK, quiet=QuietHours(time(11), time(13))))
    world.receives(message(1), message(2))
    world.slack = MemoryThreads("gone")
    world.route = replace(WITH_FALLBACK, quiet=None)
    world.fires(later(hours=3))
    assert jobs_in(world.sns.reports[-1]) == {"site/job-1", "site/job-2"}


@pytest.mark.parametrize("route", [SNS, SLACK], ids=["sns", "slack"])
def test_a_job_that_fails_again_in_a_shared_conversation_is_news(route: Route) -> None:
    world = AlertingWorld(route=route)
    world.receives(message(1), message(2))
    world.fires(NOW + WINDOW)
    world.receives(message(1, RECOVERED), at=later(minutes=6))
    channel = world.sns if route is SNS else world.slack
    before = len(channel.sent)
    world.receives(of_incident(message(1), "incident-9"), at=later(minutes=7))
    world.fires(later(hours=1))
    (news,) = channel.reports[before:]
    assert jobs_in(news) == {"site/job-1", "site/job-2"}
    assert news.status == "2 jobs failed"
    assert news.headline.startswith("2 jobs failed 3 times: ")


@pytest.mark.parametrize("others", [(), (2,)], ids=["alone", "in a group"])
def test_the_end_of_an_earlier_incident_does_not_hide_the_newer_one(others: tuple[int, ...]) -> None:
    world, newer = AlertingWorld(route=SLACK), of_incident(message(1), "incident-9")
    world.receives(message(1), *map(message, others))
    world.opens(newer)
    world.receives(newer, at=later(minutes=1))
    world.receives(message(1, RECOVERED), at=later(minutes=2))
    world.fires(later(hours=1))
    shown = dict(zip(world.slack.refs, world.slack.reports, strict=True))
    assert not list(shown.values())[-1].is_over
    assert "recovered" not in kinds(world.slack)


@pytest.mark.parametrize("route", [SNS, SLACK], ids=["sns", "slack"])
def test_a_job_that_fails_again_before_its_end_is_delivered_gets_a_message_of_its_own(route: Route) -> None:
    world, newer = AlertingWorld(route=route), of_incident(message(1), "incident-9")
    world.receives(message(1))
    world.opens(newer)
    world.receives(newer, at=later(minutes=1))
    channel = world.sns if route is SNS else world.slack
    assert [each.incident for each in channel.reports] == ["incident-1", "incident-9"]


LACKS = "the stack has no channel slack:C9"


@pytest.mark.parametrize(
    ("route", "others", "reached"),
    [
        (Route("oncall", channels=("slack:C9",), fallback=("sns",)), (), "sns"),
        (Route("oncall", channels=("slack:C9",)), (SLACK,), "slack"),
        (Route("oncall", channels=("slack:C9",)), (Route("default", ("slack:C8",), fallback=("sns",)),), "sns"),
    ],
    ids=["its fallback", "the default route", "the default route's fallback"],
)
def test_a_route_without_a_channel_of_the_stack_is_replaced(
    route: Route, others: tuple[Route, ...], reached: str
) -> None:
    world = AlertingWorld(route=route, others=others)
    sent = replace(message(), route="oncall")
    world.receives(sent)
    assert kinds(world.use_case.deliverer.channel(reached)) == ["alert"]  # type: ignore[arg-type]
    missing = world.delivery(sent, "slack:C9")
    assert missing.state is DeliveryState.FAILED
    assert missing.reason == f"{LACKS}; the message was sent to {reached} instead"
    assert world.health.channels["slack:C9"].error == missing.reason
    assert world.dead_letters.messages == []


def test_a_message_that_no_channel_of_the_stack_can_take_is_a_dead_letter() -> None:
    world = AlertingWorld(route=Route("default", channels=("slack:C9",), fallback=("slack:C8",)))
    world.receives(message())
    world.receives(message())
    assert world.dead_letters.messages == [("site/job-1", "slack:C9", LACKS)]
    assert world.delivery(message(), "slack:C9").state is DeliveryState.FAILED


def test_a_route_that_is_not_in_the_file_is_the_default() -> None:
    world = AlertingWorld(route=SNS)
    world.receives(replace(message(), route="gone"))
    assert kinds(world.sns) == ["alert"]


def test_a_canary_reports_channels_that_the_stack_lacks() -> None:
    world = AlertingWorld(
        route=Route("default", channels=("slack", "sns", "slack:C8"), fallback=("slack:C9",)),
        others=(Route("oncall", channels=("slack:C7",)),),
    )
    answer = world.use_case.canary(NOW)
    assert (answer["slack"], answer["sns"]) == ("", "")
    assert answer["slack:C9"] == f"{LACKS}: change the route, or add the channel to the stack"
    assert "slack:C7" in answer
    assert "slack:C8" not in answer


def test_a_failure_that_its_end_has_overtaken_opens_nothing() -> None:
    world = AlertingWorld()
    world.opens(message(), IncidentState.RECOVERED)
    world.receives(message(kind=RECOVERED))
    world.receives(message(), at=later(minutes=1))
    world.fires(later(hours=1))
    assert (kinds(world.slack), kinds(world.sns)) == ([], [])


def test_a_healed_job_whose_failure_was_never_sent_is_one_quiet_line() -> None:
    world = AlertingWorld()
    world.opens(message(), IncidentState.HEALED)
    world.receives(message(kind=HEALED), message())
    world.fires(later(hours=1))
    assert kinds(world.slack) == kinds(world.sns) == ["healed"]


def test_a_program_gets_a_failure_late_but_not_after_its_end() -> None:
    world = AlertingWorld(route=Route("default", channels=("events",)))
    world.opens(message(), IncidentState.RECOVERED)
    world.receives(message())
    assert kinds(world.machine) == ["alert"]
    world.receives(message(kind=RECOVERED), message(kind=GAVE_UP))
    assert kinds(world.machine) == ["alert", "recovered"]


def test_a_failure_whose_incident_ends_while_it_is_being_sent_opens_nothing() -> None:
    world = AlertingWorld()
    joined = world.conversations.open

    def ends_meanwhile(*args: object) -> object:
        world.opens(message(), IncidentState.RECOVERED)
        return joined(*args)  # type: ignore[arg-type]

    world.conversations.open = ends_meanwhile  # type: ignore[method-assign,assignment]
    world.receives(message())
    world.fires(later(hours=1))
    assert (kinds(world.slack), kinds(world.sns)) == ([], [])
    dropped = world.delivery(message(), "slack")
    assert (dropped.state, dropped.reason) == (DeliveryState.DROPPED, "the incident was over before an alert was sent")


def test_an_incident_that_ends_while_it_joins_is_shown_as_over() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message(1))
    world.while_it_joins(lambda: world.opens(message(2), IncidentState.HEALED))
    world.receives(message(2))
    (conversation,) = world.conversations.of_incident("incident-2")["slack"]
    member = world.conversations.member(conversation, "site/job-2", "incident-2")
    assert member is not None
    assert (member.healed, member.stage, member.status) == (True, Stage.HEALED, "healed by run 0")
    assert kinds(world.slack) == ["alert"]


def test_an_incident_that_ends_while_another_call_opens_its_conversation_is_shown_as_over() -> None:
    world = AlertingWorld(route=SLACK)
    open_first = world.conversations.open

    def another_call_first(
        conversation: Conversation, member: Member, now: datetime, most: int | None = None
    ) -> Conversation | None:
        world.conversations.open = open_first  # type: ignore[method-assign]
        world.receives(message(1))
        world.opens(message(2), IncidentState.HEALED)
        return open_first(conversation, member, now, most)

    world.conversations.open = another_call_first  # type: ignore[method-assign]
    world.receives(message(2))
    assert world.delivery(message(2), "slack").reason == "the incident was over before an alert was sent"
    (conversation,) = world.conversations.of_incident("incident-2")["slack"]
    assert {each.job: each.healed for each in world.conversations.of(conversation)} == {
        "site/job-1": False,
        "site/job-2": True,
    }


def test_a_recovery_is_not_reported_where_no_failure_was() -> None:
    world = AlertingWorld()
    world.receives(message(kind=RECOVERED))
    assert (kinds(world.slack), kinds(world.sns)) == ([], [])


def test_two_calls_do_not_both_send_the_first_message_after_quiet_hours() -> None:
    world = AlertingWorld(route=replace(SLACK, quiet=QuietHours(time(11), time(13))))
    world.receives(message())
    send = world.slack.send

    def meanwhile(report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        world.slack.send = send  # type: ignore[method-assign]
        (timer,) = world.timers.of(FlushTimer)
        assert "couldn't show the conversation" in world.handles(timer, at=later(hours=1, minutes=59))
        return send(report, thread)

    world.slack.send = meanwhile  # type: ignore[method-assign]
    world.fires(later(hours=3))
    assert kinds(world.slack) == ["alert"]


@pytest.mark.parametrize("ending", [HEALED, RECOVERED])
def test_a_job_that_joined_and_ended_before_the_form_was_sent_gets_no_line(ending: MessageKind) -> None:
    world = AlertingWorld(route=SNS)
    world.receives(message(1), message(2))
    world.receives(message(2, ending), at=later(minutes=1))
    world.fires(later(hours=1))
    assert kinds(world.sns) == ["alert"]


def test_a_new_cause_reaches_a_channel_whose_conversation_waits() -> None:
    world = AlertingWorld()
    world.slack.failures = [Retryable("503")]
    world.receives(message())
    world.receives(message(kind=MessageKind.HALF_DONE, cause="another"), at=later(seconds=1))
    world.fires(later(hours=1))
    assert sorted(kinds(world.slack)) == sorted(kinds(world.sns)) == ["alert", "half_done"]


def test_a_newer_alert_of_the_same_cause_replaces_one_that_waits() -> None:
    world = AlertingWorld(route=replace(SNS, quiet=QuietHours(time(11), time(13))))
    world.receives(message())
    world.receives(message(kind=GAVE_UP), at=later(minutes=10))
    world.fires(later(hours=3))
    assert kinds(world.sns) == ["gave_up"]


def test_the_end_of_an_incident_reaches_each_of_its_conversations() -> None:
    world = AlertingWorld()
    world.receives(message())
    world.receives(message(kind=MessageKind.HALF_DONE, cause="another"), at=later(minutes=1))
    world.receives(message(kind=RECOVERED), at=later(minutes=9))
    world.fires(later(hours=1))
    assert kinds(world.slack) == ["alert", "half_done", "~half_done", ">recovered", "~alert"]
    assert all(each.report.stage is Stage.RECOVERED for each in world.slack.sent if each.replaced)
    assert kinds(world.sns) == ["alert", "half_done", "recovered"]


def test_an_alert_is_answered_where_its_cause_was_reported() -> None:
    """Not in the incident's latest conversation, which is about another cause."""
    world = AlertingWorld(route=SLACK)
    world.receives(message())
    world.receives(message(kind=MessageKind.HALF_DONE, cause="another"), at=later(minutes=1))
    world.receives(message(kind=GAVE_UP), at=later(minutes=2))
    assert kinds(world.slack) == ["alert", "half_done", "~gave_up", ">gave_up"]
    assert world.slack.sent[-1].thread == world.slack.refs[0]


def test_the_end_of_an_incident_reaches_its_conversations_that_are_closed() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message())
    world.receives(message(kind=MessageKind.HALF_DONE, cause="another"), at=later(minutes=1))
    world.fires(later(hours=1))
    world.receives(message(kind=RECOVERED), at=later(hours=2))
    world.fires(later(hours=2, minutes=1))
    updated = [each for each in world.slack.sent if each.replaced]
    assert {each.report.kind for each in updated} == {MessageKind.ALERT, MessageKind.HALF_DONE}
    assert all(each.report.stage is Stage.RECOVERED for each in updated)


def test_a_message_of_a_channel_that_can_no_longer_update_is_sent_anew() -> None:
    """A webhook has taken the place of the bot."""
    world = AlertingWorld(route=SLACK)
    world.receives(message(1))
    webhook = MemoryChannel("slack")
    world.slack = webhook  # type: ignore[assignment]
    world.receives(message(2), at=later(minutes=1))
    world.fires(later(hours=1))
    assert kinds(webhook) == ["group"]


def test_the_end_reaches_the_fallback_that_got_the_failure() -> None:
    world = AlertingWorld(route=WITH_FALLBACK)
    refuses(world.slack, 1)
    world.receives(message())
    world.receives(message(kind=RECOVERED), at=later(minutes=1))
    assert kinds(world.sns) == ["alert", "recovered"]


def test_a_message_that_can_not_be_updated_is_answered_once() -> None:
    """The update comes first, so that its failure can't repeat the answer."""
    world = AlertingWorld(route=SLACK)
    world.receives(message())
    for failure in [Retryable("503")] * 4:
        world.slack.failures.append(failure)
    world.receives(message(kind=GAVE_UP), at=later(minutes=1))
    world.fires(later(hours=1))
    assert kinds(world.slack) == ["alert", "~gave_up", ">gave_up"]


@pytest.mark.parametrize("after", range(1, 12))
def test_an_answer_is_repeated_at_most_once_by_a_crash(after: int) -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message())
    crash = Crash(after)
    crash.wrap(world.slack, "send", "update")
    crash.wrap(world.conversations, "save", "seen")
    crash.wrap(world.outbox, "note")
    for _ in range(3):
        try:
            world.receives(message(kind=GAVE_UP), at=later(minutes=1))
        except Killed:
            continue
    assert kinds(world.slack)[-1] in {">gave_up", "~gave_up"}
    assert 1 <= kinds(world.slack).count(">gave_up") <= 1 + (after <= crash.done)


def test_two_calls_do_not_both_send_the_first_message() -> None:
    """A timer fires while the stream's call waits for the channel; the conversation is that call's for a minute."""
    world = AlertingWorld(route=SLACK)
    send = world.slack.send

    def meanwhile(report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        world.slack.send = send  # type: ignore[method-assign]
        (timer,) = world.timers.of(FlushTimer)
        assert "couldn't show the conversation" in world.handles(timer, later(seconds=30))
        world.receives(message())
        return send(report, thread)

    world.slack.send = meanwhile  # type: ignore[method-assign]
    world.receives(message())
    world.fires(later(hours=1))
    assert kinds(world.slack) == ["alert"]


@pytest.mark.parametrize("ending", [HEALED, RECOVERED])
def test_a_failure_that_a_crash_may_have_sent_is_sent_with_its_end(ending: MessageKind) -> None:
    world = AlertingWorld(route=SLACK)
    Crash(1).wrap(world.slack, "send")
    with pytest.raises(Killed):
        world.receives(message())
    world.opens(message(), IncidentState(ending.value))
    world.receives(message(kind=ending), at=later(seconds=1))
    world.receives(message(), at=later(seconds=2))
    world.fires(later(hours=1))
    assert kinds(world.slack) == ["alert", "alert"]
    assert world.slack.reports[-1].stage.value == ending.value


def test_a_thread_whose_end_could_not_be_said_is_ended_once() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message(1), message(2))
    world.receives(message(1, RECOVERED), at=later(hours=1))
    world.slack.failures = [Retryable("503")] * 3
    world.receives(message(2, RECOVERED), at=later(hours=2))
    world.fires(later(hours=4))
    assert kinds(world.slack)[-2:] == ["~group", ">group"]
    assert kinds(world.slack).count(">group") == 1


def test_an_answer_goes_to_the_message_that_replaced_a_deleted_one() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message())
    world.slack.moves = True
    world.receives(message(kind=GAVE_UP), at=later(minutes=1))
    assert kinds(world.slack) == ["alert", "gave_up", ">gave_up"]
    assert world.slack.sent[-1].thread == world.conversations.of_incident("incident-1")["slack"][-1].place
    assert world.slack.sent[-1].thread != world.slack.refs[0]


@pytest.mark.parametrize("follow_up", [PROGRESS, GAVE_UP, RECOVERED])
def test_a_follow_up_to_a_message_that_is_gone_opens_anew(follow_up: MessageKind) -> None:
    """Its channel was archived, or the secret names another one by now."""
    world = AlertingWorld(route=SLACK)
    world.receives(message())
    world.slack.moves = True
    world.receives(message(kind=follow_up), at=later(minutes=1))
    anew, answer = world.slack.sent[1:]
    assert (anew.thread, anew.replaced, anew.report.excerpt) == (None, None, ("boom",))
    assert (answer.thread, answer.report.kind) == (world.slack.refs[1], follow_up)
    assert world.dead_letters.messages == []


@pytest.mark.parametrize("follow_up", [REMINDER, MessageKind.ESCALATION])
def test_an_answer_in_a_thread_that_is_gone_opens_anew(follow_up: MessageKind) -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message())
    world.slack.moves, world.slack.failures = True, [Gone("thread_not_found")]
    world.receives(message(kind=follow_up), at=later(hours=30))
    anew, answer = world.slack.sent[1:]
    assert (anew.thread, anew.report.excerpt) == (None, ("boom",))
    assert (answer.thread, answer.report.kind) == (world.slack.refs[1], follow_up)
    world.receives(message(kind=RECOVERED), at=later(hours=31))
    assert world.slack.reports[-2].stage is Stage.RECOVERED


@pytest.mark.parametrize("follow_up", [GAVE_UP, REMINDER])
def test_a_follow_up_in_a_channel_that_the_route_names_now_is_whole(follow_up: MessageKind) -> None:
    world = AlertingWorld(route=SLACK)
    world.opens(message())
    world.receives(message())
    world.route = Route("default", channels=("slack:C2",))
    world.receives(message(kind=follow_up), at=later(minutes=9))
    (anew,) = world.second.reports
    assert anew.kind in ALERTS
    world.receives(message(kind=RECOVERED), at=later(minutes=10))
    assert (kinds(world.slack)[-2:], kinds(world.second)[-1]) == (["~alert", ">recovered"], "recovered")


def test_redrive_follows_the_route() -> None:
    world = AlertingWorld(route=SLACK)
    refuses(world.slack)
    world.receives(message())
    world.route = Route("default", channels=("slack:C2",))
    world.redrives(message(), later(hours=1))
    assert kinds(world.second) == ["alert"]
    assert world.delivery(message(), "slack").state is DeliveryState.DROPPED
    assert len(world.dead_letters.messages) == 1


def test_redrive_sends_the_whole_conversation() -> None:
    world = AlertingWorld(route=SLACK)
    refuses(world.slack)
    world.receives(*(message(number) for number in range(1, 4)))
    world.fires(later(hours=1))
    world.slack.failures = []
    world.redrives(message(1), later(hours=2))
    assert len(jobs_in(world.slack.reports[-1])) == 3


ESCALATES = replace(SLACK, escalate_to="oncall", escalate_after=timedelta(minutes=30))


@pytest.mark.parametrize("after", range(1, 9))
def test_a_crash_before_the_escalations_timer_does_not_lose_it(after: int) -> None:
    world = AlertingWorld(route=ESCALATES, others=(Route("oncall", channels=("slack:C2",)),))
    crash = Crash(after)
    crash.wrap(world.slack, "send")
    crash.wrap(world.conversations, "save", "open", "seen")
    crash.wrap(world.outbox, "note")
    crash.wrap(world.health, "accepted")
    for minute in (0, 1, 2):
        try:
            world.receives(message(), at=later(minutes=minute))
        except Killed:
            continue
    (timer,) = world.timers.of(EscalateTimer)
    assert later(minutes=30) <= timer.at <= later(minutes=32)
    assert world.delivery(message(), "slack").escalate_at == timer.at


def test_an_alert_that_only_the_fallback_got_is_escalated() -> None:
    world = AlertingWorld(route=replace(ESCALATES, fallback=("sns",)))
    refuses(world.slack)
    world.receives(message())
    assert [timer.at for timer in world.timers.of(EscalateTimer)] == [later(minutes=30)]


def test_the_timers_of_a_flush_that_fails_do_not_multiply() -> None:
    world = AlertingWorld(route=SNS)
    world.receives(message(1), message(2))
    world.sns.failures = [Retryable("503") for _ in range(TRIES)]
    world.fires(NOW + WINDOW + timedelta(minutes=15))
    assert TRIES - len(world.sns.failures) == 5


def test_a_conversation_that_two_calls_put_off_within_a_second_has_a_timer_of_its_time() -> None:
    world = AlertingWorld(route=SNS)
    world.receives(message(1))
    (opened,) = world.conversations.rows.values()
    renderer = world.use_case.flusher.renderer
    for seconds in (900.2, 900.7):
        due = renderer.flush_at(opened, later(seconds=seconds))
        assert due in {timer.at for timer in world.timers.of(FlushTimer)}
        assert due - later(seconds=seconds) < timedelta(seconds=1)


def test_a_channel_that_does_not_answer_has_all_its_tries_over_more_than_an_hour() -> None:
    world = AlertingWorld(route=SNS)
    world.receives(message(1), message(2))
    world.sns.failures = [Retryable("503")] * (FALLBACK_AFTER + 2)
    world.fires(later(minutes=59))
    assert kinds(world.sns) == ["alert", "group"]


def test_a_first_message_that_fails_is_tried_again_by_one_timer_only() -> None:
    world = AlertingWorld(route=SNS)
    world.sns.failures = [Retryable("503") for _ in range(9 * TRIES)]
    world.receives(message(1), message(2))
    world.fires(later(hours=9))
    assert len(world.sns.failures) == 8 * TRIES
    assert sorted(job for job, _, _ in world.dead_letters.messages) == ["site/job-1", "site/job-2"]
    assert world.timers.due() == []


def test_what_joined_is_sent_with_a_first_message_that_is_late() -> None:
    world = AlertingWorld(route=SNS)
    world.sns.failures = [Retryable("503") for _ in range(TRIES - 1)]
    world.receives(message(1), message(2))
    world.fires(later(hours=9))
    assert jobs_in(world.sns.reports[0]) == {"site/job-1", "site/job-2"}
    assert world.dead_letters.messages == []


def test_what_joined_is_given_up_with_a_first_message_whose_own_timer_was_lost() -> None:
    """The conversation's next time never lies in the past: reconcile would wake it once, and never again."""
    world = AlertingWorld(route=SNS)
    world.sns.failures = [Retryable("503")] * (9 * TRIES)
    world.receives(message(1), message(2))
    (flush,) = world.timers.of(FlushTimer)
    world.handles(flush, later(minutes=20))
    flushed = world.conversations.by_id(flush.conversation)
    assert flushed is not None
    assert flushed.due is not None
    assert flushed.due > later(minutes=20)


MONTH = timedelta(days=30)


def test_a_reminder_outlives_the_records() -> None:
    """The conversation and the alert have expired: the job's state says what is still broken."""
    world = AlertingWorld()
    world.opens(message())
    world.receives(message())
    world.conversations.__init__()  # type: ignore[misc]
    world.outbox.messages.clear()
    world.receives(message(kind=REMINDER, status="failed 30 times"), at=NOW + MONTH)
    for channel in (world.slack, world.sns):
        assert kinds(channel) == ["alert", "alert"]
        assert channel.reports[-1].incident == "incident-1"


def test_an_escalation_outlives_the_records_during_a_mute() -> None:
    world = AlertingWorld(route=ESCALATES, others=(Route("oncall", channels=("slack:C2",)),))
    world.mutes.set(Mute("site/*", NOW + MONTH, "jane"))
    world.opens(message())
    world.receives(message())
    world.outbox.messages.clear()
    world.fires(NOW + MONTH + timedelta(hours=1))
    (escalation,) = world.ledger.messages
    assert (escalation.report.kind, escalation.route) == (MessageKind.ESCALATION, "oncall")


def test_a_reminder_after_the_end_is_not_sent() -> None:
    world = AlertingWorld(route=SNS)
    world.receives(message())
    world.opens(message(), IncidentState.RECOVERED)
    world.receives(message(kind=REMINDER), at=later(hours=30))
    assert kinds(world.sns) == ["alert"]


def test_a_digest_reports_what_people_were_alerted_to() -> None:
    route = replace(SNS, healed=Healed.DIGEST, digest_at=time(14))
    world = AlertingWorld(route=route)
    world.receives(message(1), message(2, cause="other"))
    world.receives(message(1, RECOVERED), message(2, RECOVERED), message(3, RECOVERED), at=later(minutes=10))
    world.fires(NOW.replace(hour=15))
    assert kinds(world.sns) == ["alert", "alert", "group"]
    assert jobs_in(world.sns.reports[-1]) == {"site/job-1", "site/job-2"}


def fails_again(world: AlertingWorld, number: int, at: datetime) -> None:
    """The job's newer incident is alerted, for another cause."""
    again = of_incident(message(number, cause="other"), "incident-9")
    world.opens(again)
    world.receives(again, at=at)


def test_a_threads_last_line_leaves_out_a_job_that_has_failed_again() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message(1), message(2))
    world.receives(message(2, RECOVERED), at=later(minutes=1))
    fails_again(world, 2, later(minutes=2))
    world.receives(message(1, RECOVERED), at=later(minutes=3))
    world.fires(later(hours=1))
    assert [jobs_in(each.report) for each in world.slack.sent if each.thread] == [{"site/job-1"}]


def test_a_thread_of_jobs_that_have_all_failed_again_gets_no_last_line() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message(1), message(2))
    for number in (1, 2):
        fails_again(world, number, later(minutes=1))
    world.receives(message(1, RECOVERED), message(2, RECOVERED), at=later(minutes=2))
    world.fires(later(hours=9))
    assert [each for each in world.slack.sent if each.thread] == []


def test_an_end_that_comes_after_the_job_has_failed_again_notifies_no_one() -> None:
    world, ending = AlertingWorld(), message(1, RECOVERED)
    world.receives(message(1))
    fails_again(world, 1, later(minutes=2))
    world.receives(ending, at=later(minutes=3))
    world.fires(later(hours=1))
    assert kinds(world.slack) == ["alert", "alert", "~alert"]
    assert kinds(world.sns) == ["alert", "alert"]
    reasons = {world.delivery(ending, name).reason for name in ("slack", "sns")}
    assert reasons == {"its job has failed again, and people know it"}


@pytest.mark.parametrize(("again", "named"), [((2,), [{"site/job-1"}]), ((1, 2), [])])
def test_a_digest_leaves_out_jobs_that_have_failed_again(again: tuple[int, ...], named: list[set[str]]) -> None:
    world = AlertingWorld(route=replace(SNS, healed=Healed.DIGEST, digest_at=time(14)))
    world.receives(message(1), message(2, cause="more"))
    world.receives(message(1, RECOVERED), message(2, RECOVERED), at=later(minutes=10))
    for number in again:
        fails_again(world, number, later(minutes=20))
    world.fires(NOW.replace(hour=15))
    assert [jobs_in(each) for each in world.sns.reports if each.is_over] == named


def test_a_throttled_conversation_is_not_given_up() -> None:
    world = AlertingWorld(route=SNS)
    world.receives(message(1), message(2))
    world.sns.failures = [Throttled("slow down", timedelta(minutes=1))] * (TRIES + 5)
    world.fires(later(hours=2))
    assert kinds(world.sns) == ["alert", "group"]
    assert world.dead_letters.messages == []


def test_timers_that_can_not_be_set_do_not_multiply() -> None:
    """Their promises are stored: ``reconcile`` finds them, and a call that is repeated adds none."""
    world = AlertingWorld(route=SLACK)

    def away(timer: object) -> None:
        raise Retryable("scheduler didn't answer")

    world.timers.set = away  # type: ignore[method-assign]
    world.slack.failures = [Retryable("503")]
    for second in range(5):
        world.receives(message(), at=later(seconds=second))
    assert sorted(type(each).__name__ for each in world.promises.timers.values()) == ["DeliverTimer", "FlushTimer"]
    assert world.delivery(message(), "slack").state is DeliveryState.WAITING


@pytest.mark.parametrize(("rounds", "conversations"), [(287, 1), (288, 2)])
def test_a_conversation_that_failures_have_joined_for_a_day_ends(rounds: int, conversations: int) -> None:
    world = AlertingWorld(route=SNS)
    world.receives(message(1))
    ((key, opened),) = world.conversations.rows.items()
    world.conversations.rows[key] = replace(opened, rounds=rounds)
    world.receives(message(2), at=later(minutes=1))
    world.fires(NOW + WINDOW)
    world.receives(message(3), at=later(minutes=6))
    assert len(world.conversations.rows) == conversations


def test_a_failure_that_waits_is_shown_in_its_latest_form() -> None:
    world = AlertingWorld(route=replace(SLACK, quiet=QuietHours(time(11), time(13))))
    world.receives(message())
    world.receives(message(kind=MessageKind.GAVE_UP), at=later(minutes=5))
    world.fires(later(hours=3))
    assert kinds(world.slack) == ["gave_up"]


def test_the_fallback_is_not_told_again_what_people_have_seen() -> None:
    world = AlertingWorld(route=WITH_FALLBACK)
    world.receives(message(1), message(2))
    world.fires(later(minutes=1))
    refuses(world.slack)
    world.receives(message(3), at=later(minutes=2))
    world.fires(later(hours=1))
    assert set[str]().union(*map(jobs_in, world.sns.reports)) == {"site/job-1", "site/job-3"}


def test_a_message_that_would_wait_long_for_its_turn_is_sent_by_a_timer() -> None:
    world = AlertingWorld(route=SLACK)
    world.slack.gap = timedelta(seconds=1)
    world.rate_limit.taken["slack"] = later(minutes=2)
    world.receives(message())
    assert (kinds(world.slack), world.pauses) == ([], [])
    world.fires(later(minutes=10))
    assert kinds(world.slack) == ["alert"]


def test_a_conversation_that_is_flushed_early_enough_needs_no_other_timer() -> None:
    world = AlertingWorld(route=SLACK)
    world.receives(message())
    (conversation,) = world.conversations.rows.values()
    renderer, due = world.use_case.deliverer.writer.renderer, NOW + WINDOW
    assert conversation.due == due
    assert renderer.arm(conversation, due, due - timedelta(seconds=1)) == conversation
    assert renderer.arm(conversation, due, due) == conversation
    late = due + timedelta(seconds=1)
    assert renderer.arm(conversation, late, late).due == late
