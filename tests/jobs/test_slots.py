"""What a live schedule's slots say about a re-run."""

from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.jobs.slots import missed_slot, next_slot, pending_slot, slot_of, slot_of_run, unknown_slots
from cronmend.model import LiveSchedule, Missing
from tests.fakes import NOW, later
from tests.incidents import BROKEN, after
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
        (schedule(expression="cron(59 * * * ? *)", flexible=timedelta(seconds=51)), None, None),
        (schedule(expression="cron(59 * * * ? *)", flexible=timedelta(seconds=52)), None, SLOT - timedelta(minutes=1)),
        (schedule(), None, SLOT),
        (schedule(), SLOT, None),
        (schedule(expression="cron(59 * * * ? *)"), None, None),
        (hourly(enabled=False), None, None),
        (replace(UNREADABLE, flexible=timedelta(minutes=15)), None, None),
    ],
    ids=[
        *("no run is known", "the last run is older", "a run at the slot", "a later run"),
        *("the window and Scheduler's minute are over", "they end now", "Scheduler's minute", "its run has come"),
        *("Scheduler's minute is over", "disabled", "unreadable"),
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


@pytest.mark.parametrize("slot", ["2026-05-06T10:00:00", "soon", None])
def test_an_incident_without_a_slot_is_as_old_as_its_latest_failed_run(slot: str | None) -> None:
    assert slot_of(after(replace(BROKEN, slot=slot), created_at=later(70))) == later(70)
    assert slot_of(replace(BROKEN, slot=slot, failed=None)) == BROKEN.began_at


def test_the_age_of_an_unknown_slot_counts_from_the_run_that_the_reruns_repeat() -> None:
    incident = after(replace(BROKEN, slot=None, since=later(10)), created_at=later(70))
    assert slot_of(incident) == later(10)


def test_the_slot_of_an_incident_is_the_one_of_its_latest_failed_run() -> None:
    assert slot_of(replace(BROKEN, slot="2026-05-06T10:00:00Z")) == datetime(2026, 5, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("live", "declared", "slot"),
    [
        (hourly(), "2026-05-06T09:00:00Z", "2026-05-06T09:00:00Z"),
        (hourly(), "2026-05-06T09:00:00", "2026-05-06T11:00:00Z"),
        (hourly(), "soon", "2026-05-06T11:00:00Z"),
        (hourly(), "", "2026-05-06T11:00:00Z"),
        (hourly(expression="cron(0 20 * * ? *)", timezone="Asia/Tokyo"), "", "2026-05-06T11:00:00Z"),
        (hourly(expression="cron(16 12 * * ? *)"), "", "2026-05-05T11:16:00Z"),
        (schedule(expression="cron(0 12 4 * ? *)"), "", ""),
        (hourly(enabled=False), "", "2026-05-06T11:00:00Z"),
        (hourly(expression="rate(7 minutes)", created=later(-8)), "", "2026-05-06T11:00:21Z"),
        (hourly(expression="rate(7 minutes)"), "", "2026-05-06T11:01:21Z"),
        (hourly(expression=""), "", ""),
        (UNREADABLE, "", ""),
        (Missing("it was deleted"), "", ""),
        (Missing("it was deleted"), "2026-05-06T09:00:00Z", "2026-05-06T09:00:00Z"),
    ],
)
def test_the_slot_of_a_run(live: LiveSchedule | Missing, declared: str, slot: str) -> None:
    assert slot_of_run(live, declared, NOW) == slot


@pytest.mark.parametrize("expression", ["rate(5 minutes)", "cron(every hour)"])
def test_slots_that_are_not_known_are_none_and_have_a_reason(expression: str) -> None:
    live = hourly(expression=expression)
    assert unknown_slots(live, None)
    assert (next_slot(live, NOW), pending_slot(live, None, NOW), missed_slot(live, later(-60), NOW)) == (None,) * 3


@given(st.sampled_from(("rate(1 minute)", "rate(5 minutes)", "rate(3 days)")), st.integers(0, 400), st.integers(0, 400))
def test_a_rate_without_a_start_counts_from_the_run_that_was_seen(expression: str, seen: int, ahead: int) -> None:
    live, run = hourly(expression=expression), later(seen)
    assert unknown_slots(live, run) == ""
    slot = next_slot(live, later(seen + ahead), run)
    assert slot
    assert slot > later(seen + ahead)
    (at,) = [each for each in (slot_of_run(live, "", run),) if each]
    assert datetime.fromisoformat(at) == run


def test_only_a_rate_without_a_start_is_unknown() -> None:
    assert unknown_slots(hourly(), None) == ""
    assert unknown_slots(hourly(expression=""), None) == ""
    assert unknown_slots(hourly(expression="rate(5 minutes)", created=later(-60)), None) == ""
    assert unknown_slots(hourly(expression="rate(5 minutes)", start=later(-60)), None) == ""
