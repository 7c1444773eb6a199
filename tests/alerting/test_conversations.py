"""What a conversation is about, and which of its answers are shown in the channel, too."""

import pytest

from cronmend.alerting.conversations import is_broadcast
from cronmend.model.report import MessageKind

BROADCAST = {MessageKind.GAVE_UP, MessageKind.HALF_DONE, MessageKind.REMINDER, MessageKind.ESCALATION}


@pytest.mark.parametrize("kind", MessageKind)
def test_an_answer_that_asks_for_more_than_the_alert_did_is_shown_in_the_channel_too(kind: MessageKind) -> None:
    assert is_broadcast(kind) is (kind in BROADCAST)
