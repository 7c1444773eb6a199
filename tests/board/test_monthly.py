"""The message about a month: when it is due, and what it says."""

from datetime import UTC, date, datetime, time

import pytest

from cli.board import sample_report
from cronmend.alerting import render
from cronmend.alerting.routes import Route
from cronmend.board import activity, monthly
from cronmend.board.period import Period

ROUTE = Route("oncall", monthly_report=True, digest_at=time(9), timezone="Europe/London", least="warning")
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "period"),
    [
        (at(1, 8, 59), None),
        (at(1, 9), OCTOBER),
        (at(2, 8, 59), OCTOBER),
        (at(2, 9), None),
        (at(15, 12), None),
        (at(1, 8, 30, month=7), Period(date(2026, 6, 1), date(2026, 6, 30))),
        (at(31, 23, 30, month=7), None),
    ],
)
def test_it_is_due_for_a_day_after_the_routes_time_on_the_first(now: datetime, period: Period | None) -> None:
    assert monthly.due(ROUTE, now) == period


def test_the_first_of_a_zone_that_is_ahead_counts() -> None:
    early = Route("far", monthly_report=True, digest_at=time(0), timezone="Pacific/Auckland")
    assert monthly.due(early, at(31, 12, month=10)) == OCTOBER


def test_a_route_that_asks_for_none_gets_none() -> None:
    assert monthly.due(Route("default"), at(1, 10)) is None


def test_it_has_the_figures_and_the_noisiest_causes() -> None:
    known = activity.of(sample_report.past())
    message = monthly.message(known, ROUTE)
    assert (message.job, message.incident, message.change) == monthly.key_of(ROUTE, known.period)
    assert message.route == "oncall"
    report = message.report
    assert report.headline == (
        "October 2026: 12,477 of 12,488 runs of 16 jobs succeeded: Cronmend healed 13, and 5 alerts were sent"
    )
    assert report.what_happens == (
        "The noisiest causes: rates.example.com refuses connections (2 alerts); KeyError: 'vat_rate' (2 alerts); the "
        "database is locked (1 alert)."
    )
    assert {each.key.value: each.value for each in report.facts}["alerts_spared"] == (
        "14 (13 healed or recovered first, 1 joined another)"
    )
    assert ROUTE.sends(report.severity)


def test_the_mail_has_all_of_it() -> None:
    report = monthly.message(activity.of(sample_report.past()), ROUTE).report
    text = render.email.sns_text(report)
    assert "\nTime to recovery: 102 min (mean of 17)\n" in text
    assert "\nCommand: cronmend report --since 30d\n" in text
    assert len(render.email.sns_subject(report)) <= 99


def test_a_month_without_an_alert_says_so() -> None:
    quiet = activity.of(sample_report.past())
    calm = activity.Activity(quiet.now, "", quiet.period, quiet.jobs, quiet.counts, [])
    report = monthly.message(calm, ROUTE).report
    assert report.what_happens == "No one was alerted."
    assert report.headline.endswith("Cronmend healed 13, and no alert was sent")
