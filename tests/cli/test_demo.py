"""The whole demo in its own process: the real template on the emulated account, real runs, real messages."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.demo.stage import CALENDAR, CHARGE, INDEX, PUBLISH, PURGE, REPORT

CRONMEND = Path(sys.executable).with_name("cronmend")
SECONDS = 900

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def demo() -> dict[str, Any]:
    command = [str(CRONMEND), "demo", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr[-4_000:]
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def by_job(rows: list[Mapping[str, Any]], *keys: str) -> dict[str, list[tuple[Any, ...]]]:
    """In order for each job: runs of two jobs at the same time have no order."""
    jobs = dict.fromkeys(row["job"] for row in rows)
    return {job: [tuple(row[key] for key in keys) for row in rows if row["job"] == job] for job in jobs}


def test_the_demo_succeeds(demo: dict[str, Any]) -> None:
    assert demo["ok"] is True
    assert set(demo) == {"runs", "incidents", "messages", "ok"}


def test_four_deploy_signals_decide_and_six_runs_are_re_runs(demo: dict[str, Any]) -> None:
    races = [run for run in demo["runs"] if run["category"] == "deploy_race"]
    assert {run["deploy_signal"] for run in races} == {
        "revision_differs",
        "service_deployment",
        "pipeline_marker",
        "migration_task",
    }
    again = [run for run in demo["runs"] if run["attempt"] > 1]
    assert by_job(again, "attempt") == {PUBLISH: [(2,), (2,), (2,)], INDEX: [(2,)], CALENDAR: [(3,)], PURGE: [(2,)]}


def test_its_runs(demo: dict[str, Any]) -> None:
    keys = {"job", "task_id", "attempt", "category", "rule", "action", "deploy_signal"}
    assert all(set(run) == keys for run in demo["runs"])
    seen = by_job(demo["runs"], "attempt", "category", "action")
    healed, fixed = (2, "success", "none"), (1, "success", "none")
    assert seen == {
        CALENDAR: [
            *((1, "deploy_race", "rerun"), fixed),
            *((1, "infrastructure", "rerun"), (3, "success", "none")),
            *((1, "never_started", "alert"), fixed),
            *((1, "overdue", "alert"), (1, "cancelled", "none"), fixed),
        ],
        PUBLISH: [
            (1, "success", "none"),
            *((1, "deploy_race", "rerun"), healed),
            *((1, "schema_mismatch", "alert"), fixed),
            *((1, "deploy_race", "rerun"), fixed),
            *((1, "deploy_race", "alert"), fixed),
            *((1, "deploy_race", "rerun"), healed),
            *((1, "deploy_race", "rerun"), healed),
            *((1, "schema_mismatch", "alert"), fixed),
        ],
        CHARGE: [(1, "infrastructure", "alert")],
        PURGE: [
            healed,
            fixed,
            *((1, "infrastructure", "rerun"), fixed),
        ],
        INDEX: [
            *((1, "out_of_memory", "rerun"), healed),
            *((1, "out_of_memory", "rerun"), fixed),
        ],
        REPORT: [(1, "application_error", "alert")],
    }


def test_its_incidents(demo: dict[str, Any]) -> None:
    assert by_job(demo["incidents"], "state", "runs", "alerts") == {
        PUBLISH: [
            ("healed", 2, 0),
            ("recovered", 2, 1),
            ("recovered", 2, 1),
            ("recovered", 2, 1),
            ("healed", 2, 0),
            ("healed", 2, 0),
            ("recovered", 2, 1),
        ],
        CALENDAR: [("recovered", 3, 1), ("recovered", 2, 0), ("healed", 2, 0), ("recovered", 2, 1)],
        CHARGE: [("alerted", 1, 1)],
        PURGE: [("healed", 1, 0), ("recovered", 2, 1)],
        INDEX: [("healed", 2, 0), ("recovered", 2, 0)],
        REPORT: [("alerted", 1, 1)],
    }


def test_every_message_reached_both_channels_once(demo: dict[str, Any]) -> None:
    def received(channel: str) -> dict[str, list[tuple[Any, ...]]]:
        seen = [each for each in demo["messages"] if each["channel"] == channel and each["kind"] != "progress"]
        return by_job(seen, "kind")

    def in_turn(kinds: str) -> list[tuple[str]]:
        return [(kind,) for kind in kinds.split()]

    expected = {
        PUBLISH: in_turn(
            "healed alert recovered half_done recovered half_done recovered healed healed alert recovered"
        ),
        CHARGE: in_turn("alert finding"),
        CALENDAR: in_turn("healed alert recovered alert recovered"),
        PURGE: in_turn("healed finding alert recovered"),
        INDEX: in_turn("healed"),
        REPORT: in_turn("alert"),
        "all jobs": in_turn("circuit"),
    }
    assert received("slack") == expected
    assert {job: sorted(kinds) for job, kinds in received("sns").items()} == {j: sorted(k) for j, k in expected.items()}
