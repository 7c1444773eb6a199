"""Kinds of failures, with a deploy and without one: messages of many tools, each diagnosed like its kind."""

import tomllib
from pathlib import Path

import pytest

from cronmend.model import WindowState
from tests.diagnosis.test_steps import run

CASES = [
    (file.stem, case["closed"], case["open"], log)
    for file in sorted((Path(__file__).parent / "kinds").glob("*.toml"))
    for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
    for log in case["logs"]
]


@pytest.mark.parametrize("kind", sorted({kind for kind, *_ in CASES}))
def test_each_message_is_of_its_kind(kind: str) -> None:
    """Pairs of categories: without a deploy, and with one in progress."""
    expected = {log: (closed, in_deploy) for of, closed, in_deploy, log in CASES if of == kind}
    found = {log: (run(log).category, run(log, window=WindowState.OPEN).category) for log in expected}
    assert found == expected
