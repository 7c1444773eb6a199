"""A message is delivered to every channel of its route, at least once; a failing channel doesn't delay the others."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.alerting.conversations import WINDOW, DeliveryState
from cronmend.alerting.routes import CHANNELS, Healed, Route
from cronmend.errors import Permanent, RateLimited, Retryable
from cronmend.model.alert_wakeups import EscalateTimer
from cronmend.model.mutes import Mute
from cronmend.model.report import ALERTS, Message, MessageKind
from cronmend.use_cases.alerting.delivery import FALLBACK_AFTER, TRIES
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import WITH_FALLBACK, AlertingWorld, kinds, later, message


def test_each_channel_gets_it_once() -> None:
    world = AlertingWorld()
    world.receives(message())
    world.receives(message())
    assert kinds(world.slack) == kinds(world.sns) == ["alert"]


def test_a_channel_that_the_stack_does_not_have_is_skipped() -> None:
    world = AlertingWorld(route=Route("default", channels=("slack:C9", "sns")))
    world.receives(message())
    assert kinds(world.sns) == ["alert"]
    assert set(world.outbox.deliveries(message())) == {"sns"}


def test_a_channel_that_is_down_gets_it_later_and_delays_no_other() -> None:
    world = AlertingWorld()
    world.slack.failures = [Retryable("503"), Retryable("503")]
    world.receives(message(), message(2, cause="another"))
    assert (kinds(world.slack), kinds(world.sns)) == ([], ["alert", "alert"])
    assert world.delivery(message(), "slack").state is DeliveryState.WAITING
    world.fires(later(minutes=2))
    assert (kinds(world.slack), kinds(world.sns)) == (["alert", "alert"], ["alert", "alert"])
    assert world.dead_letters.messages == []


def test_a_message_that_the_flush_has_sent_is_not_sent_by_the_retry() -> None:
    world = AlertingWorld(route=Route("default", channels=("sns",)))
    world.sns.failures = [RateLimited("slow down", WINDOW * 2)]
    world.receives(message())
    world.fires(NOW + WINDOW * 3)
    assert kinds(world.sns) == ["alert"]
    assert world.delivery(message(), "sns").state is DeliveryState.SENT


def test_an_alert_that_could_not_be_sent_is_not_sent_once_it_is_over() -> None:
    world = AlertingWorld(route=Route("default", channels=("sns",)))
    world.sns.failures = [Retryable("503")]
    world.receives(message())
    world.receives(message(kind=MessageKind.HEALED), at=later(seconds=9))
    world.fires(later(hours=1))
    assert kinds(world.sns) == []


def test_slacks_retry_time_is_used_and_counts_as_a_try() -> None:
    world = AlertingWorld()
    world.slack.failures = [RateLimited("rate_limited", timedelta(seconds=90))]
    world.receives(message())
    waiting = world.delivery(message(), "slack")
    assert (waiting.state, waiting.tries, waiting.due) == (DeliveryState.WAITING, 1, later(seconds=90))
    world.fires(later(seconds=89))
    assert kinds(world.slack) == []
    world.fires(later(seconds=90))
    assert kinds(world.slack) == ["alert"]


@pytest.mark.parametrize(
    "failures",
    [
        [Permanent("channel_not_found")] * 2,
        [Retryable("503")] * 3 * TRIES,
        [RateLimited("rate_limited", timedelta(seconds=1))] * 3 * TRIES,
    ],
)
def test_an_undelivered_message_goes_to_the_dead_letter_queue_and_the_fallback(
    failures: list[Permanent | Retryable],
) -> None:
    world = AlertingWorld(route=WITH_FALLBACK)
    world.slack.failures = list(failures)
    world.receives(message())
    world.fires(later(hours=4))
    assert kinds(world.slack) == []
    assert kinds(world.sns) == ["alert"]
    assert world.dead_letters.messages == [("site/job-1", "slack", str(failures[0]))]
    assert world.delivery(message(), "slack").state is DeliveryState.FAILED
    assert world.health.channels["slack"].error == str(failures[0])


def test_the_fallback_does_not_wait_for_the_last_try() -> None:
    world = AlertingWorld(route=WITH_FALLBACK)
    world.slack.failures = [Retryable("503")] * FALLBACK_AFTER
    world.receives(message())
    world.fires(later(minutes=1, seconds=50))
    assert kinds(world.sns) == ["alert"]
    world.fires(later(minutes=5))
    assert kinds(world.slack) == ["alert"]
    assert world.dead_letters.messages == []


def test_channels_that_are_due_at_different_times_each_have_a_timer() -> None:
    world = AlertingWorld()
    world.slack.failures = [RateLimited("rate_limited", timedelta(seconds=5))]
    world.sns.failures = [Retryable("it did not answer")]
    world.receives(message())
    world.fires(later(minutes=4))
    assert (kinds(world.slack), kinds(world.sns)) == (["alert"], ["alert"])


def test_a_person_may_resend_it() -> None:
    world = AlertingWorld()
    world.slack.failures = [Permanent("invalid_auth")]
    world.receives(message())
    told = message()
    world.redrives(told, later(hours=1))
    assert (kinds(world.slack), kinds(world.sns)) == (["alert"], ["alert"])
    assert world.delivery(told, "slack").state is DeliveryState.SENT


def test_a_message_below_the_routes_severity_is_only_recorded() -> None:
    world = AlertingWorld(route=Route("default", channels=("slack", "events"), least="critical"))
    world.receives(message())
    assert kinds(world.slack) == []
    assert world.delivery(message(), "slack").reason == "the route sends nothing less severe than critical"
    assert kinds(world.machine) == ["alert"]


def test_a_program_gets_every_change() -> None:
    world = AlertingWorld(route=Route("default", channels=("events",)))
    world.receives(*(message(number) for number in range(5)), message(1, MessageKind.PROGRESS))
    assert kinds(world.machine) == ["alert"] * 5 + ["progress"]


def test_a_mute_holds_an_alert_until_its_end_and_no_longer() -> None:
    world = AlertingWorld()
    world.mutes.set(Mute("site/*", later(hours=2), "jane"))
    world.receives(message(), at=NOW)
    world.fires(later(hours=1, minutes=59))
    assert kinds(world.slack) == []
    world.fires(later(hours=2))
    assert kinds(world.slack) == kinds(world.sns) == ["alert"]


def test_an_incident_that_is_over_before_the_mute_ends_is_not_reported() -> None:
    world = AlertingWorld()
    world.mutes.set(Mute("site/job-1", later(hours=2), "jane"))
    world.receives(message())
    world.receives(message(kind=MessageKind.RECOVERED), at=later(hours=1))
    world.fires(later(hours=3))
    assert (kinds(world.slack), kinds(world.sns)) == ([], [])


def test_a_canary_tests_every_channel_of_every_route() -> None:
    world = AlertingWorld(others=(Route("oncall", channels=("slack:C2",), fallback=("slack",)),))
    world.sns.failures = [Permanent("no such topic")]
    assert world.use_case.canary(NOW) == {"slack": "", "sns": "no such topic", "slack:C2": ""}
    assert world.health.channels["sns"].error == "no such topic"
    assert world.health.channels["slack"].delivered_at == NOW


def test_the_report_has_the_routes_mention() -> None:
    world = AlertingWorld(route=Route("default", channels=("slack",), mention="<!subteam^S1>"))
    world.receives(message())
    assert world.slack.reports[0].mention == "<!subteam^S1>"


def test_a_canary_proves_the_default_route_too_if_the_file_names_none() -> None:
    world = AlertingWorld(route=Route("oncall", channels=("slack:C2",)))
    assert set(world.use_case.canary(NOW)) == {"slack:C2", *CHANNELS}


ESCALATES = Route("default", escalate_to="oncall", escalate_after=timedelta(minutes=20))


@pytest.mark.parametrize("kind", sorted(ALERTS))
def test_an_alert_that_opens_a_conversation_is_escalated_later(kind: MessageKind) -> None:
    world = AlertingWorld(route=ESCALATES)
    sent = message(1, kind)
    world.receives(sent)
    assert world.timers.of(EscalateTimer) == [
        EscalateTimer(sent.job, sent.incident, "default", sent.change, later(minutes=20))
    ]


def test_an_alert_that_waits_is_escalated_after_its_wait() -> None:
    world = AlertingWorld(route=ESCALATES)
    world.mutes.set(Mute("site/*", later(hours=2), "jane"))
    world.receives(message())
    assert [timer.at for timer in world.timers.of(EscalateTimer)] == [later(hours=2, minutes=20)]


DIGEST = replace(ESCALATES, healed=Healed.DIGEST)
NEVER_ESCALATED: dict[str, tuple[Route, Message]] = {
    "no second route": (replace(ESCALATES, escalate_to=""), message(2, cause="other")),
    "an alert that joined": (ESCALATES, message(2)),
    "an alert of the same incident": (ESCALATES, message(1, MessageKind.GAVE_UP)),
    "progress": (ESCALATES, message(1, MessageKind.PROGRESS)),
    "a reminder": (ESCALATES, message(1, MessageKind.REMINDER)),
    "an ending": (ESCALATES, message(1, MessageKind.HEALED)),
    "an ending that opens a digest": (DIGEST, message(2, MessageKind.RECOVERED)),
    "an escalation": (ESCALATES, message(2, MessageKind.ESCALATION, cause="other")),
    "the circuit": (ESCALATES, message(2, MessageKind.CIRCUIT, cause="")),
}


@pytest.mark.parametrize(("route", "second"), NEVER_ESCALATED.values(), ids=NEVER_ESCALATED.keys())
def test_nothing_else_is_escalated(route: Route, second: Message) -> None:
    world = AlertingWorld(route=route)
    world.receives(message())
    before = world.timers.of(EscalateTimer)
    world.receives(second, at=later(minutes=1))
    assert world.timers.of(EscalateTimer) == before
    assert len(before) == bool(route.escalate_to)
