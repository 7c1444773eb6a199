"""The reply to the person who clicked, over real connections to a server on this machine."""

import pytest

from cronmend.adapters.slack_replies import SlackReplies
from cronmend.errors import Permanent, Retryable
from tests.adapters.slack_api import SlackApi


def test_only_the_person_sees_the_reply_and_the_message_stays(slack_api: SlackApi) -> None:
    SlackReplies("arn", slack_api.secret).send(f"{slack_api.url}/actions/1", "x <!channel> & *y*")
    ((path, body),) = slack_api.calls
    assert path == "/actions/1"
    assert body == {"text": "x &lt;!channel&gt; &amp; *y*", "response_type": "ephemeral", "replace_original": False}


def test_a_reply_is_bounded(slack_api: SlackApi) -> None:
    SlackReplies("arn", slack_api.secret).send(f"{slack_api.url}/actions/1", "<" * 10_000)
    assert len(slack_api.calls[0][1]["text"]) <= 3_000


@pytest.mark.parametrize(("status", "kind"), [(404, Permanent), (500, Retryable), (429, Retryable)])
def test_a_refused_reply_is_an_error(slack_api: SlackApi, status: int, kind: type[Permanent | Retryable]) -> None:
    slack_api.answers = [(status, "used_url")]
    with pytest.raises(kind, match="used_url"):
        SlackReplies("arn", slack_api.secret).send(f"{slack_api.url}/actions/1", "text")


@pytest.mark.parametrize("address", ["https://example.com/x", "http://127.0.0.1:9001/x", "http://localhost/x", ""])
def test_no_reply_goes_to_another_address(slack_api: SlackApi, address: str) -> None:
    replies = SlackReplies("arn", slack_api.secret)
    assert not replies.accepts(address)
    with pytest.raises(Permanent):
        replies.send(address, "text")


def test_a_reply_goes_to_this_machine_only_if_the_secret_has_its_address(slack_api: SlackApi) -> None:
    assert SlackReplies("arn", slack_api.secret).accepts(f"{slack_api.url}/x")
    real = SlackReplies("arn", lambda arn: '{"token": "xoxb-made-up"}')
    assert not real.accepts(f"{slack_api.url}/x")
    assert real.accepts("https://hooks.slack.com/actions/x")
