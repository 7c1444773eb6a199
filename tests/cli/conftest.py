"""Every document that a command prints in a test of this room fits its schema."""

from collections.abc import Iterator
from typing import Any

import pytest
from typer._click.globals import get_current_context  # typer has no other way to ask which command runs

from cli import console
from local import detached
from tests import ROOT
from tests.cli.schemas import problems

PLAIN = console.json_text


@pytest.fixture(autouse=True)
def documented(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A key that a command prints and its schema doesn't describe fails the test in which it is printed."""
    found: list[str] = []

    def json_text(document: Any, *, indent: int | None = 2) -> str:
        text = PLAIN(document, indent=indent)
        if context := get_current_context(silent=True):
            found.extend(problems(context.command_path.partition(" ")[2], text))
        return text

    monkeypatch.setattr(console, "json_text", json_text)
    yield
    assert found == []


@pytest.fixture
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in a clone in which no local account runs."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(detached, "status", lambda: None)
