from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cronmend.alerting.quiet_hours import QuietHours, first_showing

MINUTE = timedelta(minutes=1)
BEFORE, AFTER = timedelta(days=5), timedelta(days=12)
CHANGES = {
    "Europe/London": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),
    "America/Santiago": ("2026-04-05T03:00", "2026-09-06T04:00"),
    "America/St_Johns": ("2010-03-14T03:31", "2010-11-07T02:31"),
    "Pacific/Apia": ("2011-12-30T10:00",),
    "Asia/Kolkata": ("2026-01-01T00:00",),
}
"""When the clocks of a zone change, in UTC: by an hour, by half of one, over midnight, over a whole day, never."""
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from((0, 1, 15, 30, 59)))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@cache
def furthest(zone: str, change: datetime) -> list[datetime]:
    """The furthest that the clocks of a zone have come by each minute around a change of theirs."""
    found, local, minute = [datetime(1, 1, 1)], ZoneInfo(zone), change - BEFORE  # noqa: DTZ001 - what a clock shows
    while minute < change + AFTER:
        found.append(max(found[-1], minute.astimezone(local).replace(tzinfo=None)))
        minute += MINUTE
    return found[1:]


def is_quiet(hours: QuietHours, wall: datetime) -> bool:
    """By the clocks alone: whether a day's quiet hours were reached, and their end was not."""
    nights = timedelta(days=0 if hours.start < hours.end else 1)
    days = (wall.date() - timedelta(days=1), wall.date())
    return any(
        datetime.combine(day, hours.start) <= wall < datetime.combine(day + nights, hours.end)
        for day in days
        if day.weekday() in hours.days
    )


def walked(hours: QuietHours, change: datetime, now: datetime) -> datetime | None:
    clocks = furthest(hours.timezone, change)
    start = int((now - change + BEFORE) / MINUTE)
    if not is_quiet(hours, clocks[start]):
        return None
    return now + MINUTE * next(n for n, wall in enumerate(clocks[start:]) if not is_quiet(hours, wall))


@st.composite
def moments(draw: st.DrawFn) -> tuple[QuietHours, datetime, datetime]:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = utc(draw(st.sampled_from(CHANGES[zone])))
    start, end = draw(CLOCKS), draw(CLOCKS)
    days = draw(st.frozensets(st.integers(0, 6), max_size=6 if start == end else 7))
    now = change + MINUTE * draw(st.integers(-2000, 2000) | st.integers(-90, 90))
    return QuietHours(start, end, zone, days), change, now


@settings(deadline=None)  # the first example of a zone walks its minutes
@given(moments())
def test_quiet_hours_end_when_somebody_who_watches_the_clocks_says_so(
    drawn: tuple[QuietHours, datetime, datetime],
) -> None:
    hours, change, now = drawn
    assert hours.until(now) == walked(hours, change, now)


NIGHT = QuietHours(time(22), time(7), "Europe/London")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-01-14T21:59:59", None),
        ("2026-01-14T22:00:00", "2026-01-15T07:00:00"),
        ("2026-01-15T06:59:59", "2026-01-15T07:00:00"),
        ("2026-01-15T07:00:00", None),
        ("2026-03-28T23:00:00", "2026-03-29T06:00:00"),  # the night of the clocks going forward
        ("2026-10-24T22:00:00", "2026-10-25T07:00:00"),  # and back
    ],
)
def test_a_night_in_london(now: str, until: str | None) -> None:
    assert NIGHT.until(utc(now)) == (utc(until) if until else None)


def test_a_night_that_began_at_midnight_goes_on_if_the_clocks_then_show_the_day_before() -> None:
    """In St. John's they went back from a minute past midnight."""
    night = QuietHours(time(0), time(7), "America/St_Johns", frozenset({6}))
    assert night.until(utc("2010-11-07T02:45:00")) == utc("2010-11-07T10:30:00")


def test_the_days_are_those_on_which_the_night_begins() -> None:
    weekdays = QuietHours(time(22), time(7), "UTC", frozenset(range(5)))
    assert weekdays.until(utc("2026-01-16T23:00:00")) == utc("2026-01-17T07:00:00")  # Friday
    assert weekdays.until(utc("2026-01-17T23:00:00")) is None
    assert weekdays.until(utc("2026-01-19T01:00:00")) is None  # the night to Monday began on Sunday


def test_whole_days_beside_each_other_are_one() -> None:
    weekend = QuietHours(time(), time(), "UTC", frozenset({5, 6}))
    assert weekend.until(utc("2026-01-17T00:00:00")) == utc("2026-01-19T00:00:00")
    assert weekend.until(utc("2026-01-16T23:59:59")) is None


def test_quiet_hours_without_end_end_all_the_same() -> None:
    until = QuietHours(time(), time()).until(utc("2026-01-14T12:00:00"))
    assert until == utc("2026-01-22T00:00:00")


@pytest.mark.parametrize(
    ("wall", "shown"),
    [
        ("2026-03-29T01:30:00", "2026-03-29T01:00:00"),  # the clocks leap from 1:00 to 2:00
        ("2026-10-25T01:30:00", "2026-10-25T00:30:00"),  # shown twice
        ("2026-07-01T09:00:00", "2026-07-01T08:00:00"),
    ],
)
def test_a_time_that_the_clocks_leap_over_is_the_moment_of_the_leap(wall: str, shown: str) -> None:
    assert first_showing(datetime.fromisoformat(wall), ZoneInfo("Europe/London")) == utc(shown)
