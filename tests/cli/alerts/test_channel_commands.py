"""`cronmend alert channels` and `canary`, against a stack in moto."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.on_call.stack import Stack
from cronmend import answers
from cronmend.adapters.ledger.channel_health import DynamoChannelHealth
from tests.adapters.ledger.test_ledger import table
from tests.fakes import later

RUN = CliRunner()


@pytest.fixture
def health(aws: None, monkeypatch: pytest.MonkeyPatch) -> DynamoChannelHealth:
    table()
    monkeypatch.setattr(Stack, "outputs", {"LedgerTable": "ledger"})
    return DynamoChannelHealth("ledger")


def test_a_channel_that_works(health: DynamoChannelHealth) -> None:
    health.failed("slack", later(0), "503")
    health.accepted({"slack": later(1)})
    result = RUN.invoke(app, ["alert", "channels", "--json"])
    assert result.exit_code == 0
    (found,) = json.loads(result.output)
    assert (found["channel"], found["works"], found["delivered_at"]) == ("slack", True, later(1).isoformat())


def test_a_channel_whose_last_try_failed_is_the_exit_code(health: DynamoChannelHealth) -> None:
    health.accepted({"sns": datetime.now(UTC)})
    health.failed("slack", datetime.now(UTC), "channel_not_found")
    result = RUN.invoke(app, ["alert", "channels"], env={"COLUMNS": "200"})
    assert result.exit_code == 1
    assert "channel_not_found" in result.output
    assert "never" in result.output


def test_before_the_first_message_it_names_the_test_command(health: DynamoChannelHealth) -> None:
    result = RUN.invoke(app, ["alert", "channels"])
    assert result.exit_code == 0
    assert "cronmend alert canary" in result.output


@pytest.mark.parametrize(
    ("errors", "code"),
    [({"slack": "", "sns": ""}, 0), ({"slack": "invalid_token", "sns": ""}, 1), ({}, 1)],
)
def test_the_canary_shows_the_result_of_each_channel(
    monkeypatch: pytest.MonkeyPatch, errors: dict[str, str], code: int
) -> None:
    payloads: list[Mapping[str, Any]] = []

    def answer(self: Stack, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        payloads.append(payload)
        return answers.of_canary(errors)

    monkeypatch.setattr(Stack, "ask_failure_alert", answer)
    outcomes = {name: error or "delivered" for name, error in errors.items()}
    result = RUN.invoke(app, ["alert", "canary"])
    assert result.exit_code == code
    assert all(f"{name}: {outcome}" in result.output for name, outcome in outcomes.items())
    as_json = RUN.invoke(app, ["alert", "canary", "--json"])
    assert (as_json.exit_code, json.loads(as_json.output)) == (code, outcomes)
    assert payloads == [{"kind": "canary"}] * 2
