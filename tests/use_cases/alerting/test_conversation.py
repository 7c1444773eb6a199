"""One conversation per incident; failures with one cause are grouped; mutes and quiet hours hold messages."""

from copy import replace
from datetime import time, timedelta

from cronmend.alerting.conversations import BURST, UPDATE_INTERVAL, WINDOW, DeliveryState
from cronmend.alerting.quiet_hours import QuietHours
from cronmend.alerting.routes import Healed, Route
from cronmend.errors import Retryable
from cronmend.model.mutes import Mute
from cronmend.model.report import MessageKind
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import AlertingWorld, kinds, later, message

PROGRESS, HEALED, GAVE_UP = MessageKind.PROGRESS, MessageKind.HEALED, MessageKind.GAVE_UP
RECOVERED = MessageKind.RECOVERED
SLACK = ("slack",)
SNS = ("sns",)


def test_one_message_shows_the_state_and_the_thread_has_the_history() -> None:
    world = AlertingWorld(route=Route("default", channels=SLACK))
    world.receives(message())
    world.receives(message(kind=PROGRESS, status="run 2 planned"), at=later(minutes=1))
    world.receives(message(kind=PROGRESS, status="run 2 starts"), at=later(minutes=5))
    world.receives(message(kind=HEALED, status="healed after 2 attempts"), at=later(minutes=6))
    assert kinds(world.slack) == ["alert", "~alert", ">progress", "~alert", ">progress", "~alert", ">healed"]
    assert [each.report.status for each in world.slack.sent if each.replaced] == [
        "run 2 planned",
        "run 2 starts",
        "healed after 2 attempts",
    ]


def test_a_channel_without_threads_gets_the_start_and_the_end() -> None:
    world = AlertingWorld(route=Route("default", channels=SNS))
    world.receives(message())
    world.receives(message(kind=PROGRESS, status="run 2 starts"), at=later(minutes=5))
    world.receives(message(kind=HEALED), at=later(minutes=6))
    assert kinds(world.sns) == ["alert", "healed"]


def test_giving_up_is_reported_in_the_thread_of_the_alert() -> None:
    world = AlertingWorld()
    world.receives(message())
    world.receives(message(kind=GAVE_UP), at=later(minutes=30))
    assert kinds(world.slack) == ["alert", "~gave_up", ">gave_up"]
    assert kinds(world.sns) == ["alert", "gave_up"]


def test_progress_without_an_alert_before_it_is_not_sent() -> None:
    world = AlertingWorld()
    world.receives(message(kind=PROGRESS, status="run 2 starts"))
    assert (kinds(world.slack), kinds(world.sns)) == ([], [])
    assert world.delivery(message(kind=PROGRESS, status="run 2 starts"), "slack").state is DeliveryState.DROPPED


def test_a_deploy_that_breaks_three_hundred_jobs_is_one_message_with_the_list() -> None:
    world = AlertingWorld()
    world.receives(*(message(number) for number in range(300)))
    world.fires(later(hours=2))
    assert kinds(world.slack) == ["alert", "~group"]
    assert kinds(world.sns) == ["alert", "group"]
    group = world.sns.reports[-1]
    assert len(group.jobs) + group.others == 300
    assert all(world.delivery(message(number), "slack").state is DeliveryState.JOINED for number in range(1, 300))


def test_the_list_grows_while_further_jobs_fail_and_says_how_many_are_healed() -> None:
    world = AlertingWorld(route=Route("default", channels=SLACK))
    for minute in range(3):
        world.receives(*(message(number) for number in range(10 * minute, 10 * minute + 10)), at=later(minutes=minute))
    world.receives(*(message(number, HEALED) for number in range(12)), at=later(hours=3))
    assert kinds(world.slack) == ["alert", "~group", "~group", "~group"]
    assert world.slack.reports[-1].headline.startswith("12 of 30 jobs ")
    world.receives(*(message(number, HEALED) for number in range(12, 30)), at=later(hours=4))
    assert kinds(world.slack)[-2:] == ["~group", ">group"]


def test_a_later_failure_of_the_same_cause_opens_a_new_conversation() -> None:
    world = AlertingWorld()
    world.receives(message(1))
    world.fires(later(hours=1))
    world.receives(message(2), at=later(hours=1))
    assert kinds(world.slack) == kinds(world.sns) == ["alert", "alert"]


def test_a_job_that_fails_again_after_it_recovered_is_reported_at_once() -> None:
    world = AlertingWorld()
    world.receives(message(1))
    world.receives(message(1, MessageKind.RECOVERED), at=later(minutes=1))
    again = replace(message(1), incident="incident-9", report=replace(message(1).report, incident="incident-9"))
    world.receives(again, at=later(minutes=2))
    world.fires(later(hours=1))
    assert kinds(world.sns) == ["alert", "recovered", "alert"]
    assert kinds(world.slack) == ["alert", "~alert", ">recovered", "alert"]


def test_different_causes_are_different_conversations() -> None:
    world = AlertingWorld()
    world.receives(message(1), message(2, cause="another"))
    assert kinds(world.slack) == ["alert", "alert"]


def test_ten_thousand_failures_of_ten_thousand_causes_are_a_handful_of_messages() -> None:
    world = AlertingWorld()
    world.receives(*(message(number, cause=f"cause-{number}") for number in range(10_000)))
    world.fires(later(hours=1))
    assert kinds(world.slack) == [*["alert"] * (BURST + 1), "~group"]
    assert kinds(world.sns) == [*["alert"] * (BURST + 1), "group"]
    many = world.sns.reports[-1]
    assert len(many.jobs) + many.others == 10_000 - BURST


def test_jobs_that_heal_together_are_reported_together() -> None:
    world = AlertingWorld(route=Route("default", channels=SNS))
    world.receives(*(message(number, HEALED) for number in range(50)))
    world.fires(later(hours=1))
    assert kinds(world.sns) == [*["healed"] * (BURST + 1), "group"]
    assert world.sns.reports[-1].headline.startswith(f"{50 - BURST} jobs ")


def test_a_route_may_leave_out_healed_jobs() -> None:
    world = AlertingWorld(route=Route("default", healed=Healed.NONE))
    world.receives(message(2, HEALED))
    assert (kinds(world.slack), kinds(world.sns)) == ([], [])
    world.receives(message(1))
    world.receives(message(1, HEALED), at=later(minutes=9))
    assert kinds(world.slack) == ["alert", "~alert"]
    assert kinds(world.sns) == ["alert"]


def test_a_digest_collects_healed_jobs_until_its_hour() -> None:
    route = Route("default", channels=SNS, healed=Healed.DIGEST, digest_at=time(14))
    world = AlertingWorld(route=route)
    world.receives(*(message(number, HEALED) for number in range(3)))
    world.fires(NOW.replace(hour=13, minute=59))
    assert kinds(world.sns) == []
    world.fires(NOW.replace(hour=15))
    assert len(world.sns.sent) == 1
    assert world.sns.reports[0].headline.startswith("3 jobs ")


QUIET = QuietHours(time(11), time(13), "UTC")


def test_quiet_hours_keep_an_alert_until_they_end() -> None:
    world = AlertingWorld(route=Route("default", quiet=QUIET))
    world.receives(*(message(number) for number in range(3)))
    world.receives(message(1, HEALED), at=later(minutes=10))
    assert (kinds(world.slack), kinds(world.sns)) == ([], [])
    world.fires(NOW.replace(hour=13, minute=0, second=0) + timedelta(seconds=1))
    assert kinds(world.slack) == kinds(world.sns) == ["group"]
    assert world.sns.reports[0].headline.startswith("1 of 3 jobs ")


def test_a_mute_also_holds_later_messages() -> None:
    world = AlertingWorld()
    world.receives(message())
    world.mutes.set(Mute("site/job-1", later(hours=2), "jane"))
    world.receives(message(kind=PROGRESS, status="run 2 starts"), at=later(minutes=8))
    world.receives(message(kind=GAVE_UP), at=later(minutes=9))
    assert (kinds(world.slack), kinds(world.sns)) == (["alert", "~alert"], ["alert"])
    world.fires(later(hours=3))
    assert (kinds(world.slack)[2:], kinds(world.sns)[1:]) == (["gave_up"], ["gave_up"])


def test_an_urgent_message_is_not_held() -> None:
    world = AlertingWorld(route=Route("default", quiet=QUIET), severity="critical")
    world.receives(message())
    assert kinds(world.slack) == ["alert"]


def test_each_slots_failure_is_counted_and_people_are_reminded_once_a_day() -> None:
    world = AlertingWorld()
    world.receives(message())
    for hour in range(1, 50):
        reminder = message(kind=MessageKind.REMINDER, status=f"failed {hour + 1} times")
        world.receives(reminder, at=later(hours=hour))
    assert kinds(world.sns) == ["alert", "reminder", "reminder"]
    assert [kind for kind in kinds(world.slack) if kind != "~alert"] == ["alert", ">reminder", ">reminder"]


def test_no_reminder_follows_an_acknowledgement() -> None:
    world = AlertingWorld()
    world.receives(message())
    world.opens(message())
    world.is_acknowledged(message())
    world.receives(message(kind=MessageKind.REMINDER), at=later(hours=30))
    assert kinds(world.sns) == ["alert"]


ONCALL = Route("oncall", channels=("slack:C2",))
ESCALATES = Route("default", channels=SLACK, escalate_to="oncall", escalate_after=timedelta(minutes=30))


def escalating() -> AlertingWorld:
    world = AlertingWorld(route=ESCALATES, others=(ONCALL,))
    world.receives(message())
    world.opens(message())
    return world


def test_without_an_acknowledgement_the_second_route_is_notified_and_gets_the_end() -> None:
    world = escalating()
    world.fires(later(minutes=31))
    (escalation,) = world.ledger.messages
    assert (escalation.report.kind, escalation.route) == (MessageKind.ESCALATION, "oncall")
    world.receives(escalation, at=later(minutes=31))
    assert kinds(world.second) == ["escalation"]
    world.receives(message(kind=HEALED), at=later(minutes=40))
    assert kinds(world.second) == ["escalation", "healed"]


def test_no_escalation_during_a_mute() -> None:
    world = escalating()
    world.mutes.set(Mute("site/job-1", later(hours=3), "jane"))
    world.fires(later(hours=3, minutes=29))
    assert world.ledger.messages == []
    world.fires(later(hours=3, minutes=30))
    assert [each.route for each in world.ledger.messages] == ["oncall"]


def test_no_escalation_after_an_acknowledgement() -> None:
    world = escalating()
    world.is_acknowledged(message())
    world.fires(later(hours=2))
    assert world.ledger.messages == []


def test_a_channel_gets_one_message_per_second() -> None:
    world = AlertingWorld(route=Route("default", channels=SLACK))
    world.slack.gap = timedelta(seconds=1)
    world.receives(*(message(number, cause=f"cause-{number}") for number in range(4)))
    assert world.pauses == [1.0, 2.0, 3.0]


def test_an_answer_waits_for_its_turn_after_the_update() -> None:
    world = AlertingWorld(route=Route("default", channels=SLACK))
    world.slack.gap = timedelta(seconds=1)
    world.receives(message())
    world.receives(message(kind=PROGRESS, status="run 2 starts"))
    assert kinds(world.slack) == ["alert", "~alert", ">progress"]
    assert world.pauses == [1.0, 2.0]


def test_a_conversation_that_a_channel_cannot_show_is_shown_later() -> None:
    world = AlertingWorld(route=Route("default", channels=SNS))
    world.receives(*(message(number) for number in range(3)))
    world.sns.failures = [Retryable("503")]
    world.fires(NOW + WINDOW + timedelta(minutes=1))
    assert kinds(world.sns) == ["alert", "group"]
    health = world.health.channels["sns"]
    assert (health.failed_at, health.error) == (NOW + WINDOW, "503")


def test_what_joins_right_after_an_update_is_shown_a_moment_later() -> None:
    """Not with each batch, but long before the conversation's window ends."""
    world = AlertingWorld(route=Route("default", channels=SLACK))
    world.receives(message(1))
    world.receives(message(2), at=NOW + UPDATE_INTERVAL / 2)
    assert kinds(world.slack) == ["alert"]
    world.fires(NOW + 3 * UPDATE_INTERVAL)
    assert kinds(world.slack) == ["alert", "~group"]


def test_a_conversation_goes_on_until_the_last_of_its_jobs_has_recovered() -> None:
    world = AlertingWorld(route=Route("default", channels=SLACK))
    world.receives(message(1), message(2), message(3))
    world.fires(NOW + WINDOW)
    world.receives(message(1, RECOVERED), message(2, RECOVERED), at=later(minutes=6))
    world.receives(message(4), at=later(minutes=7))
    world.fires(later(hours=1))
    assert len([each for each in world.slack.sent if not (each.thread or each.replaced)]) == 1
    assert world.slack.reports[-1].jobs == tuple(f"site/job-{number}" for number in range(1, 5))


def test_news_of_an_incident_that_goes_on_does_not_end_its_thread() -> None:
    world = AlertingWorld(route=Route("default", channels=SLACK))
    world.receives(message())
    world.receives(message(kind=PROGRESS, status="run 2 starts"), at=later(minutes=1))
    (going_on,) = world.conversations.rows.values()
    assert going_on.ended_at is None
    world.receives(message(kind=HEALED), at=later(minutes=2))
    (ended,) = world.conversations.rows.values()
    assert ended.ended_at == later(minutes=2)
