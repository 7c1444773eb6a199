"""What a live schedule's slots say about a re-run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cronmend.jobs.slots import missed_slot, next_slot, pending_slot, slot_of
from cronmend.model import LiveSchedule, Missing
from tests.fakes import NOW, later
from tests.incidents import BROKEN
from tests.samples import schedule

SLOT = datetime(2026, 5, 6, 11, tzinfo=UTC)
"""A minute and 21 seconds before NOW."""


def hourly(**changes: Any) -> LiveSchedule:
    return schedule(2, **{"flexible": timedelta(minutes=15), **changes})


UNREADABLE = hourly(expression="cron(every hour)")


@pytest.mark.parametrize(
    ("live", "slot"),
    [
        (hourly(), datetime(2026, 5, 6, 12, tzinfo=UTC)),
        (hourly(enabled=False), None),
        (UNREADABLE, None),
        (Missing("there is no schedule"), None),
    ],
)
def test_the_next_slot_of_a_schedule_that_starts_its_job(live: LiveSchedule | Missing, slot: datetime | None) -> None:
    assert next_slot(live, NOW) == slot


@pytest.mark.parametrize(
    ("live", "last_run", "slot"),
    [
        (hourly(), None, SLOT),
        (hourly(), SLOT - timedelta(seconds=1), SLOT),
        (hourly(), SLOT, None),
        (hourly(), later(0), None),
        (hourly(flexible=timedelta(minutes=1)), None, None),
        (hourly(flexible=timedelta(minutes=1)), later(-90), None),
        (hourly(flexible=timedelta()), None, None),
        (replace(UNREADABLE, flexible=timedelta(minutes=15)), None, None),
    ],
    ids=[
        *("no run is known", "the last run is older", "a run at the slot", "a later run"),
        *("no slot in the window", "no slot in the window, and a run", "no window", "unreadable"),
    ],
)
def test_a_slot_is_pending_while_its_window_is_open_and_no_run_has_come_of_it(
    live: LiveSchedule, last_run: datetime | None, slot: datetime | None
) -> None:
    assert pending_slot(live, last_run, NOW) == slot


@pytest.mark.parametrize(
    ("live", "since", "until", "missed"),
    [
        (hourly(), later(-130), NOW, SLOT),
        (hourly(), SLOT, later(30), None),
        (hourly(), later(0), later(30), None),
        (hourly(timezone="Asia/Tokyo"), later(-130), NOW, SLOT),
        (UNREADABLE, later(-130), NOW, None),
    ],
)
def test_the_latest_slot_that_a_held_schedule_missed(
    live: LiveSchedule, since: datetime, until: datetime, missed: datetime | None
) -> None:
    found = missed_slot(live, since, until)
    assert found == missed
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("slot", "expected"),
    [
        ("2026-05-06T10:00:00Z", datetime(2026, 5, 6, 10, tzinfo=UTC)),
        ("2026-05-06T10:00:00", BROKEN.began_at),
        ("soon", BROKEN.began_at),
        (None, BROKEN.began_at),
    ],
)
def test_the_slot_of_an_incident_is_the_one_its_run_was_given(slot: str | None, expected: datetime) -> None:
    assert slot_of(replace(BROKEN, slot=slot)) == expected
