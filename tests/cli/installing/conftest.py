from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.deploying import account, parameters
from cli.deploying.account import Account
from cli.deploying.parameters import Group
from cli.installing import change_set, release
from cli.installing.template import packaged
from cli.main import app
from cli.on_call.stack import Stack
from tests import ROOT
from tests.cli.installing.fake_account import FakeCloudFormation, FakeS3

FOUND = Account("eu-west-2", "111122223333", ("app-prod", "app-test"), unreserved=1000)

type Command = Callable[..., Result]


@cache
def groups() -> tuple[Group, ...]:
    """Read once: that takes half a second."""
    return parameters.read(ROOT / "template.yaml")


@pytest.fixture
def s3() -> FakeS3:
    return FakeS3()


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of a release, with archives that are not."""
    place = tmp_path / "release"
    place.mkdir()
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    (place / "template.yaml").write_text(packaged(template), encoding="utf-8")
    for name in ("functions-arm64.zip", "functions-x86_64.zip"):
        (place / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(release, "PLACE", place)
    return place


@pytest.fixture
def command(packed: Path, s3: FakeS3, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `cronmend` in an account with this CloudFormation."""

    def call(
        cloudformation: FakeCloudFormation, *words: str, typed: str = "", found: Account = FOUND, **clients: Any
    ) -> Result:
        known = {"cloudformation": cloudformation, "s3": s3, **clients}
        monkeypatch.setattr(Stack, "client", lambda _, service: known[service])
        known_groups = groups()
        monkeypatch.setattr(parameters, "read", lambda _: known_groups)
        monkeypatch.setattr(account, "read", lambda *_: found)
        monkeypatch.setattr(change_set, "POLL_SECONDS", 0.0001)
        return CliRunner().invoke(app, words, input=typed)

    return call
