"""Why a failure that would have passed wasn't re-run."""

from typing import Any

import pytest

from simulation.reasons import UNEXPLAINED, why_false, why_missed
from simulation.sight import Sight
from tests.simulation.test_checker import JOB, entry, run, world

FAILED = run("a", 100, 200, "dependency")


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([], UNEXPLAINED),
        ([entry(150, "mode", mode="off")], "the mode wasn't heal"),
        ([entry(150, "schedule", job=JOB, by="people", state=None)], "its schedule was disabled or deleted"),
        ([entry(150, "fault", name="log/a")], "its log couldn't be read"),
        ([entry(150, "outage", service="ecs", start=300.0, end=400.0)], "a service was away"),
        (run("b", 150, 400, "success"), "another run of the job was active"),
        (run("b", 900, 950, "bug"), "the next scheduled run came first"),
        (run("b", 9000, 9100, "success", by="cronmend"), "the deploy, or the cause, lasted for longer than an hour"),
    ],
)
def test_the_first_reason_that_applies_is_given(entries: list[dict[str, Any]], reason: str) -> None:
    sight = Sight(world(*FAILED, *entries))
    assert why_missed(sight, sight.runs["a"]) == reason


def test_a_rerun_after_a_failure_that_does_not_pass_has_a_reason_too() -> None:
    sight = Sight(world(*FAILED, *run("r", 150, 300, "success", by="cronmend")))
    assert why_false(sight.runs["a"], sight.runs["r"]) == "it wasn't on record yet"
