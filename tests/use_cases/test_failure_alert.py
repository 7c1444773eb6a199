"""A message is delivered to every channel of its route, at least once; a failing one keeps nothing from the others."""

from datetime import timedelta

import pytest

from cronmend.alerting.conversations import WINDOW, DeliveryState, Mute
from cronmend.alerting.routes import Route
from cronmend.errors import Permanent, Retryable, Throttled
from cronmend.model.report import MessageKind
from cronmend.use_cases.alerting.delivery import FALLBACK_AFTER, TRIES
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import Hearing, kinds, later, message


def test_each_channel_gets_it_once() -> None:
    hearing = Hearing()
    hearing.hears(message())
    hearing.hears(message())
    assert kinds(hearing.slack) == kinds(hearing.sns) == ["alert"]


def test_a_channel_that_the_stack_does_not_have_is_passed_over() -> None:
    hearing = Hearing(route=Route("default", channels=("slack:C9", "sns")))
    hearing.hears(message())
    assert kinds(hearing.sns) == ["alert"]
    assert set(hearing.outbox.deliveries(message())) == {"sns"}


def test_a_channel_that_is_away_gets_it_later_and_holds_up_nothing() -> None:
    hearing = Hearing()
    hearing.slack.failures = [Retryable("503"), Retryable("503")]
    hearing.hears(message(), message(2, cause="another"))
    assert (kinds(hearing.slack), kinds(hearing.sns)) == ([], ["alert", "alert"])
    assert hearing.delivery(message(), "slack").state is DeliveryState.WAITING
    hearing.strikes(later(minutes=2))
    assert (kinds(hearing.slack), kinds(hearing.sns)) == (["alert", "alert"], ["alert", "alert"])
    assert hearing.letters.letters == []


def test_what_the_settling_has_sent_is_not_sent_by_the_retry() -> None:
    hearing = Hearing(route=Route("default", channels=("sns",)))
    hearing.sns.failures = [Throttled("slow down", WINDOW * 2)]
    hearing.hears(message())
    hearing.strikes(NOW + WINDOW * 3)
    assert kinds(hearing.sns) == ["alert"]
    assert hearing.delivery(message(), "sns").state is DeliveryState.SENT


def test_an_alert_that_could_not_be_sent_is_not_sent_once_it_is_over() -> None:
    hearing = Hearing(route=Route("default", channels=("sns",)))
    hearing.sns.failures = [Retryable("503")]
    hearing.hears(message())
    hearing.hears(message(kind=MessageKind.HEALED), at=later(seconds=9))
    hearing.strikes(later(hours=1))
    assert kinds(hearing.sns) == []


def test_slacks_own_time_is_kept_and_spends_no_try() -> None:
    hearing = Hearing()
    hearing.slack.failures = [Throttled("rate_limited", timedelta(seconds=90))]
    hearing.hears(message())
    waiting = hearing.delivery(message(), "slack")
    assert (waiting.state, waiting.tries, waiting.due) == (DeliveryState.WAITING, 0, later(seconds=90))
    hearing.strikes(later(seconds=89))
    assert kinds(hearing.slack) == []
    hearing.strikes(later(seconds=90))
    assert kinds(hearing.slack) == ["alert"]


@pytest.mark.parametrize("failures", [[Permanent("channel_not_found")] * 2, [Retryable("503")] * 3 * TRIES])
def test_what_a_channel_never_takes_lies_in_the_dead_letters_and_goes_to_the_fallback(
    failures: list[Permanent | Retryable],
) -> None:
    hearing = Hearing(route=Route("default", channels=("slack",), fallback=("sns",)))
    hearing.slack.failures = list(failures)
    hearing.hears(message())
    hearing.strikes(later(hours=4))
    assert kinds(hearing.slack) == []
    assert kinds(hearing.sns) == ["alert"]
    assert hearing.letters.letters == [("site/job-1", "slack", str(failures[0]))]
    assert hearing.delivery(message(), "slack").state is DeliveryState.FAILED
    assert hearing.health.channels["slack"].error == str(failures[0])


def test_the_fallback_does_not_wait_for_the_last_try() -> None:
    hearing = Hearing(route=Route("default", channels=("slack",), fallback=("sns",)))
    hearing.slack.failures = [Retryable("503")] * FALLBACK_AFTER
    hearing.hears(message())
    hearing.strikes(later(minutes=1, seconds=50))
    assert kinds(hearing.sns) == ["alert"]
    hearing.strikes(later(minutes=5))
    assert kinds(hearing.slack) == ["alert"]
    assert hearing.letters.letters == []


def test_channels_that_are_due_at_different_times_each_have_a_timer() -> None:
    hearing = Hearing()
    hearing.slack.failures = [Throttled("rate_limited", timedelta(seconds=5))]
    hearing.sns.failures = [Retryable("it did not answer")]
    hearing.hears(message())
    hearing.strikes(later(minutes=4))
    assert (kinds(hearing.slack), kinds(hearing.sns)) == (["alert"], ["alert"])


def test_a_person_may_offer_it_anew() -> None:
    hearing = Hearing()
    hearing.slack.failures = [Permanent("invalid_auth")]
    hearing.hears(message())
    told = message()
    hearing.redrives(told, later(hours=1))
    assert (kinds(hearing.slack), kinds(hearing.sns)) == (["alert"], ["alert"])
    assert hearing.delivery(told, "slack").state is DeliveryState.SENT


def test_what_is_not_severe_enough_is_on_record_alone() -> None:
    hearing = Hearing(route=Route("default", channels=("slack", "events"), least="critical"))
    hearing.hears(message())
    assert kinds(hearing.slack) == []
    assert hearing.delivery(message(), "slack").reason == "the route sends nothing less severe than critical"
    assert kinds(hearing.machine) == ["alert"]


def test_a_machine_is_given_each_change() -> None:
    hearing = Hearing(route=Route("default", channels=("events",)))
    hearing.hears(*(message(number) for number in range(5)), message(1, MessageKind.PROGRESS))
    assert kinds(hearing.machine) == ["alert"] * 5 + ["progress"]


def test_a_mute_keeps_an_alert_back_until_its_end_and_no_longer() -> None:
    hearing = Hearing()
    hearing.mutes.set(Mute("site/*", later(hours=2), "jane"))
    hearing.hears(message(), at=NOW)
    hearing.strikes(later(hours=1, minutes=59))
    assert kinds(hearing.slack) == []
    hearing.strikes(later(hours=2))
    assert kinds(hearing.slack) == kinds(hearing.sns) == ["alert"]


def test_nobody_hears_of_what_was_over_before_a_mute_ended() -> None:
    hearing = Hearing()
    hearing.mutes.set(Mute("site/job-1", later(hours=2), "jane"))
    hearing.hears(message())
    hearing.hears(message(kind=MessageKind.RECOVERED), at=later(hours=1))
    hearing.strikes(later(hours=3))
    assert (kinds(hearing.slack), kinds(hearing.sns)) == ([], [])


def test_a_canary_proves_every_channel_of_every_route() -> None:
    hearing = Hearing(others=(Route("oncall", channels=("slack:C2",), fallback=("slack",)),))
    hearing.sns.failures = [Permanent("no such topic")]
    assert hearing.care.canary(NOW) == {"slack": "delivered", "sns": "no such topic", "slack:C2": "delivered"}
    assert hearing.health.channels["sns"].error == "no such topic"
    assert hearing.health.channels["slack"].delivered_at == NOW


def test_whom_a_route_calls_by_name_stands_in_the_report() -> None:
    hearing = Hearing(route=Route("default", channels=("slack",), mention="<!subteam^S1>"))
    hearing.hears(message())
    assert hearing.slack.reports[0].mention == "<!subteam^S1>"
