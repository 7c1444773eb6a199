"""No exception of a channel reaches the delivery of others."""

import inspect
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

import cronmend.adapters.channels
from cronmend.adapters.channels.contained import contained
from cronmend.adapters.channels.slack import SlackChannel
from cronmend.errors import Permanent, Retryable
from tests.alerting.render.test_slack_message import REPORT

NAMES = [each.name for each in iter_modules(cronmend.adapters.channels.__path__)]
MODULES = [import_module(f"cronmend.adapters.channels.{name}") for name in NAMES]
CHANNELS = {
    cls for module in MODULES for _, cls in inspect.getmembers(module, inspect.isclass) if hasattr(cls, "groups")
}


class Odd:
    name = "odd"

    def __init__(self, error: Exception) -> None:
        self._error = error

    @contained
    def send(self, report: str, *, thread: str = "") -> str:
        if report == "fails":
            raise self._error
        return f"{report} {thread}"


def test_an_exception_that_no_one_foresaw_is_retryable_and_logged_with_its_stack(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the error nor the log repeats a token."""
    error = UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "in token=xoxb-123456789012-hush")
    with pytest.raises(Retryable, match="odd failed unexpectedly: UnicodeDecodeError") as caught:
        Odd(error).send("fails")
    (entry,) = (vars(each) for each in caplog.records)
    assert (entry["levelname"], entry["msg"], entry["channel"]) == ("ERROR", "Channel failed unexpectedly", "odd")
    assert "in send" in entry["stack"]
    assert "hush" not in f"{entry} {caught.value}"


def test_an_error_of_ours_stays_as_it_is() -> None:
    with pytest.raises(Permanent, match="no"):
        Odd(Permanent("no")).send("fails")


def test_a_call_that_succeeds_returns_its_result() -> None:
    assert Odd(ValueError()).send("report", thread="1.0") == "report 1.0"


def test_every_channel_is_contained() -> None:
    assert {cls.__name__ for cls in CHANNELS} == {"EventsChannel", "SlackChannel", "SnsChannel"}
    methods: list[Any] = [getattr(cls, name) for cls in CHANNELS for name in ("send", "update") if hasattr(cls, name)]
    assert [each.__qualname__ for each in methods if not hasattr(each, "__wrapped__")] == []


def test_an_error_of_the_secrets_is_contained_too() -> None:
    def secret(arn: str) -> str:
        raise KeyError(arn)

    with pytest.raises(Retryable, match="slack failed unexpectedly: KeyError"):
        SlackChannel("slack", "arn", secrets=secret).send(REPORT)
