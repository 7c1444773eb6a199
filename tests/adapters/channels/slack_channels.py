"""Channels to Slack whose secret leads to a server on this machine."""

import json
from typing import Any

from cronmend.adapters.channels.slack import SlackChannel
from local.slack import BOT_TOKEN, SlackReceiver
from local.web import LoopbackServer, Request, Response


class Receiver:
    """Answers each post with the next of ``answers`` and keeps the requests."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []
        self.posts: list[dict[str, Any]] = []
        self.server = LoopbackServer(self._handle)
        self.url = f"{self.server.url}/services/T/B/x"

    def _handle(self, request: Request) -> Response:
        self.posts.append(json.loads(request.body))
        status, body = self.answers.pop(0) if self.answers else (200, "ok")
        return Response(status, body.encode())


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
