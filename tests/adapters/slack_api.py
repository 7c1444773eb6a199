"""Slack's Web API on this machine: a real server that answers what a test sets."""

import json
from typing import Any
from urllib.parse import parse_qs

from local.web import LoopbackServer, Request, Response


class SlackApi:
    """``usergroups.users.list`` by ``groups``, or the next of ``answers``; keeps the requests."""

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {}
        self.answers: list[tuple[int, str]] = []
        self.calls: list[tuple[str, Any]] = []
        self.server = LoopbackServer(self._handle)
        self.url = self.server.url

    def _handle(self, request: Request) -> Response:
        status, body = self.answer(request.path, request.body.decode())
        return Response(status, body.encode(), {"Content-Type": "application/json"})

    def answer(self, path: str, raw: str) -> tuple[int, str]:
        if "usergroups" not in path:
            self.calls.append((path, json.loads(raw)))
            return self.answers.pop(0) if self.answers else (200, "ok")
        group = parse_qs(raw)["usergroup"][0]
        self.calls.append((path, group))
        if self.answers:
            return self.answers.pop(0)
        if group not in self.groups:
            return 200, '{"ok": false, "error": "no_such_subteam"}'
        return 200, json.dumps({"ok": True, "users": self.groups[group]})

    def secret(self, arn: str) -> str:
        return json.dumps({"token": "xoxb-made-up", "channel": "C1", "api": f"{self.url}/api/"})
