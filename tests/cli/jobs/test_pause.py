from datetime import UTC, datetime, timedelta

import pytest

from cli.jobs.pause import paused, resumed
from cronmend.errors import Permanent

NOW = datetime(2026, 5, 6, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SCHEDULE = {"Name": "job", "ScheduleExpression": "rate(1 hour)", "State": "ENABLED", "Target": {"Arn": "cluster"}}


def test_a_pause_without_an_end_only_disables() -> None:
    assert paused(SCHEDULE, NOW) == {**SCHEDULE, "State": "DISABLED"}
    assert resumed(paused(SCHEDULE, NOW), NOW) == SCHEDULE


def test_a_pause_with_an_end_sets_the_start_date() -> None:
    held = paused(SCHEDULE, NOW, LATER)
    assert held == {**SCHEDULE, "StartDate": LATER}
    assert resumed(held, NOW) == SCHEDULE


CRON = {**SCHEDULE, "ScheduleExpression": "cron(0 * * * ? *)"}
PAST = NOW - timedelta(days=1, minutes=90)


@pytest.mark.parametrize("until", [None, LATER])
def test_a_start_in_the_past_goes_from_a_cron_expression(until: datetime | None) -> None:
    """AWS refuses it in UpdateSchedule, and it has no effect any more."""
    started = {**CRON, "StartDate": PAST}
    assert paused(started, NOW, until).get("StartDate") == until
    assert resumed(paused(started, NOW, until), NOW) == CRON


def test_a_start_that_aws_still_accepts_is_kept() -> None:
    started = {**CRON, "StartDate": NOW - timedelta(minutes=3)}
    assert resumed(started, NOW) == started


@pytest.mark.parametrize("until", [None, LATER])
def test_a_rate_whose_phase_has_begun_is_not_paused_but_resumed_in_phase(until: datetime | None) -> None:
    """AWS refuses its start date, and another one would move its times."""
    started = {**SCHEDULE, "StartDate": PAST}
    with pytest.raises(Permanent, match="Give it the start date 2026-05-06T00:30:00Z, which keeps the phase"):
        paused(started, NOW, until)
    assert resumed({**started, "State": "DISABLED"}, NOW) == {**SCHEDULE, "StartDate": NOW + timedelta(minutes=30)}


@pytest.mark.parametrize(
    ("changes", "until", "message"),
    [
        ({}, NOW, "is in the past"),
        ({"ScheduleExpression": "at(2026-05-06T11:15:00)"}, LATER, "fires only once"),
        ({"EndDate": LATER}, LATER, "before --until"),
    ],
)
def test_an_end_without_effect_is_rejected(changes: dict[str, object], until: datetime, message: str) -> None:
    with pytest.raises(Permanent, match=message):
        paused({**SCHEDULE, **changes}, NOW, until)
