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


def test_a_start_in_the_past_is_kept() -> None:
    started = {**SCHEDULE, "StartDate": NOW - timedelta(days=1)}
    assert resumed(started, NOW) == started


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
