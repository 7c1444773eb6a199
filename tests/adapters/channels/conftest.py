"""Servers on this machine in Slack's place."""

import threading
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
    thread = threading.Thread(target=started.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield started
    started.server.shutdown()
    started.server.server_close()
    thread.join(5)
