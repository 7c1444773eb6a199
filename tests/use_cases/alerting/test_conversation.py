"""One incident, one conversation; failures of one cause are told together; silence where silence was asked for."""

from dataclasses import replace
from datetime import time, timedelta

from cronmend.alerting.conversations import BURST, WINDOW, DeliveryState, Mute
from cronmend.alerting.routes import Healed, QuietHours, Route
from cronmend.model.report import MessageKind
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import Hearing, kinds, later, message

PROGRESS, HEALED, GAVE_UP = MessageKind.PROGRESS, MessageKind.HEALED, MessageKind.GAVE_UP
SLACK = ("slack",)
SNS = ("sns",)


def test_a_thread_goes_on_under_one_message_that_says_how_it_stands() -> None:
    hearing = Hearing(route=Route("default", channels=SLACK))
    hearing.hears(message())
    hearing.hears(message(kind=PROGRESS, status="run 2 planned"), at=later(minutes=1))
    hearing.hears(message(kind=PROGRESS, status="run 2 starts"), at=later(minutes=5))
    hearing.hears(message(kind=HEALED, status="healed after 2 attempts"), at=later(minutes=6))
    assert kinds(hearing.slack) == ["alert", ">progress", "~alert", ">progress", "~alert", ">healed", "~alert"]
    assert [each.report.status for each in hearing.slack.sent if each.replaced] == [
        "run 2 planned",
        "run 2 starts",
        "healed after 2 attempts",
    ]


def test_a_channel_without_threads_hears_the_beginning_and_the_end() -> None:
    hearing = Hearing(route=Route("default", channels=SNS))
    hearing.hears(message())
    hearing.hears(message(kind=PROGRESS, status="run 2 starts"), at=later(minutes=5))
    hearing.hears(message(kind=HEALED), at=later(minutes=6))
    assert kinds(hearing.sns) == ["alert", "healed"]


def test_giving_up_is_told_under_the_alert_that_came_before() -> None:
    hearing = Hearing()
    hearing.hears(message())
    hearing.hears(message(kind=GAVE_UP), at=later(minutes=30))
    assert kinds(hearing.slack) == ["alert", ">gave_up", "~gave_up"]
    assert kinds(hearing.sns) == ["alert", "gave_up"]


def test_progress_of_what_nobody_knows_is_not_told() -> None:
    hearing = Hearing()
    hearing.hears(message(kind=PROGRESS, status="run 2 starts"))
    assert (kinds(hearing.slack), kinds(hearing.sns)) == ([], [])
    assert hearing.delivery(message(kind=PROGRESS, status="run 2 starts"), "slack").state is DeliveryState.DROPPED


def test_a_deploy_that_breaks_three_hundred_jobs_is_one_message_with_the_list() -> None:
    hearing = Hearing()
    hearing.hears(*(message(number) for number in range(300)))
    hearing.strikes(later(hours=2))
    assert kinds(hearing.slack) == ["alert", "~group"]
    assert kinds(hearing.sns) == ["alert", "group"]
    group = hearing.sns.reports[-1]
    assert len(group.jobs) + group.others == 300
    assert all(hearing.delivery(message(number), "slack").state is DeliveryState.JOINED for number in range(1, 300))


def test_the_list_grows_while_further_jobs_fail_and_says_how_many_are_healed() -> None:
    hearing = Hearing(route=Route("default", channels=SLACK))
    for minute in range(3):
        hearing.hears(*(message(number) for number in range(10 * minute, 10 * minute + 10)), at=later(minutes=minute))
    hearing.hears(*(message(number, HEALED) for number in range(12)), at=later(hours=3))
    assert kinds(hearing.slack) == ["alert", "~group", "~group", "~group"]
    assert hearing.slack.reports[-1].headline.startswith("12 of 30 jobs ")
    hearing.hears(*(message(number, HEALED) for number in range(12, 30)), at=later(hours=4))
    assert kinds(hearing.slack)[-2:] == ["~group", ">group"]


def test_a_later_failure_of_the_same_cause_opens_a_new_conversation() -> None:
    hearing = Hearing()
    hearing.hears(message(1))
    hearing.strikes(later(hours=1))
    hearing.hears(message(2), at=later(hours=1))
    assert kinds(hearing.slack) == kinds(hearing.sns) == ["alert", "alert"]


def test_a_job_that_fails_again_once_it_had_recovered_is_told_at_once() -> None:
    hearing = Hearing()
    hearing.hears(message(1))
    hearing.hears(message(1, MessageKind.RECOVERED), at=later(minutes=1))
    again = replace(message(1), incident="incident-9", report=replace(message(1).report, incident="incident-9"))
    hearing.hears(again, at=later(minutes=2))
    hearing.strikes(later(hours=1))
    assert kinds(hearing.sns) == ["alert", "recovered", "alert"]
    assert kinds(hearing.slack) == ["alert", ">recovered", "~alert", "alert"]


def test_different_causes_are_different_conversations() -> None:
    hearing = Hearing()
    hearing.hears(message(1), message(2, cause="another"))
    assert kinds(hearing.slack) == ["alert", "alert"]


def test_ten_thousand_failures_of_ten_thousand_causes_are_a_handful_of_messages() -> None:
    hearing = Hearing()
    hearing.hears(*(message(number, cause=f"cause-{number}") for number in range(10_000)))
    hearing.strikes(later(hours=1))
    assert kinds(hearing.slack) == [*["alert"] * (BURST + 1), "~group"]
    assert kinds(hearing.sns) == [*["alert"] * (BURST + 1), "group"]
    many = hearing.sns.reports[-1]
    assert len(many.jobs) + many.others == 10_000 - BURST


def test_what_heals_together_is_told_together() -> None:
    hearing = Hearing(route=Route("default", channels=SNS))
    hearing.hears(*(message(number, HEALED) for number in range(50)))
    hearing.strikes(later(hours=1))
    assert kinds(hearing.sns) == [*["healed"] * (BURST + 1), "group"]
    assert hearing.sns.reports[-1].headline.startswith(f"{50 - BURST} jobs ")


def test_a_route_may_want_no_word_of_what_has_healed() -> None:
    hearing = Hearing(route=Route("default", healed=Healed.NONE))
    hearing.hears(message(2, HEALED))
    assert (kinds(hearing.slack), kinds(hearing.sns)) == ([], [])
    hearing.hears(message(1))
    hearing.hears(message(1, HEALED), at=later(minutes=9))
    assert kinds(hearing.slack) == ["alert", "~alert"]
    assert kinds(hearing.sns) == ["alert"]


def test_a_digest_gathers_what_has_healed_until_its_hour() -> None:
    route = Route("default", channels=SNS, healed=Healed.DIGEST, digest_at=time(14))
    hearing = Hearing(route=route)
    hearing.hears(*(message(number, HEALED) for number in range(3)))
    hearing.strikes(NOW.replace(hour=13, minute=59))
    assert kinds(hearing.sns) == []
    hearing.strikes(NOW.replace(hour=15))
    assert len(hearing.sns.sent) == 1
    assert hearing.sns.reports[0].headline.startswith("3 jobs ")


QUIET = QuietHours(time(11), time(13), "UTC")


def test_quiet_hours_keep_an_alert_until_they_end() -> None:
    hearing = Hearing(route=Route("default", quiet=QUIET))
    hearing.hears(*(message(number) for number in range(3)))
    hearing.hears(message(1, HEALED), at=later(minutes=10))
    assert (kinds(hearing.slack), kinds(hearing.sns)) == ([], [])
    hearing.strikes(NOW.replace(hour=13, minute=0, second=0) + timedelta(seconds=1))
    assert kinds(hearing.slack) == kinds(hearing.sns) == ["group"]
    assert hearing.sns.reports[0].headline.startswith("1 of 3 jobs ")


def test_a_mute_keeps_back_what_follows_too() -> None:
    hearing = Hearing()
    hearing.hears(message())
    hearing.mutes.set(Mute("site/job-1", later(hours=2), "jane"))
    hearing.hears(message(kind=PROGRESS, status="run 2 starts"), at=later(minutes=8))
    hearing.hears(message(kind=GAVE_UP), at=later(minutes=9))
    assert (kinds(hearing.slack), kinds(hearing.sns)) == (["alert", "~alert"], ["alert"])
    hearing.strikes(later(hours=3))
    assert (kinds(hearing.slack)[2:], kinds(hearing.sns)[1:]) == (["gave_up"], ["gave_up"])


def test_what_is_urgent_is_not_kept() -> None:
    hearing = Hearing(route=Route("default", quiet=QUIET), severity="critical")
    hearing.hears(message())
    assert kinds(hearing.slack) == ["alert"]


def test_each_slots_failure_is_counted_and_people_are_reminded_once_a_day() -> None:
    hearing = Hearing()
    hearing.hears(message())
    for hour in range(1, 50):
        reminder = message(kind=MessageKind.REMINDER, status=f"failed {hour + 1} times")
        hearing.hears(reminder, at=later(hours=hour))
    assert kinds(hearing.sns) == ["alert", "reminder", "reminder"]
    assert [kind for kind in kinds(hearing.slack) if kind != "~alert"] == ["alert", ">reminder", ">reminder"]


def test_nobody_is_reminded_of_what_somebody_has_taken_on() -> None:
    hearing = Hearing()
    hearing.hears(message())
    hearing.opens(message())
    hearing.is_acknowledged(message())
    hearing.hears(message(kind=MessageKind.REMINDER), at=later(hours=30))
    assert kinds(hearing.sns) == ["alert"]


ONCALL = Route("oncall", channels=("slack:C2",))
ESCALATES = Route("default", channels=SLACK, escalate_to="oncall", escalate_after=timedelta(minutes=30))


def escalating() -> Hearing:
    hearing = Hearing(route=ESCALATES, others=(ONCALL,))
    hearing.hears(message())
    hearing.opens(message())
    return hearing


def test_a_second_route_is_called_where_nobody_acknowledges_and_hears_the_end() -> None:
    hearing = escalating()
    hearing.strikes(later(minutes=31))
    (escalation,) = hearing.ledger.messages
    assert (escalation.report.kind, escalation.route) == (MessageKind.ESCALATION, "oncall")
    hearing.hears(escalation, at=later(minutes=31))
    assert kinds(hearing.mail) == ["escalation"]
    hearing.hears(message(kind=HEALED), at=later(minutes=40))
    assert kinds(hearing.mail) == ["escalation", "healed"]


def test_nobody_else_is_called_while_it_is_muted() -> None:
    hearing = escalating()
    hearing.mutes.set(Mute("site/job-1", later(hours=3), "jane"))
    hearing.strikes(later(hours=3, minutes=29))
    assert hearing.ledger.messages == []
    hearing.strikes(later(hours=3, minutes=30))
    assert [each.route for each in hearing.ledger.messages] == ["oncall"]


def test_nobody_else_is_called_once_it_is_acknowledged() -> None:
    hearing = escalating()
    hearing.is_acknowledged(message())
    hearing.strikes(later(hours=2))
    assert hearing.ledger.messages == []


def test_a_channel_is_written_to_once_a_second() -> None:
    hearing = Hearing(route=Route("default", channels=SLACK))
    hearing.slack.gap = timedelta(seconds=1)
    hearing.hears(*(message(number, cause=f"cause-{number}") for number in range(4)))
    assert hearing.pauses == [1.0, 2.0, 3.0]


def test_a_conversation_that_a_channel_can_not_show_is_shown_later() -> None:
    from cronmend.errors import Retryable  # noqa: PLC0415 # used here alone

    hearing = Hearing(route=Route("default", channels=SNS))
    hearing.hears(*(message(number) for number in range(3)))
    hearing.sns.failures = [Retryable("503")]
    hearing.strikes(NOW + WINDOW + timedelta(minutes=1))
    assert kinds(hearing.sns) == ["alert", "group"]
