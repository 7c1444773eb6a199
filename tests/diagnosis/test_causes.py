"""Logs as programs of many kinds end them: the category, and the line that ended the run."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.test_steps import run


def cases(folder: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (file.stem, case)
        for file in sorted((Path(__file__).parent / folder).glob("*.toml"))
        for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
    ]


CASES = cases("causes")
"""Also wrapped in envelopes, and with lines after the end."""
ENDS = cases("ends")
"""Diagnosed as they are, because there are many."""
AFTERWARDS = {
    "a supervisor": ("2026-11-23T02:01:09.101Z ERROR supervisor: child 24 exited with code 1",),
    "a shell": ("+ rm -rf /tmp/job.Zk31", "exit 1"),
    "a teardown": ("Removing network default", "Stopping container proxy ... done", "real\t0m12.3s"),
    "records of the end": tuple(f"2026-11-23 02:01:1{n} INFO  shutdown: closing pool {n}" for n in range(6)),
    "an uploader": ("Uploading artifacts...", "ERROR: No files to upload", "ERROR: Job failed: exit status 1"),
    "telemetry": ("Sentry is attempting to send 2 pending events", "Waiting up to 2 seconds", "Press Ctrl-C to quit"),
}


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in CASES + ENDS}))
def test_each_log_is_diagnosed_by_its_cause(kind: str) -> None:
    found = {}
    for case in (case for of, case in CASES + ENDS if of == kind):
        diagnosis = run(case["log"], code=case.get("code", 1))
        found[case["log"]] = diagnosis.category, bool(re.search(case.get("line", ""), diagnosis.line))
    assert found == {case["log"]: (case["category"], True) for of, case in CASES + ENDS if of == kind}


@pytest.mark.parametrize("after", AFTERWARDS.values(), ids=AFTERWARDS.keys())
def test_what_is_printed_after_the_end_hides_no_cause(after: tuple[str, ...]) -> None:
    hidden = [case["log"] for of, case in CASES if of == "hidden_causes" and _category(case, after) != case["category"]]
    assert hidden == []


def _category(case: dict[str, Any], after: tuple[str, ...]) -> str:
    return run((*case["log"].strip("\n").split("\n"), *after), code=case.get("code", 1)).category
