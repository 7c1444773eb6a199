"""Heroku Scheduler's jobs: what its dashboard shows, as text or as the JSON that the page loads."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.jobs.app import jobs_app
from cli.jobs.importers.imported import Imported, from_file
from cli.jobs.importers.kinds import Kind, kind_of
from cronmend.errors import Permanent
from tests.cli.jobs.samples import findings, parsed

PAGE = """
Heroku Scheduler
Add Job
Job\tDyno Size\tFrequency\tLast Run\tNext Due
$ rake update_feed\tStandard-1X\tEvery 10 minutes\tNovember 28, 2026 12:20 PM UTC\tin 5 minutes
$ rake send_reminders["all staff"]\tBasic\tEvery day at 12:30 AM UTC\tNever\tNov 29, 2026 12:30 AM UTC
$ cd app && ./cleanup.sh\tPerformance-L-RAM\tEvery hour at :30\t2 hours ago\tNov 28
"""
BLOCKS = """
rake update_feed
Standard-1X
Every 10 minutes
Last run: never
Next due: Nov 28, 12:30 PM UTC
rake nightly
Hobby
Daily at 12:05 PM UTC
"""
BY_HAND = """
Every day at 2:00 AM UTC  rake cleanup
Hourly at :05: worker
rake nightly Standard-2X Daily at 0:10
"""


def document(*attributes: dict[str, Any]) -> str:
    return json.dumps({"data": [{"id": "1", "type": "jobs", "attributes": each} for each in attributes]})


LOADED = document(
    {"command": "rake a", "every": 10, "at": 0, "dyno-size": "Eco", "ran-at": "2026-11-28T12:20:00Z"},
    {"command": "rake b", "every": 60, "at": 20, "dyno-size": "", "owner": "ann"},
    {"command": "rake c", "every": 1440, "at": 150},
)


def imported(text: str) -> Imported:
    assert kind_of(text) is Kind.HEROKU
    return from_file(text, Kind.HEROKU)


def schedules(text: str) -> dict[str, tuple[str, list[str]]]:
    jobs = parsed(imported(text).text)["jobs"]
    return {name: (each.get("schedule", ""), each["command"]) for name, each in jobs.items()}


def test_the_table_of_the_page_is_copied_whole() -> None:
    assert schedules(PAGE) == {
        "rake-update-feed": ("cron(*/10 * * * ? *)", ["rake", "update_feed"]),
        "rake-send-reminders-all": ("cron(30 0 * * ? *)", ["rake", "send_reminders[all staff]"]),
        "app-cleanup-sh": ("cron(30 * * * ? *)", ["sh", "-c", "cd app && ./cleanup.sh"]),
    }
    notes = imported(PAGE).notes
    for size, job in (("Standard-1X", "rake-update-feed"), ("Performance-L-RAM", "app-cleanup-sh")):
        assert f"{job}: the dyno size {size} isn't converted; the task definition decides, or cpu and memory" in notes
    assert any("config vars" in each for each in notes)


def test_a_cell_may_be_a_line_of_its_own() -> None:
    assert schedules(BLOCKS) == {
        "rake-update-feed": ("cron(*/10 * * * ? *)", ["rake", "update_feed"]),
        "rake-nightly": ("cron(5 12 * * ? *)", ["rake", "nightly"]),
    }
    assert [each for each in imported(BLOCKS).notes if "dyno" in each and each.startswith("rake-nightly: ")] == [
        "rake-nightly: the dyno size Hobby isn't converted; the task definition decides, or cpu and memory"
    ]


def test_a_line_that_a_person_writes_has_both_in_any_order() -> None:
    assert schedules(BY_HAND) == {
        "rake-cleanup": ("cron(0 2 * * ? *)", ["rake", "cleanup"]),
        "worker": ("cron(5 * * * ? *)", ["worker"]),
        "rake-nightly": ("cron(10 0 * * ? *)", ["rake", "nightly"]),
    }
    assert "worker: if worker is a process type of the Procfile, write its command" in imported(BY_HAND).notes


def test_what_the_page_loads_is_read_too() -> None:
    assert schedules(LOADED) == {
        "rake-a": ("cron(*/10 * * * ? *)", ["rake", "a"]),
        "rake-b": ("cron(20 * * * ? *)", ["rake", "b"]),
        "rake-c": ("cron(30 2 * * ? *)", ["rake", "c"]),
    }
    notes = imported(LOADED).notes
    assert "rake-b: owner of the job isn't converted" in notes
    assert not any("ran-at" in each for each in notes)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("rake a\tHourly\n", "rake-a: 'Hourly' doesn't say at what minute; add schedule"),
        ("rake a\tEvery hour at :75\n", "rake-a: its time isn't converted"),
        (document({"command": "rake a", "every": 30, "at": 0}), "rake-a: every 30 isn't 10, 60 or 1440 minutes"),
        (document({"command": "rake a", "every": [], "at": 0}), "rake-a: every [] isn't 10, 60 or 1440 minutes"),
        (document({"command": "rake a", "every": 60, "at": "5"}), "rake-a: at '5' isn't a minute from 0 to 59"),
        (document({"command": "rake a", "every": 60, "at": -5}), "rake-a: at -5 isn't a minute from 0 to 59"),
        (document({"command": "rake a", "every": 1440, "at": 1440}), "rake-a: at 1440 isn't a minute from 0 to 1439"),
    ],
)
def test_a_time_that_is_not_known_is_named_and_left_out(text: str, note: str) -> None:
    assert schedules(text) == {"rake-a": ("", ["rake", "a"])}
    assert any(each.startswith(note) for each in imported(text).notes)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Every hour at :30\trake a\nmy-app\nEvery hour at :20\trake b\n", "line 2: 'my-app' has no time"),
        ("rake a\tEvery hour at :30\nEvery 10 minutes\n", "line 2: 'Every 10 minutes' has no command"),
        ("rake a\nEvery hour at :30\nEvery 10 minutes\nrake b\n", "line 3: 'Every 10 minutes' has no command"),
    ],
)
def test_a_command_never_gets_the_time_of_another(text: str, problem: str) -> None:
    assert kind_of(text) is Kind.HEROKU
    with pytest.raises(Permanent) as caught:
        from_file(text, Kind.HEROKU)
    assert str(caught.value).startswith(problem)


FOREIGN = {
    "web: gunicorn app\nrelease: ./migrate\nclock: python clock.py\n": "a Procfile",
    '{"name": "shop", "addons": ["heroku-postgresql", "scheduler:standard"]}': "an app.json",
}


@pytest.mark.parametrize("text", FOREIGN)
def test_a_file_of_heroku_without_jobs_says_where_they_are(text: str, tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="heroku addons:open scheduler") as caught:
        kind_of(text)
    assert FOREIGN[text] in str(caught.value)


def test_a_text_about_schedules_is_not_one_of_heroku() -> None:
    text = "Backups\nThey are made every night.\nEvery 10 minutes\nthey are read.\nThen all go home.\nThat is all.\n"
    with pytest.raises(Permanent, match="none of these"):
        kind_of(text)


def test_a_job_without_a_command_is_none_of_heroku() -> None:
    with pytest.raises(Permanent, match="none of these"):
        kind_of(document({"command": None, "every": 10, "at": 0}))


def test_half_a_character_in_a_command_writes_no_file(tmp_path: Path) -> None:
    source, made = tmp_path / "scheduler.json", tmp_path / "jobs.toml"
    source.write_text(document({"command": "rake \ud800", "every": 10, "at": 0}), encoding="utf-8")
    done = CliRunner().invoke(jobs_app, ["import", str(source), "--out", str(made)])
    assert (done.exit_code, made.exists()) == (1, False)
    assert "would not be UTF-8" in " ".join(done.stderr.split())


def test_with_its_place_the_file_has_no_mistakes(tmp_path: Path) -> None:
    source = tmp_path / "scheduler.txt"
    source.write_text(PAGE, encoding="utf-8")
    done = CliRunner().invoke(jobs_app, ["import", str(source)])
    assert "is read as jobs of Heroku Scheduler" in done.stderr
    place = 'cluster = "a"\ntask_definition = "shop"\ncontainer = "web"\nsubnets = ["subnet-1"]\n'
    assert findings(f"[defaults]\n{place}{done.stdout}") == []
