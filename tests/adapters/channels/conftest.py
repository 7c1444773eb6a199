"""Servers on this machine in Slack's place."""

from collections.abc import Iterator

import pytest

from local.slack import SlackReceiver
from tests.adapters.channels.slack_channels import Receiver


@pytest.fixture
def slack() -> Iterator[SlackReceiver]:
    with SlackReceiver() as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    started = Receiver()
    with started.server:
        yield started
