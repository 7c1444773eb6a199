"""Reports to Slack, over a real connection to a server on this machine."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from cronmend.adapters.slack import SlackChannel
from cronmend.errors import Permanent, Retryable
from tests.test_render import REPORT


class Receiver:
    """Answers each post with the next of ``answers`` and keeps what came."""

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
def receiver() -> Iterator[Receiver]:
    started = Receiver()
    thread = threading.Thread(target=started.server.serve_forever, daemon=True)
    thread.start()
    yield started
    started.server.shutdown()
    started.server.server_close()
    thread.join(5)


def channel(url: str) -> SlackChannel:
    return SlackChannel("secret", secrets=lambda name: url, timeout=2)


def test_a_report_arrives_with_text_and_blocks(receiver: Receiver) -> None:
    channel(receiver.url).send(REPORT)
    (post,) = receiver.posts
    assert REPORT.headline in post["text"]
    assert post["blocks"][0]["type"] == "header"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, "no_team", Permanent),
        (403, "invalid_token", Permanent),
        (400, "invalid_blocks", Permanent),
        (429, "rate_limited", Retryable),
        (503, "upstream", Retryable),
    ],
)
def test_a_refusal_says_whether_to_come_again(
    receiver: Receiver, status: int, body: str, kind: type[Permanent | Retryable]
) -> None:
    receiver.answers = [(status, body)]
    with pytest.raises(kind, match=body):
        channel(receiver.url).send(REPORT)


def test_no_answer_may_come_later_and_names_no_secret(receiver: Receiver) -> None:
    with pytest.raises(Retryable) as caught:
        channel("http://127.0.0.1:1/services/T/B/secret").send(REPORT)
    assert "secret" not in str(caught.value)
