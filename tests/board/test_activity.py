"""A period's activity: what is counted, which alerts were spared, and which re-runs healed in vain."""

from collections.abc import Mapping
from copy import replace
from datetime import date, datetime, timedelta

import pytest

from cli.board import sample, sample_report
from cli.board.sample import NOW, incident_of
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.board import activity, activity_words
from cronmend.board.activity import Activity
from cronmend.board.facts import Facts
from cronmend.board.period import Past, Period
from cronmend.model import Category, Diagnosis
from cronmend.model.incident import Incident, IncidentState
from cronmend.model.report import Message, MessageKind, Report

REFUSED = Diagnosis(Category.DEPENDENCY_UNAVAILABLE, "net.refused", "", line="connect to 10.0.0.1:5432 refused")
ELEVEN = NOW.replace(hour=11, minute=5, second=8)


def incident(began: datetime = ELEVEN, minutes: int = 7, **changes: object) -> Incident:
    """Healed, of an hourly job that starts five minutes past."""
    ended = began + timedelta(minutes=minutes) if minutes else None
    found = incident_of(
        "publish-scheduled", began, REFUSED, state=IncidentState.HEALED, ended_at=ended, reruns=1, healed_by=2
    )
    return replace(found, **{"id": f"{began.isoformat()}", **changes})  # type: ignore[arg-type] # its fields


def found(*incidents: Incident, sent: Mapping[str, Mapping[str, DeliveryState]] | None = None) -> Activity:
    """
    Args:
        sent: by incident, the state of its alert by channel.
    """
    messages = {
        id_: ((_alert(), {name: Delivery(state, NOW) for name, state in channels.items()}),)
        for id_, channels in (sent or {}).items()
    }
    return activity.of(Past(sample.facts(), Period.latest(NOW, 30), incidents, messages))


def _alert() -> Message:
    return Message("i", "j", "alert", Report(MessageKind.ALERT, "j", "", Category.UNKNOWN, ""))


def test_runs_are_counted_from_the_states_of_all_jobs() -> None:
    known = found()
    assert (known.jobs, known.count("failed"), known.count("missed"), known.count("healed")) == (16, 9, 2, 13)
    assert known.runs == known.count("succeeded") + 11


def test_what_healing_left_before_the_next_slot() -> None:
    (case,) = found(incident()).cases
    assert (case.took, case.left) == (timedelta(minutes=7), timedelta(minutes=52, seconds=52))
    (late,) = found(incident(minutes=70)).cases
    assert late.left == -timedelta(minutes=10, seconds=8)
    (of_its_slot,) = found(incident(slot="2026-11-27T12:05:00Z", minutes=70)).cases
    assert of_its_slot.left == timedelta(minutes=49, seconds=52)


@pytest.mark.parametrize(
    ("again", "diagnosis", "is_false"),
    [
        (timedelta(hours=1), REFUSED, True),
        (timedelta(hours=1), replace(REFUSED, line="connect to 10.0.0.2:5432 refused"), True),
        (timedelta(hours=1), replace(REFUSED, rule="net.timeout"), False),
        (timedelta(hours=2), REFUSED, False),
    ],
)
def test_a_heal_is_false_if_the_next_slots_run_fails_with_the_same_cause(
    again: timedelta, diagnosis: Diagnosis, is_false: bool
) -> None:
    later = incident(ELEVEN + again, diagnosis=diagnosis)
    known = found(later, incident())
    assert [each.incident.began_at for each in known.false_heals] == ([ELEVEN] if is_false else [])
    recovered = incident(state=IncidentState.RECOVERED)
    assert found(recovered, later).false_heals == []


def test_of_a_job_without_known_slots_a_failure_within_a_day_counts() -> None:
    facts = Facts(NOW, "here", states=sample.facts().states)
    both = (incident(NOW - timedelta(hours=30)), incident(NOW - timedelta(hours=7)))
    known = activity.of(Past(facts, Period.latest(NOW, 30), both))
    assert (len(known.false_heals), known.cases[0].left) == (1, None)


@pytest.mark.parametrize(
    ("channels", "counts"),
    [
        ({}, (0, 1, 0)),
        ({"slack": DeliveryState.DROPPED, "events": DeliveryState.SENT}, (0, 1, 0)),
        ({"slack": DeliveryState.SENT, "sns": DeliveryState.JOINED}, (1, 0, 0)),
        ({"slack": DeliveryState.JOINED, "events": DeliveryState.SENT}, (0, 0, 1)),
        ({"events": DeliveryState.SENT}, (1, 0, 0)),
    ],
)
def test_alerts_are_sent_or_spared(channels: dict[str, DeliveryState], counts: tuple[int, int, int]) -> None:
    one = incident()
    known = found(one, sent={one.id: channels})
    assert (known.sent, known.spared, known.joined) == counts


def test_an_open_incident_has_spared_no_one_yet() -> None:
    known = found(incident(minutes=0, state=IncidentState.HEALING))
    assert (known.spared, known.recovery, known.vain_rules) == (0, None, [])


def test_only_incidents_that_began_in_the_period_count() -> None:
    assert found(incident(NOW - timedelta(days=31))).cases == []
    assert len(found(incident(NOW - timedelta(days=29))).cases) == 1


def test_causes_are_told_apart_by_category_rule_and_line_and_the_noisiest_is_first() -> None:
    bug = incident(diagnosis=Diagnosis(Category.APPLICATION_ERROR, "bug", "", line="KeyError"), id="bug", runs=1)
    races = [
        incident(ELEVEN - timedelta(hours=hour), diagnosis=Diagnosis(Category.DEPLOY_RACE, "r", "", line=f"c{hour}"))
        for hour in (1, 2)
    ]
    known = found(bug, *races, sent={"bug": {"slack": DeliveryState.SENT}})
    assert [(each.first.incident.category.value, len(each.cases), each.sent) for each in known.causes] == [
        ("application_error", 1, 1),
        ("deploy_race", 2, 0),
    ]


def test_a_rule_is_in_vain_if_no_re_run_after_it_succeeded() -> None:
    vain = incident(diagnosis=replace(REFUSED, rule="db.locked"), state=IncidentState.RECOVERED, reruns=3)
    untried = incident(diagnosis=replace(REFUSED, rule="bug"), state=IncidentState.ALERTED, reruns=0)
    known = found(incident(), vain, untried)
    assert [(each.first.incident.diagnosis.rule, each.reruns) for each in known.vain_rules] == [("db.locked", 3)]


def test_a_month_is_that_before_the_day() -> None:
    assert Period.month_before(date(2026, 3, 1)) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert Period.month_before(date(2026, 1, 31)) == Period(date(2025, 12, 1), date(2025, 12, 31))
    assert Period.latest(NOW, 1) == Period(NOW.date(), NOW.date())


def test_the_report_in_words() -> None:
    known = activity.of(sample_report.past())
    assert activity_words.headline(known) == (
        "12,477 of 12,488 runs of 16 jobs succeeded: Cronmend healed 13, and 5 alerts were sent."
    )
    assert activity_words.days(known) == "29 Oct to 27 Nov 2026 (30 days, UTC)"
    assert {each.name: each.in_words for each in activity_words.figures(known)} == {
        "Runs": "12,488 (of 16 jobs)",
        "Failed": "9 (2 more missed)",
        "Healed": "13 (typically 53 min before the next slot)",
        "False heals": "1 (of 13 incidents)",
        "Alerts sent": "5 (about 19 incidents)",
        "Alerts spared": "14 (13 healed or recovered first, 1 joined another)",
        "Time to recovery": "102 min (mean of 17)",
    }
    assert [each.title for each in activity_words.tables(known)] == [
        *("Failures by category", "Noisiest causes", "Healed", "False heals", "Rules that never healed anything"),
    ]


def test_a_period_without_a_run_says_so() -> None:
    known = activity.of(Past(Facts(NOW, "here"), Period.latest(NOW, 7)))
    assert activity_words.headline(known) == "No run is counted in these days."
    assert activity_words.tables(known) == []
