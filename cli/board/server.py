"""The board on this machine's loopback. It refreshes itself; nothing it serves changes anything."""

import webbrowser
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from cli.board.app import one_job
from cli.board.page import page_of
from cli.board.reader import BoardReader
from cli.console import out
from cli.on_call.options import reported
from cli.on_call.stack import CommandError, command_errors
from cronmend.board.build import Query, build
from cronmend.board.html.markup import Content, Html, tag
from local.aws import LOOPBACK
from local.web import LoopbackServer, Request, Response

REFRESH: Final = 30
"""Seconds."""
_HOSTS: Final = (LOOPBACK, "localhost")
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"


class ServerLinks:
    is_live = True

    def job(self, job: str, text: Content, class_: str) -> Html:
        return tag("a", text, href=address(Query(job=job)), class_=class_)

    def board(self, query: Query, text: Content, class_: str) -> Html:
        return tag("a", text, href=address(query), class_=class_)

    def find(self, query: Query) -> Html:
        label = "Find a job or an owner"
        field = tag("input", type="search", name="find", value=query.text, placeholder=label, aria_label=label)
        state = tag("input", type="hidden", name="state", value=query.state)
        return tag("form", field, state, class_="find", action="/", method="get", role="search")

    def back(self) -> Html:
        return tag("p", self.board(Query(), "← All jobs", "soft"), style="padding-bottom:16px")

    def actions(self, job: str, incident: str) -> Html:
        """None: another site in the same browser could press a button here."""
        return Html("")


@dataclass(frozen=True)
class BoardServer:
    reader: BoardReader

    def answer(self, request: Request) -> Response:
        """Only a request to the loopback by name: another site in the same browser can't read the board."""
        parts = urlsplit(request.path)
        if request.headers.get("host", "").rsplit(":", 1)[0] not in _HOSTS:
            return _answer(403, "This server answers only requests to the loopback.")
        if request.method != "GET" or parts.path != "/":
            return _answer(404, "There is no such page.")
        try:
            with command_errors():
                return self._page(query_of(parts.query))
        except CommandError as error:
            return _answer(502, str(error))

    def _page(self, query: Query) -> Response:
        found = build(self.reader.facts(datetime.now(UTC)), query)
        records = self.reader.records(one_job(found, query.job)) if query.job else None
        page = page_of(found, records, ServerLinks(), query, REFRESH)
        return _answer(200, page, "text/html; charset=utf-8")


def query_of(text: str) -> Query:
    given = {name: values[-1] for name, values in parse_qs(text).items()}
    page = given.get("page", "1")
    number = int(page[:6]) if page.isascii() and page.isdigit() else 1
    return Query(given.get("find", ""), given.get("owner", ""), given.get("state", ""), number, given.get("job", ""))


def address(query: Query) -> str:
    page = str(query.page) if query.page > 1 else ""
    asked = {"find": query.text, "owner": query.owner, "state": query.state, "page": page, "job": query.job}
    return f"/?{urlencode({name: value for name, value in asked.items() if value})}"


def serve(reader: BoardReader, query: Query) -> None:
    """Until Ctrl+C."""
    reported(lambda: reader.stack.table)
    server = LoopbackServer(BoardServer(reader).answer, 0)
    server.start()
    try:
        url = f"{server.url}{address(query)}"
        out.print(f"The board is at {url}. Stop it with Ctrl+C.")
        webbrowser.open(url)
        Event().wait()
    except KeyboardInterrupt:
        out.print("Stopped.")
    finally:
        server.stop()


def _answer(status: int, text: str, kind: str = "text/plain; charset=utf-8") -> Response:
    headers = {"Content-Type": kind, "Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
    return Response(status, text.encode("utf-8", "replace"), headers)
