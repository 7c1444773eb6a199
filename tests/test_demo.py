"""The whole story in a process of its own: the real template on the emulated account, real runs, real messages."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CRONMEND = Path(sys.executable).with_name("cronmend")
SECONDS = 900
PUBLISH = "cronmend-jobs/publish-scheduled"
REPORT = "cronmend-jobs/send-report"
PURGE = "cronmend-jobs/purge-revisions"

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def story() -> dict[str, Any]:
    command = [str(CRONMEND), "demo", "--all", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr[-4_000:]
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_the_story_goes_as_it_should(story: dict[str, Any]) -> None:
    assert story["ok"] is True
    assert set(story) == {"runs", "incidents", "messages", "ok"}


def test_its_runs(story: dict[str, Any]) -> None:
    keys = {"job", "task_id", "attempt", "category", "rule", "action", "deploy_signal"}
    assert all(set(run) == keys for run in story["runs"])
    seen = [(run["job"], run["attempt"], run["category"], run["action"]) for run in story["runs"]]
    assert seen == [
        (PUBLISH, 1, "success", "none"),
        (PUBLISH, 1, "deploy_race", "rerun"),
        (PUBLISH, 2, "success", "none"),
        (PUBLISH, 1, "schema_mismatch", "alert"),
        (PUBLISH, 1, "success", "none"),
        (PUBLISH, 1, "deploy_race", "rerun"),
        (PUBLISH, 1, "success", "none"),
        (REPORT, 1, "application_error", "alert"),
        (PUBLISH, 1, "infrastructure", "rerun"),
        (PUBLISH, 2, "success", "none"),
        (PUBLISH, 1, "infrastructure", "rerun"),
        (PUBLISH, 3, "success", "none"),
        (PUBLISH, 1, "infrastructure", "rerun"),
        (PUBLISH, 1, "success", "none"),
        (PUBLISH, 1, "schema_mismatch", "alert"),
        (PUBLISH, 1, "success", "none"),
        (PUBLISH, 1, "deploy_race", "alert"),
        (PUBLISH, 1, "success", "none"),
        (PUBLISH, 1, "deploy_race", "rerun"),
        (PUBLISH, 2, "success", "none"),
        (PUBLISH, 1, "deploy_race", "rerun"),
        (PUBLISH, 2, "success", "none"),
        (PURGE, 2, "success", "none"),
    ]
    races = [run for run in story["runs"] if run["category"] == "deploy_race"]
    assert [run["deploy_signal"] for run in races] == [
        "revision_differs",
        "revision_differs",
        "service_deployment",
        "pipeline_marker",
        "migration_task",
    ]


def test_its_incidents(story: dict[str, Any]) -> None:
    seen = [(each["job"], each["state"], each["runs"], each["alerts"]) for each in story["incidents"]]
    assert seen == [
        (PUBLISH, "healed", 2, 0),
        (PUBLISH, "recovered", 2, 1),
        (PUBLISH, "recovered", 2, 1),
        (REPORT, "alerted", 1, 1),
        (PUBLISH, "healed", 2, 0),
        (PUBLISH, "healed", 2, 0),
        (PUBLISH, "recovered", 2, 1),
        (PUBLISH, "recovered", 2, 1),
        (PUBLISH, "recovered", 2, 1),
        (PUBLISH, "healed", 2, 0),
        (PUBLISH, "healed", 2, 0),
        (PURGE, "healed", 1, 0),
    ]


def test_every_message_reached_both_channels_once(story: dict[str, Any]) -> None:
    def told(channel: str) -> list[tuple[str, str]]:
        return [(each["kind"], each["job"]) for each in story["messages"] if each["channel"] == channel]

    expected = [
        ("healed", PUBLISH),
        ("alert", PUBLISH),
        ("recovered", PUBLISH),
        ("half_done", PUBLISH),
        ("recovered", PUBLISH),
        ("alert", REPORT),
        ("healed", PUBLISH),
        ("healed", PUBLISH),
        ("alert", PUBLISH),
        ("recovered", PUBLISH),
        ("alert", PUBLISH),
        ("recovered", PUBLISH),
        ("half_done", PUBLISH),
        ("recovered", PUBLISH),
        ("healed", PUBLISH),
        ("healed", PUBLISH),
        ("healed", PURGE),
    ]
    assert told("slack") == expected
    assert sorted(told("sns")) == sorted(expected)
