from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from cronmend.jobs.cron import CronError, Mark, parse

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def slots(expression: str, timezone: str = "UTC", after: datetime = NEW_YEAR, count: int = 3) -> list[str]:
    return [slot.at.isoformat() for slot in islice(parse(expression, timezone).after(after), count)]


def mistakes(expression: str, timezone: str = "UTC") -> list[str]:
    with pytest.raises(CronError) as caught:
        parse(expression, timezone)
    return [f"{mistake.field}: {mistake.remedy}" for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("cron(0 0 L * ? *)", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("cron(0 0 ? * L *)", ["2026-01-03", "2026-01-10", "2026-01-17"]),
        ("cron(0 0 ? * 6L *)", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        ("cron(0 0 ? * 3#2 *)", ["2026-01-13", "2026-02-10", "2026-03-10"]),
        ("cron(0 0 ? * 1#5 *)", ["2026-03-29", "2026-05-31", "2026-08-30"]),
        ("cron(0 0 1W * ? *)", ["2026-02-02", "2026-03-02", "2026-04-01"]),
        ("cron(0 0 31W * ? *)", ["2026-01-30", "2026-03-31", "2026-05-29"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("cron(0 0 ? * SUN *)", ["2026-01-04", "2026-01-11", "2026-01-18"]),
        ("cron(0 0 ? * 1 *)", ["2026-01-04", "2026-01-11", "2026-01-18"]),
        ("cron(0 0 ? JAN/6 mon *)", ["2026-01-05", "2026-01-12", "2026-01-19"]),
        ("cron(0 0 1 1 ? 2199)", ["2199-01-01"]),
        ("cron(0 0 30 2 ? *)", []),
        ("cron(0 0 1 1 ? 1970-2025)", []),
        ("cron(0 0 * * ?)", ["2026-01-02", "2026-01-03", "2026-01-04"]),
        ("at(2026-05-06T11:15:00)", ["2026-05-06"]),
        ("at(2025-05-06T11:15:00)", []),
    ],
)
def test_days_that_an_expression_means(expression: str, days: list[str]) -> None:
    assert [slot[:10] for slot in slots(expression)] == days


def test_a_local_time_that_does_not_exist_is_skipped_that_day() -> None:
    saturday = datetime(2026, 3, 28, 12, tzinfo=UTC)
    nightly = parse("cron(30 1 * * ? *)", "Europe/London")
    assert nightly.next(saturday) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)
    marked = [(slot.at.day, slot.mark) for slot in islice(nightly.after(saturday, skipped=True), 2)]
    assert marked == [(29, Mark.GAP), (30, Mark.NORMAL)]


def test_a_repeated_local_time_fires_only_before_the_shift() -> None:
    saturday = datetime(2026, 10, 24, 12, tzinfo=UTC)
    nightly = parse("cron(30 1 * * ? *)", "Europe/London")
    found = list(islice(nightly.after(saturday), 2))
    assert [slot.at.isoformat() for slot in found] == ["2026-10-25T01:30:00+01:00", "2026-10-26T01:30:00+00:00"]
    assert [slot.mark for slot in found] == [Mark.OVERLAP, Mark.NORMAL]


def test_between_the_two_occurrences_of_an_hour_the_next_slot_is_after_it() -> None:
    second_half_past_one = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert slots("cron(45 * * * ? *)", "Europe/London", second_half_past_one, 1) == ["2026-10-25T02:45:00+00:00"]


def test_a_rate_counts_from_its_start_in_whole_days_whatever_the_clocks_do() -> None:
    start = datetime(2026, 10, 24, 1, 30, tzinfo=UTC)
    daily = parse("rate(1 day)", "Europe/London", start=start, end=start + timedelta(days=2))
    assert [slot.at.isoformat() for slot in daily.after(NEW_YEAR)] == [
        "2026-10-24T02:30:00+01:00",
        "2026-10-25T01:30:00+00:00",
        "2026-10-26T01:30:00+00:00",
    ]


def test_a_rate_without_a_start_asks_for_one() -> None:
    with pytest.raises(CronError, match="creation date"):
        parse("rate(5 minutes)").next(NEW_YEAR)


def test_start_and_end_bound_a_cron_and_not_an_at() -> None:
    start, end = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)
    assert len(list(parse("cron(0 0 * * ? *)", start=start, end=end).after(NEW_YEAR))) == 2
    assert parse("at(2026-05-06T11:15:00)", start=start, end=end).next(NEW_YEAR)


def test_between_takes_the_later_end_and_leaves_the_earlier() -> None:
    hourly, noon = parse("cron(0 * * * ? *)"), NEW_YEAR.replace(hour=12)
    assert list(hourly.between(noon, noon + timedelta(hours=2))) == [noon + timedelta(hours=n) for n in (1, 2)]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        parse("cron(0 * * * ? *)").next(NEW_YEAR.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("expression", "canonical"),
    [
        (" cron( 0  9 ? * mon-fri ) ", "cron(0 9 ? * MON-FRI *)"),
        ("rate(1 hours)", "rate(1 hour)"),
        ("rate(05 minute)", "rate(5 minutes)"),
        ("AT(2026-05-06T11:15:00)", "at(2026-05-06T11:15:00)"),
    ],
)
def test_the_canonical_form(expression: str, canonical: str) -> None:
    assert parse(expression).expression == canonical
    assert parse(canonical).expression == canonical


@pytest.mark.parametrize(
    ("good", "bad", "remedy"),
    [
        ("cron(0-59 0 * * ? *)", "cron(60 0 * * ? *)", "minutes: write 0-59"),
        ("cron(0 23 * * ? *)", "cron(0 24 * * ? *)", "hours: write 0-23 (midnight is 0)"),
        ("cron(0 0 1,31 * ? *)", "cron(0 0 32 * ? *)", "day-of-month: write 1-31 (the last day of a month is L)"),
        ("cron(0 0 1 * ? *)", "cron(0 0 0 * ? *)", "day-of-month: write 1-31 (the last day of a month is L)"),
        ("cron(0 0 * 1-12 ? *)", "cron(0 0 * 13 ? *)", "month: write 1-12 or JAN-DEC"),
        ("cron(0 0 ? * 7 *)", "cron(0 0 ? * 0 *)", "day-of-week: write 1-7 or SUN-SAT (Sunday is 1)"),
        ("cron(0 0 ? * SAT *)", "cron(0 0 ? * 8 *)", "day-of-week: write 1-7 or SUN-SAT (Sunday is 1)"),
        ("cron(0 0 * * ? 1970)", "cron(0 0 * * ? 1969)", "year: write 1970-2199"),
        ("cron(0 0 * * ? 2199)", "cron(0 0 * * ? 2200)", "year: write 1970-2199"),
        ("cron(0/59 0 * * ? *)", "cron(0/60 0 * * ? *)", "minutes: write a step from 1 to 59; for a longer interval"),
        ("cron(0 0 * * ? 2026-2028)", "cron(0 0 * * ? 2028-2026)", "year: write the earlier year first"),
        ("cron(0 12 * * ? *)", "0 12 * * ? *", "schedule: put cron( ) around it: cron(0 12 * * ? *)"),
        ("rate(5 minutes)", "5 minutes", "schedule: put rate( ) around it: rate(5 minutes)"),
        ("cron(0/5 0 * * ? *)", "cron(/5 0 * * ? *)", "minutes: write 0/5"),
        ("cron(0 0 L * ? *)", "cron(0 0 LW * ? *)", "day-of-month: write L alone"),
        ("cron(0 0 15W * ? *)", "cron(0 0 1,15W * ? *)", "day-of-month: write L alone"),
        ("cron(0 0 ? * 6L *)", "cron(0 0 ? * 2,6L *)", "day-of-week: write one day followed by L"),
        ("cron(0 0 ? * 3#5 *)", "cron(0 0 ? * 3#6 *)", "day-of-week: write one day, # and 1-5"),
        ("cron(0 0 ? * 3#1 *)", "cron(0 0 ? * 3#1,5#2 *)", "day-of-week: write one day, # and 1-5"),
        ("cron(0 0 * * ? *)", "cron(0 0 * * * *)", "day-of-month and day-of-week: write ? for the one"),
        ("cron(0 0 ? * * *)", "cron(0 0 ? * ? *)", "day-of-month and day-of-week: write * in one"),
        ("cron(* 0 ? * * *)", "cron(? 0 ? * * *)", "minutes: write * here"),
        ("cron(0,1 0 ? * * *)", "cron(0, 0 ? * * *)", "minutes: remove the extra comma"),
        ("cron(0 0 ? * * *)", "cron(0 0 ? *)", "cron: write cron(minutes hours"),
        ("rate(1 minute)", "rate(0 minutes)", "rate: write 1 or more"),
        ("rate(1 minute)", "rate(30 seconds)", "rate: write a whole number"),
        ("rate(83950 days)", "rate(83951 days)", "rate: write 1 or more"),
        ("at(2028-02-29T00:00:00)", "at(2026-02-29T00:00:00)", "at: write at(yyyy-mm-ddThh:mm:ss)"),
        ("at(2026-05-06T11:15:00)", "at(2026-05-06T11:15:00Z)", "at: write at(yyyy-mm-ddThh:mm:ss)"),
        ("cron(0 0 ? * * *)", "0 0 * * *", "schedule: write cron(minutes hours"),
    ],
)
def test_both_sides_of_every_limit(good: str, bad: str, remedy: str) -> None:
    parse(good)
    assert any(found.startswith(remedy) for found in mistakes(bad)), mistakes(bad)


def test_all_mistakes_are_reported_at_once() -> None:
    assert len(mistakes("cron(60 24 32 13 ? 1969)", "Europe/Londn")) == 6


def test_a_misspelled_time_zone() -> None:
    assert mistakes("rate(1 day)", "Europe/Londn") == ["timezone: write Europe/London"]
    assert mistakes("rate(1 day)", "../etc/passwd") == ["timezone: write an IANA name such as Europe/London"]


def test_an_at_that_the_clocks_skip_is_reported() -> None:
    assert mistakes("at(2026-03-29T01:30:00)", "Europe/London") == ["at: write at(2026-03-29T02:30:00)"]


def test_an_expression_longer_than_aws_allows() -> None:
    longest = "cron(" + ",".join(["10"] * 80) + " 0 * * ? *)"
    assert len(longest) == 255
    assert parse(longest + " ").next(NEW_YEAR)
    assert any("shorten" in each for each in mistakes(longest + "  "))


ANY_TEXT = st.text(alphabet="cronateL#W?*-,/() 0123456789MONFRI", max_size=40)
DAYS = st.tuples(st.sampled_from(("*", "1", "15W", "L", "2-9", "32")), st.just("?")) | st.tuples(
    st.just("?"), st.sampled_from(("*", "MON", "6L", "3#2", "2-6", "8"))
)
CRON = st.builds(
    lambda minute, hour, days, month: f"cron({minute} {hour} {days[0]} {month} {days[1]} *)",
    st.sampled_from(("*", "0", "0/7", "5,35", "10-20", "60")),
    st.sampled_from(("*", "3", "0/6", "8-17", "24")),
    DAYS,
    st.sampled_from(("*", "2", "JAN-MAR", "1/3", "13")),
)
RATE = st.builds(lambda count: f"rate({count} minutes)", st.integers(0, 90))


@given(ANY_TEXT | CRON | RATE)
def test_any_text_is_an_expression_or_a_mistake(text: str) -> None:
    try:
        parse(text, start=NEW_YEAR)
    except CronError as error:
        assert error.mistakes


@given(CRON | RATE)
def test_a_canonical_expression_parses_as_itself_and_its_next_slot_is_later(text: str) -> None:
    """Hypothesis fails the test if too few of the texts are expressions."""
    try:
        schedule = parse(text, start=NEW_YEAR)
    except CronError:
        reject()
    assert parse(schedule.expression).expression == schedule.expression
    found = schedule.next(NEW_YEAR)
    assert found is not None
    assert found > NEW_YEAR


ZONES = st.timezones().filter(lambda zone: "/" in zone.key and not zone.key.startswith(("posix/", "right/")))


@given(st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1), timezones=ZONES))  # noqa: DTZ001 - bounds
def test_slots_increase_and_come_after_the_given_time(moment: datetime) -> None:
    found = list(islice(parse("cron(0/20 0-3 * * ? *)", str(moment.tzinfo)).after(moment), 30))
    instants = [moment.astimezone(UTC), *(slot.at.astimezone(UTC) for slot in found)]
    assert all(earlier < later for earlier, later in pairwise(instants))


@pytest.mark.parametrize(
    ("wrapped", "listed"),
    [
        ("cron(0/30 20-2 ? * MON-FRI *)", "cron(0/30 0-2,20-23 ? * MON-FRI *)"),
        ("cron(50-10/5 0 * * ? *)", "cron(0,5,10,50,55 0 * * ? *)"),
        ("cron(0 22-4/3 * * ? *)", "cron(0 1,4,22 * * ? *)"),
        ("cron(0 6 ? * SAT-SUN *)", "cron(0 6 ? * 1,7 *)"),
        ("cron(0 6 ? * FRI-2 *)", "cron(0 6 ? * 6,7,1,2 *)"),
        ("cron(0 6 28-3 * ? *)", "cron(0 6 28,29,30,31,1,2,3 * ? *)"),
        ("cron(0 6 1 NOV-FEB ? *)", "cron(0 6 1 11,12,1,2 ? *)"),
    ],
)
def test_a_range_past_a_fields_end_continues_at_its_start(wrapped: str, listed: str) -> None:
    first, second = (islice(parse(each).after(datetime(2026, 5, 6, tzinfo=UTC)), 200) for each in (wrapped, listed))
    assert [slot.at for slot in first] == [slot.at for slot in second]
