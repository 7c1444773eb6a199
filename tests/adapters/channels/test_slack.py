"""Reports to Slack, over a real connection to a server on this machine."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from cronmend.adapters.channels.slack import SlackChannel
from cronmend.alerting.conversations import MessageRef
from cronmend.errors import Gone, Permanent, Retryable, Throttled
from cronmend.model.report import MessageKind
from local.slack import BOT_TOKEN, SlackReceiver
from tests.alerting.render.test_slack_message import REPORT


class Receiver:
    """Answers each post with the next of ``answers`` and keeps the requests."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []
        self.posts: list[dict[str, Any]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                status, body = receiver.answers.pop(0) if receiver.answers else (200, "ok")
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the base class's name
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/T/B/x"


@pytest.fixture
def slack() -> Iterator[SlackReceiver]:
    with SlackReceiver() as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    started = Receiver()
    thread = threading.Thread(target=started.server.serve_forever, daemon=True)
    thread.start()
    yield started
    started.server.shutdown()
    started.server.server_close()
    thread.join(5)


def channel(url: str, name: str = "slack") -> SlackChannel:
    return SlackChannel(name, "secret", secrets=lambda arn: url, timeout=2)


def test_a_report_arrives_with_text_and_blocks(receiver: Receiver) -> None:
    assert channel(receiver.url).send(REPORT) is None
    (post,) = receiver.posts
    assert REPORT.headline in post["text"]
    assert post["blocks"]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, "no_team", Permanent),
        (403, "invalid_token", Permanent),
        (400, "invalid_blocks", Permanent),
        (429, "rate_limited", Throttled),
        (503, "upstream", Retryable),
    ],
)
def test_a_refusal_shows_whether_to_retry(
    receiver: Receiver, status: int, body: str, kind: type[Permanent | Retryable]
) -> None:
    receiver.answers = [(status, body)]
    with pytest.raises(kind, match=body):
        channel(receiver.url).send(REPORT)


def test_no_answer_is_retryable_and_names_no_secret() -> None:
    with pytest.raises(Retryable) as caught:
        channel("http://127.0.0.1:1/services/T/B/secret").send(REPORT)
    assert "secret" not in str(caught.value)


def bot(slack: SlackReceiver, name: str = "slack", **more: str) -> SlackChannel:
    text = json.dumps({"token": BOT_TOKEN, "channel": "C012AB3CD", "api": slack.api_url, **more})
    return channel(text, name)


def test_a_bots_message_is_updated_and_gets_replies(slack: SlackReceiver) -> None:
    place = bot(slack).send(REPORT)
    assert place
    bot(slack).send(replace(REPORT, kind=MessageKind.PROGRESS, status="run 2 starts"), place)
    assert bot(slack).update(replace(REPORT, status="run 2 starts"), place) == place
    first, answer, newer = slack.messages()
    assert (first.channel, first.thread_ts, answer.thread_ts) == ("C012AB3CD", "", first.ts)
    assert newer.update_of == first.ts
    assert "run 2 starts" in json.dumps(newer.blocks)


def test_a_deleted_message_is_sent_again(slack: SlackReceiver) -> None:
    place = bot(slack).update(REPORT, MessageRef("C012AB3CD", "1.0"))
    (sent,) = slack.messages()
    assert place == MessageRef("C012AB3CD", sent.ts)


def test_a_route_names_another_channel_of_the_same_bot(slack: SlackReceiver) -> None:
    bot(slack, "slack:C0OTHER").send(REPORT)
    assert slack.messages()[0].channel == "C0OTHER"


def test_slack_says_when_to_retry(slack: SlackReceiver) -> None:
    slack.fail_next(1, status=429)
    with pytest.raises(Throttled) as caught:
        bot(slack).send(REPORT)
    assert caught.value.after == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("xoxb-1", "neither a webhook URL nor JSON"),
        ("{", "starts with { but isn't valid JSON"),
        ('{"channel": "C1"}', 'without a "token"'),
        ('{"token": "xoxb-1"}', 'no "channel"'),
    ],
)
def test_a_secret_of_another_form_is_named_and_not_shown(secret: str, said: str) -> None:
    with pytest.raises(Permanent, match=said) as caught:
        channel(secret).send(REPORT)
    assert "xoxb" not in str(caught.value)


def test_a_webhook_reaches_no_other_channel(receiver: Receiver) -> None:
    with pytest.raises(Permanent, match="use a bot token to reach C0OTHER"):
        channel(receiver.url, "slack:C0OTHER").send(REPORT)


def test_what_a_bot_may_not_do_is_permanent(slack: SlackReceiver) -> None:
    with pytest.raises(Permanent, match="invalid_auth"):
        bot(slack, token="xoxb-old").send(REPORT)


@pytest.mark.parametrize("word", ["is_archived", "channel_not_found", "thread_not_found"])
def test_a_reply_reports_that_its_message_or_channel_is_gone(receiver: Receiver, word: str) -> None:
    receiver.answers = [(200, json.dumps({"ok": False, "error": word}))]
    secret = json.dumps({"token": "xoxb-1", "channel": "C1", "api": receiver.url.partition("services")[0]})
    with pytest.raises(Gone, match=word):
        channel(secret).send(REPORT, MessageRef("C1", "1.0"))
