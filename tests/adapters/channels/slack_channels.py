"""Channels to Slack whose secret leads to a server on this machine."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from cronmend.adapters.channels.slack import SlackChannel
from local.slack import BOT_TOKEN, SlackReceiver


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


def channel(url: str, name: str = "slack") -> SlackChannel:
    return SlackChannel(name, "secret", secrets=lambda arn: url, timeout=2)


def bot(slack: SlackReceiver, name: str = "slack", **more: str) -> SlackChannel:
    text = json.dumps({"token": BOT_TOKEN, "channel": "C012AB3CD", "api": slack.api_url, **more})
    return channel(text, name)


def answering(receiver: Receiver, *answers: object, name: str = "slack") -> SlackChannel:
    """A bot whose Slack gives these answers."""
    receiver.answers = [(200, each if isinstance(each, str) else json.dumps(each)) for each in answers]
    secret = {"token": "xoxb-1", "channel": "C1", "api": receiver.url.partition("services")[0]}
    return channel(json.dumps(secret), name)
