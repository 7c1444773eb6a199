"""Jobs that start in the same minute, and the proposal that spreads them."""

import json
from collections import Counter
from copy import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from cli.jobs import spread
from cli.jobs.app import jobs_app
from cli.jobs.job import Job
from cli.jobs.spread import Move, as_written, herds, placed, proposal
from cli.jobs.unix_cron import translated
from cronmend.jobs.cron import parse
from cronmend.jobs.policies import JobPolicy

NOW = datetime(2026, 5, 6, 11, 30, 20, tzinfo=UTC)
HOURLY = "cron(0 * * * ? *)"
HEAD = """[defaults]
cluster = "app-prod"
task_definition = "webapp"
container = "web"
subnets = ["subnet-0d0eab1bb38d5ca64"]
"""


def job(name: str, schedule: str = HOURLY, **changes: object) -> Job:
    return replace(Job(name, "g", JobPolicy(), schedule), **changes)  # type: ignore[arg-type] # its fields


def jobs(*schedules: str) -> list[Job]:
    return [job(f"j{number}", each) for number, each in enumerate(schedules)]


def minutes(*known: Job, most: int = 2) -> dict[str, int]:
    return {each.job.name: each.minute for each in proposal(placed(known, NOW), most).moves}


def test_herds_are_the_jobs_that_meet() -> None:
    known = placed([*jobs(HOURLY, HOURLY, "cron(0 7 * * ? *)"), job("off", enabled=False)], NOW)
    (three, two) = herds(known, NOW)
    assert (three.jobs, three.times, three.next) == (("j0", "j1", "j2"), 7, datetime(2026, 5, 7, 7, tzinfo=UTC))
    assert (two.jobs, two.times, two.next) == (("j0", "j1"), 161, datetime(2026, 5, 6, 12, tzinfo=UTC))


def test_zones_meet_in_utc() -> None:
    london = job("london", "cron(0 8 * * ? *)", timezone="Europe/London")
    (herd,) = herds(placed([london, job("utc", "cron(0 7 * * ? *)")], NOW), NOW)
    assert (herd.jobs, herd.times) == (("london", "utc"), 7)


def test_a_herd_is_spread_until_few_enough_meet() -> None:
    known = jobs(*[HOURLY] * 6)
    assert len(minutes(*known)) == 4
    found = proposal(placed(known, NOW), 1)
    assert (len(found.moves), found.most_before, found.most_after) == (5, 6, 1)
    apart = sorted({each.minute for each in found.moves} | {0})
    assert min(later - earlier for earlier, later in pairwise(apart)) >= 3


@pytest.mark.parametrize(
    ("schedule", "changes", "moves"),
    [
        ("cron(0 * * * ? *)", {}, True),
        ("cron(0/15 8-18 ? * MON-FRI *)", {}, True),
        ("cron(0,30 * * * ? *)", {}, True),
        ("cron(0,20 * * * ? *)", {}, False),
        ("cron(0 7 * * ? *)", {}, False),
        ("cron(0 8-18 * * ? *)", {}, False),
        ("cron(0 7 * * ? *)", {"fixed_time": False}, True),
        ("cron(0 * * * ? *)", {"fixed_time": True}, False),
        ("cron(0 * * * ? *)", {"flexible_window": timedelta(minutes=10)}, False),
        ("rate(1 hour)", {"start": datetime(2026, 5, 1, tzinfo=UTC)}, False),
    ],
)
def test_only_a_minute_without_a_meaning_moves(schedule: str, changes: dict[str, object], moves: bool) -> None:
    fixed = [job(f"z{number}", "cron(0/5 * * * ? *)", fixed_time=True) for number in range(2)]
    assert bool(minutes(job("a", schedule, **changes), *fixed)) is moves


def test_a_rate_without_a_start_is_in_no_known_minute() -> None:
    assert placed(jobs("rate(5 minutes)"), NOW) == []


CRONS = st.builds(
    "cron({} {} * * ? *)".format,
    st.sampled_from(["0", "5", "0/15", "0/30", "*/20", "10,40", "*", "0,20"]),
    st.sampled_from(["*", "8-18", "2", "*/6"]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(CRONS, st.sampled_from([None, True, False])), min_size=1, max_size=8), st.integers(1, 3))
def test_a_proposal_never_makes_it_worse_nor_changes_how_often_a_job_runs(
    given_: list[tuple[str, bool | None]], most: int
) -> None:
    known = [job(f"j{number}", each, fixed_time=fixed) for number, (each, fixed) in enumerate(given_)]
    found = proposal(placed(known, NOW), most)
    after = {each.name: each for each in known}
    for move in found.moves:
        assert move.job.fixed_time is not True
        after[move.job.name] = replace(move.job, schedule=translated(spread.moved(move)))
    start = NOW.replace(hour=0, minute=0, second=0)
    for before in known:
        assert _hours(before, start) == _hours(after[before.name], start)
    load = Counter(each for one in placed(after.values(), NOW) for each in one.starts)
    assert max(load.values()) == found.most_after <= found.most_before


def _hours(one: Job, start: datetime) -> Counter[datetime]:
    slots = parse(one.schedule).between(start - timedelta(minutes=1), start + timedelta(days=2, minutes=-1))
    return Counter(each.replace(minute=0) for each in slots)


@pytest.mark.parametrize(
    ("written", "every", "expected"),
    [
        ("cron(0 * * * ? *)", 60, "cron(7 * * * ? *)"),
        ("cron(0/15 8-18 ? * MON-FRI *)", 15, "cron(7/15 8-18 ? * MON-FRI *)"),
        ("0 * * * *", 60, "7 * * * *"),
        ("*/15 2-4 * * 1-5", 15, "7-59/15 2-4 * * 1-5"),
        ("@daily", 60, "cron(7 0 * * ? *)"),
    ],
)
def test_an_expression_keeps_its_form(written: str, every: int, expected: str) -> None:
    found = as_written(written, Move(job("a", translated(written)), 7, every))
    assert found == expected
    assert len(parse(translated(found)).minutes) == 60 // every  # type: ignore[attr-defined] # it is a Cron


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(jobs_app, ["load", *arguments])


def file(folder: Path, *tables: str) -> Path:
    path = folder / "jobs.toml"
    path.write_text("\n".join((HEAD, *tables)), encoding="utf-8")
    return path


THREE = (
    '[jobs.a]\nschedule = "cron(0 * * * ? *)"   # hourly',
    '[jobs.b]\nschedule = "cron(0 * * * ? *)"',
    '[jobs.c]\nschedule = "cron(0 * * * ? *)"\nfixed_time = true',
)


def test_the_proposal_is_a_diff_and_nothing_is_written(tmp_path: Path) -> None:
    path = file(tmp_path, *THREE)
    before = path.read_bytes()
    found = invoke(str(path), "--suggest")
    assert '-schedule = "cron(0 * * * ? *)"   # hourly\n+schedule = "cron(' in found.stdout
    assert found.stdout.count("\n-schedule") == 1
    assert "1 job would move: at most 2 start in one minute, now 3. This is a proposal" in found.stderr
    assert path.read_bytes() == before


def test_what_is_written_is_what_was_proposed_and_then_nothing_is_left(tmp_path: Path) -> None:
    path = file(tmp_path, *THREE)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    proposed = json.loads(invoke(str(path), "--suggest", "--json", "--most", "1").stdout)
    assert invoke(str(path), "--suggest", "--write", "--most", "1").exit_code == 0
    text = path.read_bytes().decode()
    assert all(each["after"] in text for each in proposed["moves"])
    assert text.count("\r\n") == text.count("\n")
    assert "   # hourly" in text
    assert "Nothing to move" in invoke(str(path), "--suggest", "--most", "1").stderr


def test_a_schedule_that_its_line_does_not_show_is_left_to_a_person(tmp_path: Path) -> None:
    several = '[jobs.a]\nschedule = """cron(0 * \\\n  * * ? *)"""'
    path = file(tmp_path, several, *THREE[1:])
    found = invoke(str(path), "--suggest")
    assert "for a yourself." in found.stderr
    assert found.stdout.strip() == ""


def test_the_load_is_shown(tmp_path: Path) -> None:
    path = file(tmp_path, *THREE, '[jobs.d]\nschedule = "rate(5 minutes)"')
    found = invoke(str(path))
    assert "At most 3 jobs start in the same minute." in found.stdout
    assert "Not counted, because they have no start: d." in found.stderr
    assert json.loads(invoke(str(path), "--json").stdout)[0]["jobs"] == ["a", "b", "c"]
    assert invoke(str(file(tmp_path, THREE[0]))).stdout.strip() == "No two jobs start in the same minute."


def test_writing_needs_a_proposal(tmp_path: Path) -> None:
    assert invoke(str(file(tmp_path, *THREE)), "--write").exit_code == 2
