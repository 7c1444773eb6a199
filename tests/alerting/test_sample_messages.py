"""The sample messages and events are what is really written."""

import json
from typing import Any

import pytest

from cronmend.adapters.ledger.outbox import message_of
from cronmend.alerting import render
from tests import ROOT
from tests.sample_messages import messages, published


def sample(name: str) -> Any:
    return json.loads((ROOT / "events" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("alert", ["alert"]),
        ("half_done", ["half_done"]),
        ("healed", ["healed"]),
        ("two_messages", ["half_done", "healed"]),
    ],
)
def test_the_sample_of_the_ledgers_stream_holds_the_message(file: str, names: list[str]) -> None:
    records = sample(f"failure_alert/{file}.json")["Records"]
    assert [message_of(each["dynamodb"]["NewImage"]) for each in records] == [messages()[name] for name in names]


@pytest.mark.parametrize("name", ["alert", "healed"])
def test_the_sample_event_is_the_report_as_published(name: str) -> None:
    assert sample(f"own/{name}.json")["detail"] == json.loads(render.as_json(published(name)))
