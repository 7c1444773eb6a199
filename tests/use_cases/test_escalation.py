"""Who is notified if no one acknowledges an alert, and which route and acknowledgment decide."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.alerting.routes import Route, RouteRule
from cronmend.model.alert_wakeups import AlertTimer, EscalateTimer
from cronmend.model.incident import IncidentState
from cronmend.model.mutes import Mute
from cronmend.model.report import Message, MessageKind
from tests.use_cases.alerting.alerting_world import AlertingWorld, kinds, later, message
from tests.use_cases.test_crashes import Killed
from tests.use_cases.world import behaving

LEAD = Route("lead", channels=("slack:C2",))
ROUTE = Route("default", channels=("slack",), escalate_to="lead", escalate_after=timedelta(minutes=30))
DUE = later(minutes=30)
NOTIFIED = "no one has acknowledged the alert: route lead is notified"
OVER = "no escalation: the incident is over or acknowledged"


def alerted(route: Route = ROUTE, state: IncidentState = IncidentState.ALERTED) -> AlertingWorld:
    world = AlertingWorld(route=route, others=(LEAD,))
    world.opens(message())
    world.receives(message())
    world.opens(message(), state)
    return world


def timer(sent: Message | None = None, route: str = "default") -> EscalateTimer:
    sent = sent or message()
    return EscalateTimer(sent.job, sent.incident, route, sent.change, DUE)


def test_the_route_that_the_alerts_route_names_is_notified_with_the_alert() -> None:
    world = alerted()
    assert world.timers.of(EscalateTimer) == [timer()]
    assert world.fire(timer()) == NOTIFIED
    (escalation,) = world.ledger.messages
    assert (escalation.report.kind, escalation.route) == (MessageKind.ESCALATION, "lead")
    assert escalation.report.headline == "No one acknowledged in 30 min: job-1: alert"
    world.receives(escalation, at=DUE)
    assert (kinds(world.second), kinds(world.slack)) == (["escalation"], ["alert"])


def test_an_alert_is_escalated_once() -> None:
    world = alerted()
    assert [world.fire(timer()), world.fire(timer())] == [NOTIFIED, OVER]
    assert len(world.ledger.messages) == 1


@pytest.mark.parametrize("state", [IncidentState.HEALED, IncidentState.RECOVERED])
def test_an_incident_that_is_over_is_not_escalated(state: IncidentState) -> None:
    world = alerted(state=state)
    assert world.fire(timer()) == OVER
    assert world.ledger.messages == []


def test_another_incident_of_the_job_is_not_escalated_by_the_timer_of_an_earlier_one() -> None:
    world = alerted()
    world.opens(replace(message(), incident="incident-9"))
    assert world.fire(timer()) == OVER
    assert world.ledger.messages == []


def test_a_job_without_an_incident_is_not_escalated() -> None:
    world = alerted()
    world.ledger.job_states.clear()
    assert world.fire(timer()) == OVER


def test_an_acknowledged_incident_is_not_escalated() -> None:
    world = alerted()
    world.is_acknowledged(message())
    assert world.fire(timer()) == OVER
    assert world.ledger.messages == []


def test_a_route_that_no_longer_escalates_does_not() -> None:
    world = alerted()
    world.route = replace(ROUTE, escalate_to="")
    assert world.fire(timer()) == "no escalation: route default no longer has one"
    assert world.ledger.messages == []


def test_a_route_that_is_gone_escalates_as_the_default_does() -> None:
    world = alerted()
    assert world.fire(timer(route="gone")) == NOTIFIED


def test_a_muted_job_is_escalated_after_the_mute() -> None:
    world = alerted()
    world.mutes.set(Mute("site/*", later(hours=2), "jane"))
    assert world.fire(timer()) == "site/job-1 is muted: the escalation waits until the mute ends"
    assert world.timers.of(EscalateTimer) == [replace(timer(), at=later(hours=2, minutes=30), postponed=1)]
    assert world.ledger.messages == []


def test_an_expired_alert_is_escalated_from_the_jobs_state() -> None:
    world = alerted()
    world.outbox.messages.clear()
    assert world.fire(timer()) == NOTIFIED
    (escalation,) = world.ledger.messages
    assert escalation.report.incident == "incident-1"
    assert escalation.report.headline.startswith("No one acknowledged in 30 min: job-1 ")


def test_only_the_reminders_of_the_acknowledged_incident_stop() -> None:
    """An acknowledgment holds for one incident and its reminders; its end is reported."""
    world = alerted(replace(ROUTE, remind_after=timedelta(hours=1)))
    world.is_acknowledged(message())
    reminder = message(kind=MessageKind.REMINDER, status="2 times")
    world.receives(reminder, at=later(hours=2))
    assert world.delivery(reminder, "slack").reason == "acknowledged by jane"
    world.receives(message(kind=MessageKind.GAVE_UP), at=later(hours=2))
    assert kinds(world.slack) == ["alert", "~gave_up", ">gave_up"]
    world.receives(message(kind=MessageKind.RECOVERED), at=later(hours=2))
    other = replace(message(), incident="incident-9", change="9")
    world.opens(other)
    world.receives(other, at=later(hours=3))
    again = replace(message(kind=MessageKind.REMINDER, status="3 times"), incident="incident-9")
    world.receives(again, at=later(hours=5))
    assert kinds(world.slack)[3:] == ["~gave_up", ">recovered", "alert", ">reminder"]


@pytest.mark.parametrize(
    ("sent", "rules", "named", "reached"),
    [
        (message(), (), "", "slack"),
        (message(), (), "lead", "slack:C2"),
        (message(), (), "gone", "slack"),
        (message(), (RouteRule("lead", jobs=("site/*",)),), "", "slack:C2"),
        (message(), (RouteRule("lead", jobs=("other/*",)),), "", "slack"),
        (message(), (RouteRule("default"),), "lead", "slack"),
        (replace(message(), route="lead"), (RouteRule("default"),), "", "slack:C2"),
        (replace(message(), route="gone"), (RouteRule("lead"),), "", "slack"),
        (message(), (RouteRule("lead", severities=frozenset({"critical"})),), "", "slack:C2"),
    ],
    ids=[
        *("the default", "the job's", "one that is gone", "a rule's", "no rule's", "a rule before the job's"),
        *("the message's before a rule's", "the message's that is gone", "by the severity of the job"),
    ],
)
def test_the_route_of_a_message(sent: Message, rules: tuple[RouteRule, ...], named: str, reached: str) -> None:
    severity = "critical" if rules and rules[0].severities else "error"
    world = AlertingWorld(route=ROUTE, others=(LEAD,), severity=severity, rules=rules, named=named)
    world.receives(sent)
    assert {name for name, each in (("slack", world.slack), ("slack:C2", world.second)) if each.sent} == {reached}


def test_a_call_that_is_cut_off_before_it_stores_the_escalation_is_made_up_for() -> None:
    """The channel of machines, which waits for no acknowledgment, has the alert by then."""
    sent = message()
    world = AlertingWorld(route=replace(ROUTE, channels=("slack", "events")), others=(LEAD,))
    world.opens(sent)
    world.outbox.unoffered[sent.job, sent.incident, sent.change] = DUE
    keep = world.promises.keep

    def cut_off(promised: AlertTimer) -> None:
        raise Killed

    behaving(world.promises, keep=cut_off)
    with pytest.raises(Killed):
        world.receives(sent)
    assert world.outbox.unoffered
    behaving(world.promises, keep=keep)
    world.receives(sent, at=later(minutes=3))
    assert world.timers.of(EscalateTimer) == [timer()]
    assert not world.outbox.unoffered
    assert (kinds(world.slack), kinds(world.machine)) == (["alert"], ["alert"])
