"""What a queue delivers again later is delivered on request, but never what a function has now."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from ministack.services import sqs

from local import pollers

LATER = 60.0


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """In the emulator's only queue: one that waits, one that is visible, one that was never delivered."""
    now = time.time()
    waiting: dict[str, Any] = {"receipt_handle": "waiting", "visible_at": now + LATER}
    found: list[dict[str, Any]] = [
        waiting,
        {"receipt_handle": "visible", "visible_at": now - LATER},
        {"visible_at": now + LATER},
    ]
    queues = SimpleNamespace(**{pollers.ALL: lambda: [(("account", "region", "url"), {"messages": found})]})
    monkeypatch.setattr(sqs, pollers.QUEUES_BY_URL, queues)
    return found


def test_what_waits_is_visible_at_once(messages: list[dict[str, Any]]) -> None:
    assert pollers.redeliver() == 2
    assert all(each["visible_at"] <= time.time() for each in messages)
    assert pollers.redeliver() == 0


def test_what_a_function_has_stays_with_it(messages: list[dict[str, Any]]) -> None:
    counts: list[int] = []

    def execute(function: Any, event: Any) -> dict[str, Any]:
        counts.append(pollers.redeliver())
        return {}

    record = {"eventSource": "aws:sqs", "receiptHandle": "waiting"}
    pollers.releasing(execute)(None, {"Records": [record]})
    assert counts == [1]
    assert pollers.redeliver() == 1
