"""What will make a job's next runs fail, each with a case that just isn't one."""

from collections.abc import Sequence
from copy import replace
from datetime import timedelta

import pytest

from cronmend.jobs.foresight import is_near, of_growth, of_revision, pinned
from cronmend.jobs.timetables import of_schedule
from cronmend.jobs.weekly_growth import WEEK
from cronmend.model import Missing
from cronmend.model.timetables import Listed, RecordedRun, Timetable
from tests.fakes import NOW, later
from tests.samples import definition, schedule


def timetable(expression: str = "cron(0 * * * ? *)", revision: int | None = 1, *, enabled: bool = True) -> Timetable:
    live = schedule(revision, expression=expression, enabled=enabled, created=later(-999))
    return of_schedule(live, Listed(live.job, "1"), NOW)


MINUTES = 60
GROWTH = (20, 24, 29, 36, 43)
"""Minutes that the runs of each week took."""


def runs(weeks: Sequence[float], each: int = 3) -> list[RecordedRun]:
    """Some runs in each week, the latest week last."""
    ends = [NOW - (len(weeks) - number - 0.5) * WEEK for number in range(len(weeks))]
    made = [
        (end + timedelta(hours=hour), minutes) for end, minutes in zip(ends, weeks, strict=True) for hour in range(each)
    ]
    return [RecordedRun(end - timedelta(minutes=minutes), "chronos", stopped_at=end) for end, minutes in made]


GROWING = {
    "each week longer": (runs(GROWTH), True),
    "one week wasn't": (runs((20, 24, 23, 36, 43)), False),
    "hardly": (runs((40, 41, 42, 43, 44)), False),
    "too few weeks": (runs(GROWTH[1:]), False),
    "too few runs a week": (runs(GROWTH, each=2), False),
    "shorter": (runs(GROWTH[::-1]), False),
    "one extreme run each week": ([*runs((40,) * 5, each=4), *runs(GROWTH, each=1)], False),
}


@pytest.mark.parametrize("case", GROWING)
def test_runs_that_grow_from_week_to_week_are_found(case: str) -> None:
    made, found = GROWING[case]
    assert (of_growth(timetable(), made, NOW) is not None) is found


def test_the_sentence_says_how_long_and_how_often() -> None:
    found = of_growth(timetable(), runs(GROWTH), NOW)
    assert found
    assert (
        found.sentence == "Its runs take longer each week: 20 min 5 weeks ago, now 43 min, and it starts every 60 min."
    )


@pytest.mark.parametrize(
    ("expression", "minutes", "near"),
    [
        ("cron(0 * * * ? *)", 43, True),
        ("cron(0 * * * ? *)", 41, False),
        ("cron(0 6 * * ? *)", 43, False),
        ("cron(0,50 * * * ? *)", 7, True),
        ("at(2026-06-01T10:00:00)", 43, False),
    ],
)
def test_runs_are_near_the_next_slot_if_they_fill_most_of_the_shortest_gap(
    expression: str, minutes: int, near: bool
) -> None:
    assert is_near(timetable(expression), [minutes * MINUTES] * 5, NOW) is near


def test_a_job_without_a_success_is_near_nothing() -> None:
    assert not is_near(timetable(), [], NOW)


def test_a_deregistered_revision_is_found_with_the_active_one() -> None:
    gone = definition(1)
    found = of_revision(timetable(), gone, definition(2), NOW)
    assert found.sentence == "Its schedule names webapp:1, which was deregistered: no further run can start."
    assert found.remedy.startswith("webapp:2 is active")
    assert found.about == "webapp:1"
    assert of_revision(timetable(), gone, Missing("none"), NOW).remedy.startswith("Register a revision of webapp")


@pytest.mark.parametrize(
    ("table", "is_pinned"),
    [
        (timetable(), True),
        (timetable(revision=None), False),
        (timetable(enabled=False), False),
        (replace(timetable(), task_definition=""), False),
    ],
)
def test_only_a_target_that_names_a_revision_can_lose_it(table: Timetable, is_pinned: bool) -> None:
    assert pinned(table) is is_pinned
