"""`cronmend remove`: schedules are enabled before what could enable them is gone."""

from typing import Any

import pytest
import typer

from cli.installing import remove
from cli.on_call.stack import Stack
from tests.cli.installing.conftest import Command
from tests.cli.installing.fake_account import FakeCloudFormation, end


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens before the deletion."""
    happened: list[str] = []
    monkeypatch.setattr(Stack, "set_mode", lambda _, mode: happened.append(f"mode {mode}"))
    monkeypatch.setattr("cli.installing.remove.sleep", lambda seconds: happened.append(f"{seconds} s"))

    def release(**options: Any) -> None:
        assert options["everything"]
        happened.append(f"released {options['stack_name']}")

    monkeypatch.setattr(remove, "release", release)
    return happened


def stack(status: str = "CREATE_COMPLETE") -> FakeCloudFormation:
    return FakeCloudFormation(status, outputs={"LedgerTable": "cronmend-Ledger-1"}, then=[[end("DELETE_COMPLETE")]])


def test_holds_are_released_before_the_stack_is_deleted_and_the_ledger_is_named(
    command: Command, order: list[str]
) -> None:
    fake = stack()
    done = command(fake, "remove", typed="y\n")
    assert done.exit_code == 0, done.output
    assert (order, fake.done) == (["mode off", "15 s", "released cronmend"], ["deleted"])
    assert "aws dynamodb delete-table --table-name cronmend-Ledger-1" in done.output


def test_a_no_changes_nothing(command: Command, order: list[str]) -> None:
    fake = stack()
    assert command(fake, "remove", typed="\n").exit_code == 1
    assert (order, fake.done) == ([], [])


def test_a_schedule_that_is_still_held_keeps_the_stack(
    command: Command, order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def release(**_: Any) -> None:
        raise typer.Exit(1)

    monkeypatch.setattr(remove, "release", release)
    fake = stack()
    assert command(fake, "remove", "--yes").exit_code == 1
    assert fake.done == []


def test_schedules_of_the_stack_are_named_before_they_go(command: Command, order: list[str]) -> None:
    fake = stack()
    fake.parameters = {"DeploySchedules": "true"}
    asked = "The schedules of jobs.toml, waiting re-runs and held alerts are lost."
    assert asked in command(fake, "remove", typed="\n").output
    fake.parameters = {"DeploySchedules": "false"}
    assert "? Waiting re-runs and held alerts are lost." in command(fake, "remove", typed="\n").output


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"])
def test_a_stack_that_was_never_there_holds_nothing(status: str, command: Command, order: list[str]) -> None:
    fake = stack(status)
    assert command(fake, "remove", "--yes").exit_code == 0
    assert (order, fake.done) == ([], ["deleted"])
