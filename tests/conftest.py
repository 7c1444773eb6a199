"""No test may reach a real account: credentials are dummies, and variables of the shell are removed."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.adapters.slack_api import SlackApi
from tests.iam.recorder import RECORDER, install

for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-west-2",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "cronmend",
    "POWERTOOLS_METRICS_NAMESPACE": "Cronmend",
}


# No test depends on the clock: a loaded machine may take any time for an example.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


install()

HANDLERS = {
    f"{name}.app"
    for name in (
        *("task_state", "deploy_state", "rerun", "failure_alert", "slack_action", "reconcile"),
        *("job_board", "board_action"),
    )
}


@pytest.fixture(autouse=True)
def permitted() -> Iterator[None]:
    """Whatever a handler calls in a test, its role allows."""
    RECORDER.calls.clear()
    RECORDER.forbidden.clear()
    yield
    assert RECORDER.forbidden == []


@pytest.fixture(autouse=True)
def new_clients() -> None:
    """The functions keep their clients and what uses them, whose addresses and hooks may be those of another test."""
    if loaded := sys.modules.get("cronmend.adapters.aws"):
        loaded.session.cache_clear()
    if loaded := sys.modules.get("cronmend.wiring.shared"):
        loaded.published.cache_clear()
    for handler in HANDLERS & sys.modules.keys():
        for built in vars(sys.modules[handler]).values():
            if hasattr(built, "cache_clear") and not isinstance(built, type):
                built.cache_clear()


@pytest.fixture
def aws() -> Iterator[None]:
    """AWS in this process, by moto."""
    from moto import mock_aws  # noqa: PLC0415 # half a second that most tests need not pay

    with mock_aws():
        yield


@pytest.fixture
def slack_api() -> Iterator[SlackApi]:
    """Slack's Web API, served on this machine."""
    started = SlackApi()
    with started.server:
        yield started
