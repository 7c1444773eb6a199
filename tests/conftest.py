"""No test may reach a real account: credentials are dummies, and variables of the shell are removed."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.adapters.slack_api import SlackApi
from tests.iam.recorder import RECORDER, install
from tests.kept import forget

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


@pytest.fixture(autouse=True)
def permitted() -> Iterator[None]:
    """Whatever a handler calls in a test, its role allows."""
    RECORDER.calls.clear()
    RECORDER.forbidden.clear()
    yield
    assert RECORDER.forbidden == []


@pytest.fixture(autouse=True)
def new_clients() -> None:
    forget()


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
