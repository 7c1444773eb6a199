"""Slack's signatures, in addition to the samples in events/slack_action."""

from datetime import timedelta

import pytest

from cronmend.adapters.slack_signatures import SlackSignatures
from cronmend.errors import Permanent
from cronmend.incoming.slack_requests import Signed
from tests.clicks import SIGNING, signature
from tests.fakes import NOW


def test_a_signing_secret_may_end_in_a_line_break_but_not_be_empty() -> None:
    timestamp = str(int(NOW.timestamp()))
    request = Signed("body", timestamp, signature("body", timestamp))
    assert SlackSignatures("arn", lambda arn: f"{SIGNING}\n").refusal(request, NOW + timedelta(minutes=1)) == ""
    with pytest.raises(Permanent, match="store the Slack app's signing secret in it"):
        SlackSignatures("arn", lambda arn: " ").refusal(request, NOW)
