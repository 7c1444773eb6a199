"""Slack's Web API on this machine: a real server that answers what a test sets."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


class SlackApi:
    """``usergroups.users.list`` by ``groups``, or the next of ``answers``; keeps the requests."""

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {}
        self.answers: list[tuple[int, str]] = []
        self.calls: list[tuple[str, Any]] = []
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, body = slack.answer(self.path, raw)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the base class's name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

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
