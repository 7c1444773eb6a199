"""The account of :mod:`cli.bench.canned_aws` behind HTTP, for functions in another process."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from cli.bench.canned_account import Account
from cli.bench.canned_answers import answer
from local.aws import LOOPBACK

_OF_ONE_SCHEDULE: Final = {
    "GET": "GetSchedule",
    "POST": "CreateSchedule",
    "PUT": "UpdateSchedule",
    "DELETE": "DeleteSchedule",
}


@contextmanager
def on_loopback(account: Account) -> Iterator[str]:
    """The URL of the account."""

    class OfAccount(_Handler):
        answers_of = account

    with ThreadingHTTPServer((LOOPBACK, 0), OfAccount) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{LOOPBACK}:{server.server_address[1]}"
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    answers_of: Account
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        found = answer(self.answers_of, *self._asked(json.loads(body or b"{}")))
        error = found.get("Error")
        said = {"__type": error["Code"], "message": error["Message"]} if error else found
        text = json.dumps(said, default=datetime.timestamp).encode()
        self.send_response(400 if error else 200)
        self.send_header("Content-Length", str(len(text)))
        if error:
            self.send_header("x-amzn-ErrorType", error["Code"])
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815 # the base class's names

    def _asked(self, body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """The operation and its parameters. EventBridge Scheduler alone names them by the path."""
        if target := self.headers.get("X-Amz-Target"):
            return target.rpartition(".")[2], body
        url = urlsplit(self.path)
        asked = {**body, **dict(parse_qsl(url.query))}
        name = url.path.removeprefix("/schedules").strip("/")
        return (_OF_ONE_SCHEDULE[self.command], {**asked, "Name": name}) if name else ("ListSchedules", asked)

    def log_message(self, *_: object) -> None:
        """Of each request, on stderr: not here."""
